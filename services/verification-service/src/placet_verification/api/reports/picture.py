"""What a report shows of something that was measured: drawn, in a sentence, and as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Picture", "Record", "interval", "named", "number"]

Record = Mapping[str, Any]
"""As it stands in a result."""

LONGEST = 60
NOTHING = 1e-12
"""What is left of a zero when processors round."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`svg` is drawn; `sentence` says what it shows, `headings` and `rows` are the same for those who do not see it."""

    title: str
    sentence: str
    svg: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def number(value: float | None) -> str:
    """As the report writes it: four digits, counts in full."""
    if value is None:
        return ""
    if abs(value) < NOTHING:
        return "0"
    return f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:.4g}"


def interval(ci: Sequence[float] | None) -> str:
    """From where to where, or nothing."""
    return f"{number(ci[0])} to {number(ci[1])}" if ci else ""


def named(name: object) -> str:
    """A name as a sentence has room for: those of groups come from data, where a value may have any length."""
    text = str(name)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
