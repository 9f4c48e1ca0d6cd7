"""Counts in cells, darker for more: a confusion matrix, and how often two numbers occur together."""

from collections.abc import Sequence

from placet_verification.api.reports.svg.lines import BOTTOM, HEIGHT, LEFT, REFERENCE, RIGHT, TOP, frame
from placet_verification.api.reports.svg.marks import COLOURS, TEXT, WIDTH, Axis, document, short, text

__all__ = ["grid", "matrix"]


def matrix(title: str, rows: str, columns: str, names: Sequence[str], counts: Sequence[Sequence[float]]) -> str:
    """With the counts written in them; `rows` and `columns` say what they stand for."""
    size = min(56, 240 // max(len(names), 1))
    most = max((count for row in counts for count in row), default=0) or 1
    left, top = 150, 44
    parts = [
        text(left + size * len(names) / 2, 14, short(columns, 40), anchor="middle"),
        text(left - 6, top - 8, short(rows), anchor="end"),
    ]
    for row, (name, line) in enumerate(zip(names, counts, strict=True)):
        parts.append(text(left - 6, top + size * row + size / 2 + 4, short(name), anchor="end"))
        parts.append(text(left + size * row + size / 2, top - 6, short(name, max(2, size // 7)), anchor="middle"))
        for column, count in enumerate(line):
            x, y, share = left + size * column, top + size * row, count / most
            parts.append(_cell(x, y, size, size, 0.06 + 0.84 * share if count else 0.03))
            if len(f"{count:g}") * 7 <= size:
                colour = "#ffffff" if share > 0.55 else TEXT
                parts.append(text(x + size / 2, y + size / 2 + 4, f"{count:g}", anchor="middle", colour=colour))
    return document(title, f"{rows} by {columns}", parts, top + size * max(len(names), 1) + 10)


def grid(title: str, x: Axis, y: Axis, counts: Sequence[Sequence[float]]) -> str:
    """Cells of equal size over both axes, `counts[i][j]` the i-th along `x`; the dashed line is where both are equal."""
    wide, high = WIDTH - RIGHT - LEFT, HEIGHT - BOTTOM - TOP
    most = max((count for line in counts for count in line), default=0) or 1
    parts = list(frame(x, y))
    for i, line in enumerate(counts):
        for j, count in enumerate(line):
            if count:
                step = wide / len(counts), high / len(line)
                share = (count / most) ** 0.5
                parts.append(_cell(LEFT + step[0] * i, HEIGHT - BOTTOM - step[1] * (j + 1), *step, 0.12 + 0.88 * share))
    low, end = max(x.low, y.low), min(x.high, y.high)
    if low < end:
        (x1, y1), (x2, y2) = ((LEFT + wide * x.share(v), HEIGHT - BOTTOM - high * y.share(v)) for v in (low, end))
        parts.append(f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" {REFERENCE.attributes(1.5)}/>')
    return document(title, f"{short(y.label, 60)} by {short(x.label, 60)}, darker for more rows", parts, HEIGHT)


def _cell(x: float, y: float, wide: float, high: float, opacity: float) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}"'
    return f'<rect {place} fill="{COLOURS[0]}" fill-opacity="{opacity:.2f}" stroke="#ffffff" stroke-width="0.5"/>'
