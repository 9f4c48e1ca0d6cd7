"""The fast reader of CSV files, by numpy and pyarrow: it reads what it surely reads as `csv_rows` does, and leaves other files to that.

A file without quotes is only separators and what is between them. So blocks of whole lines are cut at their separators, all at once, and
pyarrow turns the cells of a column into numbers. Its own reader of CSV is not used: it needs a thread.
"""

import codecs
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.columns import NUMPY, Column, places_of
from placet_verification.adapters.evaluation.csv_rows import BOOLEANS, CELL_LIMIT, INTEGER, rows_of
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["BLOCK", "read_blocks"]

BLOCK = 16 * 1024**2
_FEW = 2000
"""The most different values of a column that are looked up one by one."""


class _Unsure(Exception):
    """The exact reader has to read this file."""


def read_blocks(raw: bytes, columns: Sequence[Column], delimiter: str) -> list[NDArray[Any]] | None:
    """The values of each column, None where the exact reader has to read the file."""
    try:
        start = len(codecs.BOM_UTF8) if raw.startswith(codecs.BOM_UTF8) else 0
        body = raw.find(b"\n", start) + 1
        header = list(rows_of(raw[start:body].decode(), delimiter))
        _be_plain(raw, body)
        if len(header) != 1 or (width := len(header[0][1])) < 2:
            return None
        places = places_of(columns, header[0][1])
        parts: list[list[NDArray[Any]]] = [[] for _ in columns]
        for block in _blocks(raw, body):
            cells = _cells(block, width, delimiter)
            for values, column, place in zip(parts, columns, places, strict=True):
                values.append(_values(cells.take(pa.array(np.arange(place, len(cells), width))), column))
        return [np.concatenate(values) for values in parts] if parts[0] else None
    except (_Unsure, Refused, UnicodeDecodeError, pa.ArrowInvalid):
        return None


def _be_plain(raw: bytes, body: int) -> None:
    """From `body` on there are no quotes and no other ends of lines than two; all of it is UTF-8."""
    if raw.find(b'"', body) >= 0 or raw.count(b"\r", body) != raw.count(b"\r\n", body):
        raise _Unsure
    if not raw.isascii():
        raw.decode()


def _blocks(raw: bytes, start: int) -> Iterator[bytes]:
    """Whole lines, each with its end; the empty ones at the end of the file are left out."""
    end = len(raw)
    while end > start and raw[end - 1] in b"\r\n":
        end -= 1
    while start < end:
        stop = end if end - start <= BLOCK else raw.rfind(b"\n", start, start + BLOCK) + 1
        if stop <= start:
            raise _Unsure
        yield raw[start:stop] if stop < end else raw[start:end] + b"\n"
        start = stop


def _cells(block: bytes, width: int, delimiter: str) -> pa.StringArray:
    """Row after row; every line has `width` cells."""
    signs = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero((signs == ord(delimiter)) | (signs == ord("\n")))
    if len(ends) % width:
        raise _Unsure
    last = (signs[ends] == ord("\n")).reshape(-1, width)
    if not last[:, -1].all() or last[:, :-1].any():
        raise _Unsure
    offsets = np.zeros(len(ends) + 1, dtype=np.int32)
    offsets[1:] = ends + 1
    if np.diff(offsets).max() > CELL_LIMIT:
        raise _Unsure
    with_ends = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(block))
    return pc.ascii_rtrim(with_ends, f"{delimiter}\r\n")


def _values(cells: pa.StringArray, column: Column) -> NDArray[Any]:
    if column.is_float:
        return _floats(cells, column)
    if column.is_text:
        return np.asarray(cells.to_numpy(zero_copy_only=False))
    if column.kind.startswith("int"):
        return _integers(cells, column)
    known: Mapping[str, Any] = BOOLEANS if column.classes is None else column.classes
    return _looked_up(cells, lambda cell: known.get(cell.lower() if column.kind == "bool" else cell), column)


def _floats(cells: pa.StringArray, column: Column) -> NDArray[Any]:
    empty = pc.equal(cells, "")
    if column.nan and empty.true_count:
        cells = pc.if_else(empty, pa.scalar(None, pa.string()), cells)
    values: NDArray[np.float64] = cells.cast(pa.float64()).to_numpy(zero_copy_only=False)
    if np.count_nonzero(np.abs(values) <= column.largest) != len(values) - cells.null_count:
        raise _Unsure  # it knows nan and infinity by their names
    return values


def _integers(cells: pa.StringArray, column: Column) -> NDArray[Any]:
    if pc.match_substring_regex(cells, f"^{INTEGER}$").false_count:
        raise _Unsure  # it knows hexadecimal numbers, and any number of zeros before a number
    values: NDArray[np.int64] = cells.cast(pa.int64()).to_numpy()
    bounds = np.iinfo(NUMPY[column.kind])
    if not (bounds.min <= values.min() and values.max() <= bounds.max):
        raise _Unsure
    return values.astype(NUMPY[column.kind])


def _looked_up(cells: pa.StringArray, look_up: Callable[[str], Any], column: Column) -> NDArray[Any]:
    different = cells.unique()
    if len(different) > _FEW:
        raise _Unsure
    known = [look_up(cell) for cell in different.to_pylist()]
    if None in known:
        raise _Unsure
    places: NDArray[np.int32] = pc.index_in(cells, value_set=different).to_numpy()
    values: NDArray[Any] = np.array(known, dtype=NUMPY[column.kind])[places]
    return values
