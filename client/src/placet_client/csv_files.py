"""What a CSV file says of itself: its columns, whether they hold numbers, and how many rows there are."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from placet_client.files import opened
from placet_client.problems import ClientError
from placet_client.progress import OnRead

__all__ = ["CsvFacts", "csv_facts"]

RESOLVE = "Write a header line and as many cells in each line, in UTF-8; for another delimiter than a comma, name it."
# As verification-service reads numbers. Possessive, since the cells of a line are matched together.
NUMBER = r"[-+]?+(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][-+]?+\d++)?+"
AFTER_CELL = "\x1f"


@dataclass(frozen=True, slots=True)
class CsvFacts:
    """Name and type (`number` or `text`) of each column, and the number of rows without the header; None for what is not known."""

    columns: Sequence[tuple[str, str]] | None
    rows: int | None


def csv_facts(file: Path, delimiter: str = ",", on_read: OnRead | None = None) -> CsvFacts:
    """The file is read once, never as a whole. Raises `ClientError`, for a malformed line with its number.

    A column holds numbers when each of its cells is a number or empty, and one is a number.
    """
    with TextIOWrapper(opened(file, on_read), encoding="utf-8-sig", newline="") as reading:
        lines = _lines(reading, delimiter, file)
        _, header = next(lines, (0, []))
        if not header:
            raise ClientError(f"{file} has no header line.", RESOLVE)
        rows, numbers = 0, _NumberColumns(len(header))
        for line, cells in lines:
            if len(cells) != len(header):
                raise ClientError(f"{file}, line {line}: {len(cells)} cells under {len(header)} columns.", RESOLVE)
            rows += 1
            numbers.read(cells)
    types = ["number" if place in numbers.found else "text" for place in range(len(header))]
    return CsvFacts(tuple(zip(header, types, strict=True)), rows)


def _lines(reading: Iterator[str], delimiter: str, file: Path) -> Iterator[tuple[int, list[str]]]:
    """Lines that are not empty, by number."""
    reader = csv.reader(reading, delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise ClientError(f"{file}, line {reader.line_num}: {error}.", RESOLVE) from error
    except UnicodeDecodeError as error:  # it is decoded in pieces, so the line is not known
        raise ClientError(f"{file} is not UTF-8: {error.reason}.", RESOLVE) from error


class _NumberColumns:
    """The columns that hold nothing but numbers and empty cells in the lines that were read."""

    def __init__(self, width: int) -> None:
        self._empty = set(range(width))
        self._keep(range(width))

    @property
    def found(self) -> set[int]:
        """Those that have a number."""
        return {*self._places} - self._empty

    def read(self, cells: Sequence[str]) -> None:
        """A line, whose cells are matched together: one by one takes more than twice as long."""
        if self._empty:
            self._empty = {place for place in self._empty if not cells[place]}
        if not self._line.fullmatch("".join([cells[place] + AFTER_CELL for place in self._places])):
            self._keep([place for place in self._places if not cells[place] or re.fullmatch(NUMBER, cells[place], re.ASCII)])

    def _keep(self, places: Sequence[int]) -> None:
        self._places = places
        self._line = re.compile(f"(?:(?:{NUMBER})?+{AFTER_CELL}){{{len(places)}}}+", re.ASCII)
