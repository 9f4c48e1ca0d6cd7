"""Reads a data set from the bytes of a CSV file: the plan defines every column, and a row that does not fit is refused by number."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["Dataset", "read_csv"]

_CELL_LIMIT = 64 * 1024
_FLOAT = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"[-+]?\d{1,19}", re.ASCII)
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_NUMPY = {"float32": np.float32, "float64": np.float64, "int32": np.int32, "int64": np.int64, "bool": np.bool_, "string": np.object_}


@dataclass(frozen=True, slots=True)
class Dataset:
    """`labels` are class numbers (in the plan's order) or, for a regression, float64; `inputs` are [rows, columns] by input name."""

    labels: NDArray[Any]
    inputs: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.labels)


def read_csv(raw: bytes, plan: Mapping[str, Any]) -> Dataset:
    """Read it as `plan` says; raises `Refused` that names the line of the file and the column."""
    rows = _rows(_decoded(raw), plan["dataset"]["delimiter"])
    header = _header(rows)
    wanted = [plan["dataset"]["label"], *(column for part in plan["inputs"] for column in part["columns"])]
    if missing := [column for column in wanted if column not in header]:
        raise Refused("column_missing", column=missing[0])
    places = {column: header.index(column) for column in wanted}
    columns: dict[str, list[str]] = {column: [] for column in wanted}
    lines: list[int] = []
    for line, row in rows:
        if len(row) != len(header):
            raise Refused("malformed_row", row=line, cells=len(row), expected=len(header))
        lines.append(line)
        for column, place in places.items():
            columns[column].append(row[place])
    if not lines:
        raise Refused("dataset_empty")
    labels = _labels(columns[wanted[0]], lines, plan)
    empty = plan["dataset"]["empty"]
    inputs = {part["name"]: _tensor(part, columns, lines, empty) for part in plan["inputs"]}
    return Dataset(labels, inputs)


def _decoded(raw: bytes) -> str:
    body = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Refused("malformed_row", row=body.count(b"\n", 0, error.start) + 1, expected="UTF-8") from error


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(_CELL_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise Refused("malformed_row", row=reader.line_num) from error


def _header(rows: Iterator[tuple[int, list[str]]]) -> list[str]:
    _, header = next(rows, (0, []))
    if not header:
        raise Refused("dataset_empty")
    if doubled := [column for column in header if header.count(column) > 1]:
        raise Refused("column_twice", column=doubled[0])
    return header


def _labels(cells: Sequence[str], lines: Sequence[int], plan: Mapping[str, Any]) -> NDArray[Any]:
    column = plan["dataset"]["label"]
    if plan["task"] == "regression":
        return np.array([_number(cell, line, column, "refuse") for cell, line in zip(cells, lines, strict=True)], dtype=np.float64)
    numbers = {name: number for number, name in enumerate(plan["prediction"]["classes"])}
    for cell, line in zip(cells, lines, strict=True):
        if cell not in numbers:
            raise Refused("unknown_label", row=line, column=column)
    return np.array([numbers[cell] for cell in cells], dtype=np.int64)


def _tensor(part: Mapping[str, Any], columns: Mapping[str, list[str]], lines: Sequence[int], empty: str) -> NDArray[Any]:
    tensor: NDArray[Any] = np.empty((len(lines), len(part["columns"])), dtype=_NUMPY[part["type"]])
    for place, column in enumerate(part["columns"]):
        for row, (cell, line) in enumerate(zip(columns[column], lines, strict=True)):
            tensor[row, place] = _value(cell, line, column, part["type"], empty)
    return tensor


def _value(cell: str, line: int, column: str, kind: str, empty: str) -> Any:
    if kind == "string":
        return cell
    if kind.startswith("float"):
        return _number(cell, line, column, empty, single=kind == "float32")
    if kind == "bool" and cell.lower() in _BOOLEANS:
        return _BOOLEANS[cell.lower()]
    bound = 2**31 if kind == "int32" else 2**63
    if kind.startswith("int") and _INTEGER.fullmatch(cell) and -bound <= int(cell) < bound:
        return int(cell)
    raise Refused("malformed_row", row=line, column=column, expected=kind)


def _number(cell: str, line: int, column: str, empty: str, *, single: bool = False) -> float:
    if cell == "" and empty == "nan":
        return float("nan")
    value = float(cell) if _FLOAT.fullmatch(cell) else float("nan")
    if not abs(value) <= (float(np.finfo(np.float32).max) if single else np.finfo(np.float64).max):
        raise Refused("malformed_row", row=line, column=column, expected="a finite number")
    return value
