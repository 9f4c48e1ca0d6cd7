"""Values as words: what services send is shown, never obeyed."""

from collections.abc import Mapping
from typing import Any

__all__ = ["listed", "plain", "short", "when"]

ALLOWED_CONTROLS = "\n\t"


def plain(value: Any) -> str:
    """Text without control characters: somebody's comment must not steer somebody else's terminal."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else str(value)
    return "".join(character if character.isprintable() or character in ALLOWED_CONTROLS else "�" for character in text)


def listed(values: Any) -> str:
    """`a, b` for a list, `a=1, b=2` for an object."""
    if isinstance(values, Mapping):
        return ", ".join(f"{plain(name)}={plain(value)}" for name, value in values.items())
    return ", ".join(plain(value) for value in values or ())


def short(digest: str | None) -> str:
    """A digest as people compare it."""
    return plain(digest)[:12]


def when(time: str | None) -> str:
    """`2026-11-23 14:05:09` in UTC."""
    return plain(time)[:19].replace("T", " ")
