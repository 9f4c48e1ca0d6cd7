"""Strict reading of the YAML that `placet.yaml` is written in: each line is `name: text`, `name: [a, b]` or `name: {a: b}`.

The client needs no YAML library for it. What is accepted means the same to every reader of YAML 1.2; all else is refused with its line. A
text that YAML would read as a number, true or null has to stand in quotes, and so has one with characters that mean something to YAML.
"""

import json
import re
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["SIZE_LIMIT", "Entry", "NotUnderstood", "Value", "entries", "written"]

SIZE_LIMIT = 64 * 1024
ALLOWED = 'in one line `name: text`, `name: [a, b]` or `name: {a: b}`; a text with other characters than letters, digits and _./@+=- in "…"'

# Control characters and Unicode's line ends are in no text, and half a surrogate pair is no character.
QUOTED = r'"(?:[^"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]|\\["\\/bfnrt]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})*"'
PLAIN = r"[A-Za-z0-9_./](?:[A-Za-z0-9_./@+= -]*[A-Za-z0-9_./@+=-])?"
TEXT = f"(?:{QUOTED}|{PLAIN})"
NAME = "[A-Za-z_][A-Za-z0-9_-]*"
PAIR = f"{NAME}: +{TEXT}"
LINE = re.compile(
    rf"(?P<name>{NAME}): +(?:(?P<text>{TEXT})|\[ *(?P<list>{TEXT}(?: *, *{TEXT})*)? *\]|\{{ *(?P<map>{PAIR}(?: *, *{PAIR})*)? *\}})"
    r"(?: +#.*)?"
)
EACH_TEXT = re.compile(TEXT)
EACH_PAIR = re.compile(f"({NAME}): +({TEXT})")
NUMBER = r"[-+]?(?:0x[0-9a-f]+|0o[0-7]+|[0-9]+|(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?|\.inf)|\.nan"
NO_TEXT = re.compile(f"null|true|false|{NUMBER}", re.IGNORECASE)

Value: TypeAlias = str | list[str] | dict[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A value, and the line that it stands in, from 1."""

    line: int
    value: Value


class NotUnderstood(Exception):
    """A line that is not in this form; `str()` says what is allowed there."""

    def __init__(self, line: int, allowed: str) -> None:
        super().__init__(allowed)
        self.line = line


def entries(text: str) -> dict[str, Entry]:
    """Each by its name; raises `NotUnderstood`."""
    if len(text) > SIZE_LIMIT:
        raise NotUnderstood(1, f"at most {SIZE_LIMIT // 1024} KiB")
    found: dict[str, Entry] = {}
    for number, line in enumerate(re.split("\r\n|\n", text), 1):
        stripped = line.strip(" ")
        if not stripped or stripped.startswith("#"):
            continue
        one = LINE.fullmatch(line.rstrip(" "))
        if one is None:
            raise NotUnderstood(number, ALLOWED)
        if one["name"] in found:
            raise NotUnderstood(number, f"each name once; `{one['name']}` stands in line {found[one['name']].line}")
        found[one["name"]] = Entry(number, _value(one, number))
    return found


def written(value: Value) -> str:
    """The value as `entries` reads it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {written(text)}" for name, text in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    is_plain = re.fullmatch(PLAIN, value) and not NO_TEXT.fullmatch(value)
    return value if is_plain else json.dumps(value, ensure_ascii=False)


def _value(one: re.Match[str], line: int) -> Value:
    if one["text"] is not None:
        return _text(one["text"], line)
    if one["map"] is not None:
        pairs = [(name, _text(text, line)) for name, text in EACH_PAIR.findall(one["map"])]
        if len({name for name, _ in pairs}) < len(pairs) or any(NO_TEXT.fullmatch(name) for name, _ in pairs):
            raise NotUnderstood(line, "each name once, and none of true, false and null")
        return dict(pairs)
    if one["list"] is not None:
        return [_text(text, line) for text in EACH_TEXT.findall(one["list"])]
    return {} if "{" in one[0].partition("#")[0] else []


def _text(said: str, line: int) -> str:
    if said.startswith('"'):
        text: str = json.loads(said)
        return text
    if NO_TEXT.fullmatch(said):
        raise NotUnderstood(line, f'a text; in quotes, if it is meant as one: "{said}"')
    return said
