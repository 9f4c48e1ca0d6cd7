"""Reads a data set from the bytes of a CSV or Parquet file: the plan defines every column, a row that does not fit is refused by number.

Large files are read by pyarrow, which takes time and memory to import, so small ones are not; what is accepted and what is refused does
not depend on it. `prepare` imports it before the confinement, after which no import succeeds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.columns import NUMPY, Column, columns_of, fitted
from placet_verification.adapters.evaluation.csv_rows import read_rows
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["DATA", "LARGE", "Dataset", "prepare", "read_dataset"]

DATA = {"evaluation": "dataset", "training": "training", "reference": "reference"}
"""Which part of the plan says how the file is written, by what it is for."""
LARGE = 8 * 1024**2
"""Bytes of a CSV file from which on importing pyarrow pays."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """`labels` are class numbers (in the plan's order) or, for a regression, float64; `inputs` are [rows, columns] by input name.

    `further` are columns that checks ask for beside these, as texts.
    """

    labels: NDArray[Any]
    inputs: Mapping[str, NDArray[Any]]
    further: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    def columns(self, plan: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
        """Every column that an input of the model takes, by name; one that several inputs take is that of the first."""
        found: dict[str, NDArray[Any]] = {}
        for part in plan["inputs"]:
            for place, name in enumerate(part["columns"]):
                found.setdefault(name, self.inputs[part["name"]][:, place])
        return found

    def changed(self, plan: Mapping[str, Any], columns: Mapping[str, NDArray[Any]]) -> "Dataset":
        """The same rows with other values in these columns, in each input that takes them: rounded and bounded as its type is."""
        inputs = {name: tensor.copy() for name, tensor in self.inputs.items()}
        for part in plan["inputs"]:
            for place, name in enumerate(part["columns"]):
                if name in columns:
                    inputs[part["name"]][:, place] = fitted(columns[name], NUMPY[part["type"]])
        return Dataset(self.labels, inputs, self.further)

    def taken(self, rows: NDArray[np.int64]) -> "Dataset":
        """Some of the rows, in this order, repetitions included."""
        inputs = {name: tensor[rows] for name, tensor in self.inputs.items()}
        return Dataset(self.labels[rows], inputs, {name: column[rows] for name, column in self.further.items()})


def prepare(plan: Mapping[str, Any], sizes: Mapping[str, int]) -> None:
    """Import all that reading files of so many bytes takes, by what the plan uses them for."""
    for use, size in sizes.items():
        if plan[DATA[use]]["format"] == "parquet":
            import_module("placet_verification.adapters.evaluation.parquet_file")
        elif size >= LARGE:
            import_module("placet_verification.adapters.evaluation.csv_blocks")


def read_dataset(raw: bytes, plan: Mapping[str, Any], use: str = "evaluation", further: Sequence[str] = ()) -> Dataset:
    """Read it as `plan` says for data of this use, with `further` columns as texts; raises `Refused` that names row and column."""
    columns = [*columns_of(plan), *(Column(name, "text") for name in further)]
    source = plan[DATA[use]]
    read = read_parquet if source["format"] == "parquet" else read_csv
    return _dataset(read(raw, columns, source, plan), plan, further)


def read_csv(raw: bytes, columns: Sequence[Column], source: Mapping[str, Any], plan: Mapping[str, Any]) -> Sequence[NDArray[Any]]:
    """The columns; rows are counted as lines of the file."""
    found = None
    if len(raw) >= LARGE:
        from placet_verification.adapters.evaluation.csv_blocks import read_blocks

        found = read_blocks(raw, columns, source["delimiter"])
    return read_rows(raw, columns, source["delimiter"]) if found is None else found


def read_parquet(raw: bytes, columns: Sequence[Column], source: Mapping[str, Any], plan: Mapping[str, Any]) -> Sequence[NDArray[Any]]:
    """The columns; rows are counted from 1."""
    from placet_verification.adapters.evaluation.parquet_file import read_columns

    return read_columns(raw, columns, plan["limits"]["memory_mib"] * 1024**2)


def _dataset(found: Sequence[NDArray[Any]], plan: Mapping[str, Any], further: Sequence[str]) -> Dataset:
    labels, *rest = found
    if not len(labels):
        raise Refused("dataset_empty")
    inputs: dict[str, NDArray[Any]] = {}
    for part in plan["inputs"]:
        tensor: NDArray[Any] = np.empty((len(labels), len(part["columns"])), dtype=NUMPY[part["type"]])
        for place in range(len(part["columns"])):
            tensor[:, place] = rest.pop(0)
        inputs[part["name"]] = tensor
    return Dataset(labels, inputs, dict(zip(further, rest, strict=True)))
