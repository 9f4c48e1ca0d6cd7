"""What all charts are made of: axes, texts, strokes, legends and the frame around them.

Coordinates are rounded to a tenth. Colours are told apart by people who see red and green alike (Okabe & Ito 2008), and no meaning hangs
on colour alone: lines have dashes of their own, and texts are dark. Every chart has a title and a description for screen readers; the
page puts a table beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite

__all__ = [
    "COLOURS",
    "GRID",
    "LEGEND_LINE",
    "NOT_XML",
    "QUIET",
    "TEXT",
    "WIDTH",
    "Axis",
    "Stroke",
    "document",
    "legend",
    "short",
    "stroke",
    "text",
]

WIDTH = 420
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#aa4499")
DASHES = ("", "7 3", "2 2", "9 3 2 3", "4 5")
GRID, TEXT, QUIET = "#d9d9d9", "#333333", "#767676"
LEGEND_LINE = 16
NOT_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "�")
"""A table for `str.translate` of what XML 1.0 can't hold (section 2.2), surrogates included."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis measures, from where to where."""

    label: str
    low: float = 0.0
    high: float = 1.0

    def share(self, value: float) -> float:
        """0 at the low end, 1 at the high end; beyond them the end, and the middle for what is no number."""
        span = self.high - self.low
        return min(1.0, max(0.0, (value - self.low) / span)) if span > 0 and isfinite(value) else 0.5

    def at(self, share: float) -> str:
        """The value there, as its tick says it."""
        return f"{self.low + share * (self.high - self.low):.3g}"


@dataclass(frozen=True, slots=True)
class Stroke:
    """The colour of a line and its dashes."""

    colour: str
    dash: str = ""

    def attributes(self, width: float) -> str:
        """As an element has them."""
        dash = f' stroke-dasharray="{self.dash}"' if self.dash else ""
        return f'stroke="{self.colour}" stroke-width="{width:g}"{dash}'


def stroke(number: int) -> Stroke:
    """Of the line with this number: neighbours differ in colour and in dashes, twenty lines in one of both."""
    return Stroke(COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)])


def short(name: str, longest: int = 22) -> str:
    """A name as a chart has room for."""
    return name if len(name) <= longest else name[: longest - 1] + "…"


def text(x: float, y: float, words: str, *, anchor: str = "start", colour: str = TEXT) -> str:
    """One line of words at a place."""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="11" text-anchor="{anchor}" fill="{colour}">{_clean(words)}</text>'


def legend(named: Sequence[tuple[str, Stroke]], top: float, left: float) -> Iterator[str]:
    """A stroke and its name, two a line."""
    wide = (WIDTH - left) / 2
    for number, (name, one) in enumerate(named):
        x, y = left + wide * (number % 2), top + LEGEND_LINE * (number // 2)
        yield f'<path d="M{x:.1f} {y - 4:.1f}h26" {one.attributes(2.5)}/>'
        yield text(x + 32, y, short(name, 24))


def document(title: str, description: str, parts: Sequence[str], height: float) -> str:
    """The chart as a whole."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img" font-family="sans-serif">'
    return f"{head}<title>{_clean(short(title, 100))}</title><desc>{_clean(short(description, 300))}</desc>{''.join(parts)}</svg>"


def _clean(words: str) -> str:
    return escape(words.translate(NOT_XML))
