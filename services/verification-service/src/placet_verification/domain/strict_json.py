"""JSON (RFC 8259) that others wrote, read strictly: UTF-8, each key once, bounded nesting, finite numbers, whole characters.

Two readers of the same bytes can't find different values in them.
"""

import json
import re
from collections.abc import Sequence
from math import isfinite
from typing import Any, NoReturn

__all__ = ["read_json"]

# Texts are passed over whole, without backtracking: one pass over any input.
_BRACKET_OR_TEXT = re.compile(r'[\[{]|[\]}]|"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)


def read_json(raw: bytes, depth: int) -> Any:
    """The value; ValueError says what is wrong with the bytes. `depth` is how many arrays and objects may lie in one another."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError("JSON in UTF-8") from error
    _refuse_nesting(text, depth)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise ValueError(f"JSON ({error.msg} in line {error.lineno})") from error
    _refuse_half_characters(value)
    return value


def _refuse_nesting(text: str, depth: int) -> None:
    open_now = 0
    for token in _BRACKET_OR_TEXT.findall(text):
        open_now += (token in "[{") - (token in "]}")
        if open_now > depth:
            raise ValueError(f"at most {depth} levels of nesting")


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"each key once; {key[:60]!a} stands there twice")
        found[key] = value
    return found


def _finite(text: str) -> float:
    value = float(text)
    return value if isfinite(value) else _no_number(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"finite numbers; {text[:20]} is none")


def _refuse_half_characters(value: Any) -> None:
    """An escape can name one half of a surrogate pair, which has no UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError("whole Unicode characters, no lone surrogates") from error
