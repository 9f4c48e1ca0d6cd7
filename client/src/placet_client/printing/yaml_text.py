"""A JSON document as YAML that a reader of YAML 1.1 or 1.2 takes for the same document, and that is harmless on a terminal.

The client has no library for YAML, and writes only what JSON can hold: every string that could be something else is quoted.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

__all__ = ["as_yaml"]

SAFE = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_./ -]*[A-Za-z0-9_./-])?")
# What YAML 1.1 reads as a boolean or nothing.
TAKEN = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
LONGEST_KEY = 1000
"""A key before a colon has at most 1024 characters (YAML 1.2.2, section 7.4.2)."""


def as_yaml(document: Any) -> str:
    """With a line for each member and item."""
    return "\n".join(_lines(document))


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _member(_text(name), member)
    elif isinstance(value, list | tuple) and value:
        for item in value:
            first, *others = _lines(item)
            yield f"- {first}"
            yield from (f"  {line}" for line in others)
    else:
        yield _scalar(value)


def _member(name: str, value: Any) -> Iterator[str]:
    if len(name) > LONGEST_KEY:
        yield f"? {name}"
        name = ""
    if isinstance(value, dict | list | tuple) and value:
        yield f"{name}:"
        yield from (f"  {line}" for line in _lines(value))
    else:
        yield f"{name}: {_scalar(value)}"


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    text = json.dumps(value)
    if isinstance(value, float) and "e" in text and "." not in text:
        return text.replace("e", ".0e")  # without a point YAML 1.1 reads a word
    return text


def _text(text: str) -> str:
    if SAFE.fullmatch(text) and text.lower() not in TAKEN:
        return text
    return "".join(one if one.isprintable() else _escape(one) for one in json.dumps(text, ensure_ascii=False))


def _escape(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) <= 0xFFFF else f"\\U{ord(character):08x}"
