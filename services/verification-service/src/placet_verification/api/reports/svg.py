"""Draws charts as SVG: presentation attributes and classes only, so that a strict content policy shows them, and byte for byte the same.

Coordinates are rounded to a tenth. Every chart has a title and a description for screen readers; the page puts a table beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite

__all__ = ["Axis", "Bar", "Series", "bars", "lines", "matrix"]

WIDTH, HEIGHT = 420, 260
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 24, 44
COLOURS = ("#1f5fa8", "#b4560a", "#3d7a3d", "#7a3d78")
GRID, TEXT = "#d9d9d9", "#333333"


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis measures, from where to where."""

    label: str
    low: float = 0.0
    high: float = 1.0

    def share(self, value: float) -> float:
        """0 at the low end, 1 at the high end; beyond them the end."""
        span = self.high - self.low
        return min(1.0, max(0.0, (value - self.low) / span)) if span > 0 else 0.5


@dataclass(frozen=True, slots=True)
class Series:
    """One line through its points, in their order."""

    name: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One value with its interval, if it has one; `value` is None for what could not be measured."""

    name: str
    value: float | None
    ci: tuple[float, float] | None = None


def lines(title: str, x: Axis, y: Axis, series: Sequence[Series]) -> str:
    """A line for each series, with a legend."""
    parts = [*_frame(x, y)]
    for number, one in enumerate(series):
        points = " ".join(f"{_x(x.share(a))},{_y(y.share(b))}" for a, b in one.points if isfinite(a) and isfinite(b))
        dash = ' stroke-dasharray="5 4"' if one.dashed else ""
        colour = COLOURS[number % len(COLOURS)]
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2"{dash} points="{points}"/>')
        parts.append(_text(WIDTH - RIGHT - 6, HEIGHT - BOTTOM - 8 - 15 * number, one.name, anchor="end", colour=colour))
    return _svg(title, f"{y.label} by {x.label}: {', '.join(one.name for one in series)}", parts)


def bars(title: str, values: Axis, found: Sequence[Bar], marks: Sequence[tuple[str, float]] = ()) -> str:
    """A horizontal bar for each, with its interval; `marks` are named lines across all of them, such as a threshold."""
    height = TOP + BOTTOM + 22 * max(len(found), 1)
    left, wide = 150, WIDTH - 150 - RIGHT - 46
    parts = []
    for row, bar in enumerate(found):
        top = TOP + 22 * row
        parts.append(_text(left - 6, top + 12, _short(bar.name), anchor="end"))
        if bar.value is None:
            parts.append(_text(left + 4, top + 12, "not measured", colour="#777777"))
            continue
        begin, end = sorted((left + wide * values.share(min(max(0.0, values.low), values.high)), left + wide * values.share(bar.value)))
        parts.append(f'<rect x="{begin:.1f}" y="{top + 2}" width="{max(end - begin, 0.5):.1f}" height="14" fill="{COLOURS[0]}"/>')
        if bar.ci:
            low, high = (left + wide * values.share(edge) for edge in bar.ci)
            parts.append(f'<path d="M{low:.1f} {top + 9}H{high:.1f}M{low:.1f} {top + 5}v8M{high:.1f} {top + 5}v8" stroke="{TEXT}"/>')
        parts.append(_text(WIDTH - RIGHT, top + 12, f"{bar.value:.4g}", anchor="end"))
    for name, mark in marks:
        place = left + wide * values.share(mark)
        parts.append(f'<path d="M{place:.1f} {TOP}V{height - BOTTOM + 4}" stroke="{COLOURS[1]}" stroke-dasharray="5 4"/>')
        parts.append(_text(place, height - BOTTOM + 17, f"{name} {mark:.4g}", anchor="middle", colour=COLOURS[1]))
    parts.append(_text(left + wide / 2, height - 8, values.label, anchor="middle"))
    return _svg(title, f"{values.label}, one bar for each of {len(found)}", parts, height)


def matrix(title: str, rows: str, columns: str, names: Sequence[str], counts: Sequence[Sequence[float]]) -> str:
    """Counts in cells, darker for more; `rows` and `columns` say what they stand for."""
    size = min(44, 240 // max(len(names), 1))
    most = max((count for row in counts for count in row), default=0) or 1
    left, top, height = 130, 40, 40 + size * len(names) + 30
    parts = [_text(left + size * len(names) / 2, 14, columns, anchor="middle"), _text(8, top - 8, rows)]
    for row, (name, line) in enumerate(zip(names, counts, strict=True)):
        parts.append(_text(left - 6, top + size * row + size / 2 + 4, _short(name), anchor="end"))
        parts.append(_text(left + size * row + size / 2, top - 6, _short(name, 8), anchor="middle"))
        for column, count in enumerate(line):
            share = count / most
            cell = f'x="{left + size * column}" y="{top + size * row}" width="{size}" height="{size}"'
            parts.append(f'<rect {cell} fill="{COLOURS[0]}" fill-opacity="{0.08 + 0.82 * share:.2f}" stroke="#ffffff"/>')
            colour = "#ffffff" if share > 0.55 else TEXT
            place = (left + size * column + size / 2, top + size * row + size / 2 + 4)
            parts.append(_text(*place, f"{count:g}", anchor="middle", colour=colour))
    return _svg(title, f"{rows} by {columns}", parts, height)


def _frame(x: Axis, y: Axis) -> Iterator[str]:
    for step in range(5):
        share = step / 4
        yield f'<path d="M{LEFT} {_y(share)}H{WIDTH - RIGHT}M{_x(share)} {TOP}V{HEIGHT - BOTTOM}" stroke="{GRID}"/>'
        yield _text(LEFT - 6, _y(share) + 4, f"{y.low + share * (y.high - y.low):.3g}", anchor="end")
        yield _text(_x(share), HEIGHT - BOTTOM + 16, f"{x.low + share * (x.high - x.low):.3g}", anchor="middle")
    yield _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x.label, anchor="middle")
    yield _text(4, 12, y.label)


def _x(share: float) -> float:
    return round(LEFT + share * (WIDTH - RIGHT - LEFT), 1)


def _y(share: float) -> float:
    return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 1)


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = TEXT) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="11" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'


def _short(text: str, longest: int = 22) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _svg(title: str, description: str, parts: Sequence[str], height: float = HEIGHT) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img" font-family="sans-serif">'
    return f"{head}<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(parts)}</svg>"
