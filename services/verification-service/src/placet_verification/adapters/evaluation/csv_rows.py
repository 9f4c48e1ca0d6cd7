"""The exact reader of CSV files: row by row in Python, so that a refusal names line and column. Whatever else reads CSV, reads as this."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.columns import NUMPY, Column, places_of
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["BOOLEANS", "CELL_LIMIT", "INTEGER", "decoded", "read_rows", "rows_of"]

CELL_LIMIT = 64 * 1024
INTEGER = r"[-+]?[0-9]{1,19}"
BOOLEANS = {"true": True, "false": False, "1": True, "0": False}

_FLOAT = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_FLOAT_OR_EMPTY = re.compile(rf"(?:{_FLOAT.pattern})?", re.ASCII)
_INTEGER = re.compile(INTEGER)
_AT_ONCE = 4096

Row = tuple[int, list[str]]


def read_rows(raw: bytes, columns: Sequence[Column], delimiter: str) -> list[NDArray[Any]]:
    """The values of each column; raises `Refused`.

    Of several mistakes the first row that is no row counts, then the first cell of the first column that has a wrong one.
    """
    rows = rows_of(decoded(raw), delimiter)
    _, header = next(rows, (0, []))
    places = places_of(columns, header)
    parts: list[list[NDArray[Any]]] = [[] for _ in columns]
    wrong: dict[int, Refused] = {}
    while batch := list(islice(_checked(rows, len(header)), _AT_ONCE)):
        lines = [line for line, _ in batch]
        cells = list(zip(*(row for _, row in batch), strict=True))
        for number, (column, place) in enumerate(zip(columns, places, strict=True)):
            if number not in wrong:
                try:
                    parts[number].append(_values(cells[place], lines, column))
                except Refused as refused:
                    wrong[number] = refused
    if wrong:
        raise wrong[min(wrong)]
    if not parts[0]:
        raise Refused("dataset_empty")
    return [np.concatenate(values) for values in parts]


def decoded(raw: bytes) -> str:
    """The text without a byte order mark; raises `Refused` with the line where it is no UTF-8."""
    body = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Refused("malformed_row", row=body.count(b"\n", 0, error.start) + 1, expected="UTF-8") from error


def rows_of(text: str, delimiter: str) -> Iterator[Row]:
    """Every row that is not empty, with the line where it ends; raises `Refused`."""
    csv.field_size_limit(CELL_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise Refused("malformed_row", row=reader.line_num) from error


def _checked(rows: Iterator[Row], width: int) -> Iterator[Row]:
    for line, row in rows:
        if len(row) != width:
            raise Refused("malformed_row", row=line, cells=len(row), expected=width)
        yield line, row


def _values(cells: Sequence[str], lines: Sequence[int], column: Column) -> NDArray[Any]:
    if column.is_float:
        return _floats(cells, lines, column)
    if column.is_text:
        return np.array([*cells, None], dtype=np.object_)[:-1]  # the last one keeps it from being an array of characters
    values = [_value(cell, column) for cell in cells]
    if None in values:
        raise column.malformed(lines[values.index(None)])
    return np.array(values, dtype=NUMPY[column.kind])


def _floats(cells: Sequence[str], lines: Sequence[int], column: Column) -> NDArray[Any]:
    pattern = _FLOAT_OR_EMPTY if column.nan else _FLOAT
    if not all(map(pattern.fullmatch, cells)):
        raise column.malformed(next(line for cell, line in zip(cells, lines, strict=True) if not pattern.fullmatch(cell)))
    values = np.array(list(map(float, cells if all(cells) else [cell or "nan" for cell in cells])), dtype=np.float64)
    if (beyond := np.abs(values) > column.largest).any():
        raise column.malformed(lines[int(beyond.argmax())])
    return values


def _value(cell: str, column: Column) -> int | bool | None:
    if column.classes is not None:
        return column.classes.get(cell)
    if column.kind == "bool":
        return BOOLEANS.get(cell.lower())
    bound = 2**31 if column.kind == "int32" else 2**63
    return value if _INTEGER.fullmatch(cell) and -bound <= (value := int(cell)) < bound else None
