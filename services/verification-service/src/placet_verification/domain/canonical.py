"""Canonical JSON (RFC 8785): the one sequence of bytes that stands for a value, so that its SHA-256 means the value."""

import hashlib
import json
from collections.abc import Iterator
from math import isfinite
from typing import Any

__all__ = ["canonical", "digest"]

_EXACT = 2**53
"""Beyond it neighbouring integers are one and the same ECMAScript number."""


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of plain JSON; ValueError for what has none: NaN, infinities, integers beyond 2**53, lone surrogates."""
    return "".join(_parts(value)).encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _parts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        # section 3.2.3: keys sorted by UTF-16 code units
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        yield "{"
        for place, key in enumerate(keys):
            yield f"{',' if place else ''}{_text(key)}:"
            yield from _parts(value[key])
        yield "}"
    elif isinstance(value, list | tuple):
        yield "["
        for place, item in enumerate(value):
            yield "," if place else ""
            yield from _parts(item)
        yield "]"
    else:
        yield _scalar(value)


def _scalar(value: Any) -> str:
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int) and abs(value) <= _EXACT:
        return str(value)
    if isinstance(value, float) and isfinite(value):
        return _number(value)
    raise ValueError(f"{value!r} has no canonical JSON")


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _number(value: float) -> str:
    """ECMAScript's Number::toString: Python's repr has the same digits, placed otherwise."""
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if 0 < point <= 21:
        body = digits.ljust(point, "0")
        return sign + (body if len(digits) <= point else f"{digits[:point]}.{digits[point:]}")
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{point - 1:+d}"
