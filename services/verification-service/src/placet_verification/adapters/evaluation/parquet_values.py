"""The values of a Parquet column as the plan wants them: no input is converted so that it could mean something else.

Columns beside the inputs, by which rows are grouped or looked at, are read as the texts that a CSV file would have.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.columns import NUMPY, Column
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["refuse_type", "values_of"]


def refuse_type(type_: pa.DataType, column: Column) -> None:
    """Raise `Refused` unless this type's values can be the column's; texts may be stored once each, as a dictionary."""
    types = pa.types
    plain = type_.value_type if types.is_dictionary(type_) else type_
    text = types.is_string(plain) or types.is_large_string(plain)
    number, truth = types.is_integer(type_), types.is_boolean(type_)
    fits: Mapping[str, bool] = {
        "class": text or number or truth,
        "string": text,
        "text": text or number or truth or types.is_floating(type_) or types.is_date(type_) or types.is_timestamp(type_),
        "bool": truth or number,
        "int32": number,
        "int64": number,
        "float32": number or types.is_floating(type_),
        "float64": number or types.is_floating(type_),
    }
    if not fits[column.kind]:
        raise Refused("column_type", column=column.name, expected=column.kind, found=str(type_))


def values_of(found: pa.ChunkedArray, column: Column, first: int) -> NDArray[Any]:
    """The values; `first` is the number of the first row. Raises `Refused` with the row of a value that does not fit."""
    if pa.types.is_dictionary(found.type):
        found = found.cast(found.type.value_type)
    if column.kind == "text":
        return _texts(found)
    if found.null_count and not (column.is_float and column.nan):
        raise column.malformed(first + _first(found.is_null().to_numpy()))
    if column.kind == "class":
        return _classes(found, column, first)
    values: NDArray[Any] = found.to_numpy()
    wrong = _wrong(values, column)
    if wrong.any():
        raise column.malformed(first + _first(wrong))
    return values.astype(np.float64 if column.is_float else NUMPY[column.kind])


def _texts(found: pa.ChunkedArray) -> NDArray[Any]:
    """As programs write them into CSV files: nothing for a missing value, which is NaN in columns of floats."""
    if pa.types.is_floating(found.type):
        found = pc.if_else(pc.is_nan(found), None, found)
    return np.asarray(pc.fill_null(found.cast(pa.string()), "").to_numpy())


def _wrong(values: NDArray[Any], column: Column) -> NDArray[np.bool_]:
    if column.is_float:
        numbers = values.astype(np.float64)
        return ~(np.abs(numbers) <= column.largest) & ~(np.isnan(numbers) & column.nan)
    if column.is_text or values.dtype == np.bool_:
        return np.zeros(len(values), dtype=np.bool_)
    low, high = (0, 1) if column.kind == "bool" else (np.iinfo(NUMPY[column.kind]).min, np.iinfo(NUMPY[column.kind]).max)
    return np.asarray((values < low) | (values > high))


def _classes(found: pa.ChunkedArray, column: Column, first: int) -> NDArray[Any]:
    """Labels by their names as a plan writes them: texts as they are, whole numbers in decimals, `true` and `false`."""
    different = found.unique()
    names = (str(value).lower() if isinstance(value, bool) else str(value) for value in different.to_pylist())
    numbers = np.array([(column.classes or {}).get(name, -1) for name in names], dtype=NUMPY["class"])
    places: NDArray[np.int32] = pc.index_in(found, value_set=different).to_numpy()
    values: NDArray[Any] = numbers[places]
    if (values < 0).any():
        raise column.malformed(first + _first(values < 0))
    return values


def _first(where: NDArray[np.bool_]) -> int:
    return int(where.argmax())
