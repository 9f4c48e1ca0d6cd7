"""Values as text: control characters in what services send never reach the terminal."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

__all__ = ["escaped_json", "listed", "plain", "short", "when"]

ALLOWED_CONTROLS = "\n\t"


def plain(value: Any) -> str:
    """Text without control characters: a comment must not steer its reader's terminal."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else str(value)
    return "".join(character if character.isprintable() or character in ALLOWED_CONTROLS else "�" for character in text)


def escaped_json(document: Any) -> str:
    """The same document for a program, and harmless on a terminal: control, formatting and bidirectional characters are `\\u…` escapes."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    # What is left of control characters after `dumps` are the line ends between members.
    return "".join(character if character.isprintable() or character == "\n" else _escape(character) for character in text)


def _escape(character: str) -> str:
    """As JSON writes it (RFC 8259, section 7): beyond the basic plane two surrogates."""
    units = character.encode("utf-16-be", errors="surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def listed(values: Any) -> str:
    """`a, b` for a list, `a=1, b=2` for an object."""
    if isinstance(values, Mapping):
        return ", ".join(f"{plain(name)}={plain(value)}" for name, value in values.items())
    return ", ".join(plain(value) for value in values or ())


def short(digest: str | None) -> str:
    """A digest as people compare it."""
    return plain(digest)[:12]


def when(time: str | datetime | None) -> str:
    """`2026-11-23 14:05:09` in UTC."""
    text = time.astimezone(UTC).isoformat() if isinstance(time, datetime) else plain(time)
    return text[:19].replace("T", " ")
