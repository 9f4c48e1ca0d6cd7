"""Lays out rows: as a table if it fits, else as a card for each row; and facts, which are one card."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len
from rich.text import Text

from placet_client.printing.wrapping import widest_word, wrapped

__all__ = ["cards", "facts", "table"]

GAP = 2
PROSE = 24
"""A column that is wider may be wrapped, down to this width or its widest word."""
LEAST_FOR_VALUES = 16

Row = Sequence[str]


def table(headings: Row, rows: Sequence[Row], width: int | None) -> Text | None:
    """The rows under their headings, None where they do not fit into `width`; without a width each row is one line."""
    if width is None:
        lines = [[" ".join(value.split()) for value in row] for row in rows]
        return _table(headings, lines, _natural(headings, lines))
    widths = _fitted(headings, rows, width)
    if widths is None:  # an empty column is the first to go
        kept = [place for place in range(len(headings)) if any(row[place] for row in rows)]
        headings, rows = [headings[place] for place in kept], [[row[place] for place in kept] for row in rows]
        widths = _fitted(headings, rows, width)
    return None if widths is None else _table(headings, rows, widths)


def cards(headings: Row, rows: Sequence[Row], width: int | None) -> Text:
    """A card for each row, with an empty line between two."""
    return Text("\n\n").join(facts(list(zip(headings, row, strict=True)), width) for row in rows)


def facts(pairs: Sequence[tuple[str, str]], width: int | None) -> Text:
    """Names and values under one another; those without a value are left out. A value that is too wide stands below its name."""
    shown = [(f"{name}:" if name.strip() else name, value) for name, value in pairs if value]
    indent = max((cell_len(name) for name, _ in shown), default=0) + GAP
    return Text("\n").join(_fact(name, value, indent, width) for name, value in shown)


def _fact(name: str, value: str, indent: int, width: int | None) -> Text:
    left = None if width is None else width - indent
    if left is None or width is None or (left >= LEAST_FOR_VALUES and widest_word(value) <= left):
        lines = value.split("\n") if left is None else list(wrapped(value, left))
        return Text.assemble((name, "bold"), " " * (indent - cell_len(name)), f"\n{' ' * indent}".join(lines))
    deep = min(GAP, max(width - widest_word(value), 0))
    lines = list(wrapped(value, width - deep))
    return Text.assemble((name, "bold"), *(f"\n{' ' * deep}{line}" for line in lines))


def _natural(headings: Row, rows: Sequence[Row]) -> list[int]:
    """The widths at which nothing is wrapped."""
    return [max(cell_len(line) for value in column for line in value.split("\n")) for column in zip(headings, *rows, strict=True)]


def _fitted(headings: Row, rows: Sequence[Row], width: int) -> list[int] | None:
    """Widths at which the table fits, or None."""
    natural = _natural(headings, rows)
    words = [max(map(widest_word, column)) for column in zip(headings, *rows, strict=True)]
    fitted = [min(most, max(PROSE, word)) for most, word in zip(natural, words, strict=True)]
    left = width - sum(fitted) - GAP * (len(fitted) - 1)
    if left < 0:
        return None
    while left and fitted != natural:  # one cell after the other, to each that has need of it
        for place, most in enumerate(natural):
            if left and fitted[place] < most:
                fitted[place] += 1
                left -= 1
    return fitted


def _table(headings: Row, rows: Sequence[Row], widths: Sequence[int]) -> Text:
    lines = [Text(line, "bold") for line in _lines(headings, widths)]
    return Text("\n").join([*lines, *(Text(line) for row in rows for line in _lines(row, widths))])


def _lines(row: Row, widths: Sequence[int]) -> Iterator[str]:
    columns = [wrapped(value, width) for value, width in zip(row, widths, strict=True)]
    for cells in zip_longest(*columns, fillvalue=""):
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True))
        yield (" " * GAP).join(padded).rstrip()
