"""JSON as a gate reads it: UTF-8, each name once, nothing after the end, and no deeper than the interpreter's stack."""

import json
from typing import Any

__all__ = ["read_json"]


def read_json(raw: bytes) -> Any:
    """The document; ValueError says what is wrong. `NaN` and `Infinity` are numbers, as the writers of models have them."""
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_each_once)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
