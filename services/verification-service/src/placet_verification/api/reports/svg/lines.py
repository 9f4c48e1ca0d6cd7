"""Lines over an axis: curves of several models, and the spread around a mean."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from placet_verification.api.reports.svg.marks import GRID, LEGEND_LINE, QUIET, WIDTH, Axis, Stroke, document, legend, short, stroke, text

__all__ = ["Series", "frame", "lines"]

HEIGHT = 260
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 24, 44
REFERENCE = Stroke(QUIET, "5 4")

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Series:
    """One line through its points, in their order; `dashed` is what the others are held against, `low` and `high` are around it."""

    name: str
    points: Points
    dashed: bool = False
    low: Points = ()
    high: Points = ()


def lines(title: str, x: Axis, y: Axis, series: Sequence[Series], faint: Sequence[Points] = ()) -> str:
    """A line for each series, with a legend; `faint` are single ones behind them, without names."""
    strokes = [REFERENCE if one.dashed else stroke(number) for number, one in enumerate(series)]
    parts = [*frame(x, y)]
    parts += [f'<polyline fill="none" stroke="{GRID}" stroke-width="1" points="{_places(one, x, y)}"/>' for one in faint]
    for one, by in zip(series, strokes, strict=True):
        if one.low and one.high:
            parts.append(f'<polygon fill="{by.colour}" fill-opacity="0.18" points="{_places([*one.low, *reversed(one.high)], x, y)}"/>')
        parts.append(f'<polyline fill="none" {by.attributes(2)} points="{_places(one.points, x, y)}"/>')
        if len(one.points) == 1 and not one.dashed:
            parts.append(f'<circle cx="{_x(x.share(one.points[0][0]))}" cy="{_y(y.share(one.points[0][1]))}" r="3" fill="{by.colour}"/>')
    named = [(one.name, by) for one, by in zip(series, strokes, strict=True)]
    parts += legend(named, HEIGHT + 12, LEFT)
    said = f"{short(y.label, 60)} by {short(x.label, 60)}: {', '.join(short(one.name, 40) for one in series)}"
    return document(title, said, parts, HEIGHT + 8 + LEGEND_LINE * ((len(series) + 1) // 2))


def frame(x: Axis, y: Axis) -> Iterator[str]:
    """Both axes with five ticks each."""
    for step in range(5):
        share = step / 4
        yield f'<path d="M{LEFT} {_y(share)}H{WIDTH - RIGHT}M{_x(share)} {TOP}V{HEIGHT - BOTTOM}" stroke="{GRID}"/>'
        yield text(LEFT - 6, _y(share) + 4, y.at(share), anchor="end")
        yield text(_x(share), HEIGHT - BOTTOM + 16, x.at(share), anchor="middle" if step < 4 else "end")
    yield text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, short(x.label, 60), anchor="middle")
    yield text(4, 12, short(y.label, 60))


def _places(points: Points, x: Axis, y: Axis) -> str:
    return " ".join(f"{_x(x.share(a))},{_y(y.share(b))}" for a, b in points if isfinite(a) and isfinite(b))


def _x(share: float) -> float:
    return round(LEFT + share * (WIDTH - RIGHT - LEFT), 1)


def _y(share: float) -> float:
    return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 1)
