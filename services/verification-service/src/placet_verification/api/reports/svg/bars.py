"""Horizontal bars: values with their intervals, and pairs of values beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from placet_verification.api.reports.svg.marks import COLOURS, GRID, TEXT, WIDTH, Axis, Stroke, document, legend, short, text

__all__ = ["Bar", "Pair", "bars", "pairs"]

TOP, BOTTOM, STEP = 10, 44, 22
LEFT, RIGHT = 150, 58
WIDE = WIDTH - LEFT - RIGHT
SECOND = "#e69f00"
"""Of the second bar of a pair: lighter than the first one in grey too."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One value with its interval, if it has one; `value` is None for what could not be measured."""

    name: str
    value: float | None
    ci: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two values of one name, such as then and now."""

    name: str
    first: float
    second: float


def bars(title: str, values: Axis, found: Sequence[Bar], marks: Sequence[tuple[str, float]] = ()) -> str:
    """A bar for each, from zero on, with its interval; `marks` are named lines across all of them, such as a threshold."""
    height = TOP + BOTTOM + STEP * max(len(found), 1)
    parts = [_zero(values, height)]
    for row, bar in enumerate(found):
        top = TOP + STEP * row
        parts.append(text(LEFT - 6, top + 13, short(bar.name), anchor="end"))
        if bar.value is None or not isfinite(bar.value):
            parts.append(text(LEFT + 4, top + 13, "not measured"))
            continue
        parts.append(_bar(values, bar.value, top + 2, 14, COLOURS[0]))
        if bar.ci and all(isfinite(edge) for edge in bar.ci):
            low, high = (_place(values, edge) for edge in bar.ci)
            parts.append(f'<path d="M{low:.1f} {top + 9}H{high:.1f}M{low:.1f} {top + 5}v8M{high:.1f} {top + 5}v8" stroke="{TEXT}"/>')
        parts.append(text(WIDTH - 4, top + 13, f"{bar.value:.4g}", anchor="end"))
    for name, mark in marks:
        place = _place(values, mark)
        parts.append(f'<path d="M{place:.1f} {TOP}V{height - BOTTOM + 4}" {Stroke(COLOURS[1], "5 4").attributes(1.5)}/>')
        side = "start" if place < LEFT + 60 else "end" if place > LEFT + WIDE - 60 else "middle"
        parts.append(text(place, height - BOTTOM + 17, f"{short(name, 30)} {mark:.4g}", anchor=side))
    parts.append(text(LEFT + WIDE / 2, height - 8, short(values.label, 50), anchor="middle"))
    return document(title, f"{short(values.label, 60)}, one bar for each of {len(found)}", parts, height)


def pairs(title: str, values: Axis, names: tuple[str, str], found: Sequence[Pair]) -> str:
    """Two thin bars for each, with a legend that names them."""
    height = TOP + BOTTOM + STEP * max(len(found), 1) + 6
    parts = [_zero(values, height - 6)]
    for row, pair in enumerate(found):
        top = TOP + STEP * row
        parts.append(text(LEFT - 6, top + 14, short(pair.name), anchor="end"))
        for number, (value, colour) in enumerate(((pair.first, COLOURS[0]), (pair.second, SECOND))):
            if isfinite(value):
                parts.append(_bar(values, value, top + 2 + 9 * number, 8, colour))
        parts.append(text(WIDTH - 4, top + 14, f"{pair.second - pair.first:+.3g}", anchor="end"))
    parts.append(text(LEFT + WIDE / 2, height - 28, short(values.label, 50), anchor="middle"))
    parts += legend([(name, Stroke(colour)) for name, colour in zip(names, (COLOURS[0], SECOND), strict=True)], height - 8, 60)
    return document(title, f"{short(values.label, 60)}: {' and '.join(names)}, two bars for each of {len(found)}", parts, height)


def _bar(values: Axis, value: float, top: float, thick: float, colour: str) -> str:
    begin, end = sorted((_place(values, _origin(values)), _place(values, value)))
    return f'<rect x="{begin:.1f}" y="{top:g}" width="{max(end - begin, 0.5):.1f}" height="{thick:g}" fill="{colour}"/>'


def _zero(values: Axis, height: float) -> str:
    place = _place(values, _origin(values))
    return f'<path d="M{place:.1f} {TOP - 4}V{height - BOTTOM + 4}" stroke="{GRID}"/>'


def _origin(values: Axis) -> float:
    """Zero, or the end of the axis that is nearest to it."""
    return min(max(0.0, values.low), values.high)


def _place(values: Axis, value: float) -> float:
    return LEFT + WIDE * values.share(value)
