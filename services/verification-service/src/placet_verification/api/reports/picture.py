"""A picture of a report: drawn, said in one sentence, and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Picture", "number"]


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
    return f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:.4g}"
