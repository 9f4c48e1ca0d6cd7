"""The columns that a plan wants of a data set, and the types that they come in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["MOST_COLUMNS", "NUMPY", "Column", "columns_of", "fitted", "places_of"]

MOST_COLUMNS = 20_000
NUMPY: Mapping[str, Any] = {
    "float32": np.float32,
    "float64": np.float64,
    "int32": np.int32,
    "int64": np.int64,
    "bool": np.bool_,
    "string": np.object_,
    "text": np.object_,
    "class": np.int64,
}


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is a type of the plan; or `class` for a label, which is read as its number, or `text` for what is no input, whatever it is.

    `nan` says that an empty float is NaN.
    """

    name: str
    kind: str
    nan: bool = False
    classes: Mapping[str, int] | None = None

    @property
    def is_float(self) -> bool:
        """Whether its values are floating-point numbers."""
        return self.kind.startswith("float")

    @property
    def is_text(self) -> bool:
        """Whether its values are texts."""
        return self.kind in ("string", "text")

    @property
    def largest(self) -> float:
        """Of a float column: the largest absolute value that is still finite in its type."""
        return float(np.finfo(NUMPY[self.kind]).max)

    def malformed(self, row: int) -> Refused:
        """The refusal of a value in this column; `row` is a line of a CSV file or a row of a Parquet file."""
        if self.kind == "class":
            return Refused("unknown_label", row=row, column=self.name)
        return Refused("malformed_row", row=row, column=self.name, expected="a finite number" if self.is_float else self.kind)


def columns_of(plan: Mapping[str, Any]) -> list[Column]:
    """The label, then the columns of every input; a column may be wanted several times."""
    label, nan = plan["dataset"]["label"], plan["dataset"]["empty"] == "nan"
    classes = None if plan["task"] == "regression" else {name: number for number, name in enumerate(plan["prediction"]["classes"])}
    inputs = [Column(name, part["type"], nan) for part in plan["inputs"] for name in part["columns"]]
    return [Column(label, "float64") if classes is None else Column(label, "class", classes=classes), *inputs]


def fitted(column: NDArray[Any], type_: Any) -> NDArray[Any]:
    """Numbers as near as the type has them: whole ones for integers, and none beyond its largest. Other values stay as they are."""
    if not np.issubdtype(type_, np.number) or not np.issubdtype(column.dtype, np.floating):
        return column
    if np.issubdtype(type_, np.floating):
        return np.asarray(np.clip(column, np.finfo(type_).min, np.finfo(type_).max), dtype=type_)
    most = float(np.iinfo(type_).max)
    # 2**63 - 1 is no float64, and the next one is too large
    most = float(np.nextafter(most, 0)) if most > np.iinfo(type_).max else most
    return np.asarray(np.clip(np.rint(column), np.iinfo(type_).min, most), dtype=type_)


def places_of(columns: Sequence[Column], names: Sequence[str]) -> list[int]:
    """Where each column is in a file with these names; raises `Refused`."""
    if not names:
        raise Refused("dataset_empty")
    if len(names) > MOST_COLUMNS:
        raise Refused("too_many_columns", columns=len(names), allowed=MOST_COLUMNS)
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if name in places:
            raise Refused("column_twice", column=name)
        places[name] = place
    if missing := [column.name for column in columns if column.name not in places]:
        raise Refused("column_missing", column=missing[0])
    return [places[column.name] for column in columns]
