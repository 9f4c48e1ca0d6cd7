"""What a CSV file says about the model that predicts one of its columns."""

import csv
import hashlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import pstdev

from placet_client.csv_files import csv_facts
from placet_client.problems import ClientError

__all__ = ["MOST_CLASSES", "DataFile", "read_data"]

DELIMITERS = ",;\t|"
MOST_CLASSES = 20
SHOWN_NAMES = 20


@dataclass(frozen=True, slots=True)
class DataFile:
    """`labels` are the values of the label column in order of first appearance, at most 21; `spread` is its standard deviation, None for
    texts; `texts` are the columns with other cells than numbers, `gaps` those with empty ones."""

    path: Path
    sha256: str
    delimiter: str
    columns: Sequence[str]
    rows: int
    label: str
    labels: Sequence[str]
    label_is_number: bool
    spread: float | None
    texts: frozenset[str]
    gaps: frozenset[str]

    @property
    def features(self) -> list[str]:
        """All columns but the label."""
        return [name for name in self.columns if name != self.label]


def read_data(path: Path, label: str | None) -> DataFile:
    """Without a label, the last column is it; raises `ClientError` where the file is not as a plan needs it."""
    delimiter = _delimiter(path)
    facts = csv_facts(path, delimiter)
    columns = [name for name, _ in facts.columns or ()]
    chosen = label or columns[-1]
    if chosen not in columns:
        raise ClientError(f"{path} has no column {chosen}.", f"Its columns are {_named(columns)}.")
    if not facts.rows:
        raise ClientError(f"{path} has a header line and no rows.", "Name a file with the rows that the model is to be tried on.")
    texts = frozenset(name for name, kind in facts.columns or () if kind == "text")
    labels, spread, gaps = _values(path, delimiter, columns.index(chosen), is_number=chosen not in texts)
    return DataFile(
        path=path,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        delimiter=delimiter,
        columns=columns,
        rows=facts.rows,
        label=chosen,
        labels=labels,
        label_is_number=chosen not in texts,
        spread=spread,
        texts=texts,
        gaps=frozenset(columns[place] for place in gaps),
    )


def _delimiter(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return max(DELIMITERS, key=file.readline().count)
    except UnicodeDecodeError as error:
        raise ClientError(f"{path} is no UTF-8 text.", "Save it as CSV in UTF-8, with a header line.") from error


def _values(path: Path, delimiter: str, place: int, *, is_number: bool) -> tuple[list[str], float | None, set[int]]:
    """The first values of the label, their standard deviation, and the places of columns with empty cells."""
    labels, gaps, numbers = dict[str, None](), set[int](), array("d")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=delimiter)
        next(rows, None)
        for row in rows:
            if not row:
                continue
            if "" in row:
                gaps.update(number for number, cell in enumerate(row) if not cell)
            if len(labels) <= MOST_CLASSES:
                labels[row[place]] = None
            if is_number and row[place]:
                numbers.append(float(row[place]))
    return list(labels), pstdev(numbers) if numbers else None, gaps


def _named(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - SHOWN_NAMES} more" if len(columns) > SHOWN_NAMES else ""
    return ", ".join(columns[:SHOWN_NAMES]) + more
