"""Reads the wanted columns of a Parquet file: its footer is held against what may be, before a page is unpacked.

1. It is Parquet, with few enough columns and row groups, each column named once. 2. The wanted ones are flat. 3. What the footer says
that they unpack to fits into the memory; a footer that lies about it meets the limit of the process. 4. Row groups are read one by
one, and each has as many rows as it says. 5. Types and values fit (`parquet_values`).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.columns import MOST_COLUMNS, Column, places_of
from placet_verification.adapters.evaluation.parquet_values import refuse_type, values_of
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["read_columns"]

_FOOTER_LIMIT = 64 * 1024**2
_MOST_ROW_GROUPS = 10_000
_MOST_ENTRIES = 4 * MOST_COLUMNS
"""The longest list in a footer; a flat column is one entry in the schema, a nested one several."""
_STRING_LIMIT = 16 * 1024**2
_NUMBER_BYTES = 8
_ERRORS = (pa.ArrowException, OSError, ValueError)


def read_columns(raw: bytes, columns: Sequence[Column], memory: int) -> list[NDArray[Any]]:
    """The values of each column; `memory` is in bytes. Raises `Refused` with the row, counted from 1, and the column."""
    file = _opened(raw)  # 1
    metadata, schema = file.metadata, file.metadata.schema
    places = places_of(columns, [schema.column(place).path for place in range(min(metadata.num_columns, MOST_COLUMNS + 1))])
    for column, place in zip(columns, places, strict=True):
        if schema.column(place).name != column.name or schema.column(place).max_repetition_level:
            raise Refused("column_type", column=column.name, expected=column.kind, found="a nested type")  # 2
    _refuse_large(metadata, sorted(set(places)), memory)  # 3
    for column in columns:
        refuse_type(file.schema_arrow.field(column.name).type, column)  # 5
    parts: list[list[NDArray[Any]]] = [[] for _ in columns]
    row = 1
    for number in range(metadata.num_row_groups):
        table = _row_group(file, number, sorted({column.name for column in columns}))  # 4
        for values, column in zip(parts, columns, strict=True):
            values.append(values_of(table.column(column.name), column, row))  # 5
        row += len(table)
    if row == 1:
        raise Refused("dataset_empty")
    return [np.concatenate(values) for values in parts]


def _opened(raw: bytes) -> pq.ParquetFile:
    if len(raw) < 12 or raw[-4:] != b"PAR1" or raw[:4] != b"PAR1":
        raise Refused("not_parquet")
    if (size := int.from_bytes(raw[-8:-4], "little")) > _FOOTER_LIMIT:
        raise Refused("footer_too_large", bytes=size, allowed=_FOOTER_LIMIT)
    try:
        file = pq.ParquetFile(
            pa.BufferReader(raw), pre_buffer=False, arrow_extensions_enabled=False,
            thrift_string_size_limit=_STRING_LIMIT, thrift_container_size_limit=_MOST_ENTRIES,
        )  # fmt: skip
    except MemoryError:
        raise
    except _ERRORS as error:
        if "Exceeded size limit" in str(error):
            raise Refused("footer_too_large", entries=f"more than {_MOST_ENTRIES} in one list") from error
        raise Refused("not_parquet", engine=str(error)) from error
    if (groups := file.metadata.num_row_groups) > _MOST_ROW_GROUPS:
        raise Refused("footer_too_large", row_groups=groups, allowed=_MOST_ROW_GROUPS)
    return file


def _refuse_large(metadata: pq.FileMetaData, places: Sequence[int], memory: int) -> None:
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    rows = [group.num_rows for group in groups]
    if sum(rows) != metadata.num_rows or any(count < 0 for count in rows):
        raise Refused("row_count_mismatch", declared=metadata.num_rows, found=sum(rows))
    packed = sum(max(group.column(place).total_uncompressed_size, 0) for group in groups for place in places)
    if (needed := max(packed, sum(rows) * len(places) * _NUMBER_BYTES)) > memory:
        raise Refused("dataset_too_large", bytes=needed, allowed=memory)


def _row_group(file: pq.ParquetFile, number: int, names: Sequence[str]) -> pa.Table:
    declared = file.metadata.row_group(number).num_rows
    try:
        table = file.read_row_group(number, columns=list(names), use_threads=False)
        table.validate(full=True)
    except MemoryError:
        raise
    except _ERRORS as error:
        raise Refused("row_group_unreadable", row_group=number, engine=str(error)) from error
    if len(table) != declared:
        raise Refused("row_count_mismatch", row_group=number, declared=declared, found=len(table))
    return table
