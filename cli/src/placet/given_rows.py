"""Rows as a person gives them on the command line: `age=50,income=30000`, or a CSV file. What their values may be the plan says."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from placet_client.problems import ClientError

__all__ = ["MOST_ROWS", "given_row", "rows_of_file"]

MOST_ROWS = 20
AS_ROW = "Write --row age=50,income=30000; a value with a comma in it as 'age=50,\"place=Ulm, Germany\"'."
AS_FILE = "Write a header line and as many cells in each line, in UTF-8 and with commas."


def given_row(text: str) -> dict[str, str]:
    """Column → value. The name ends at the first `=`; raises `ClientError`."""
    row: dict[str, str] = {}
    for cell in _cells(text):
        name, equals, value = cell.partition("=")
        if not equals or not name:
            raise ClientError(f"{cell!r} is no column with its value.", AS_ROW)
        if name in row:
            raise ClientError(f"The column {name} is given twice in {text!r}.", AS_ROW)
        row[name] = value
    return row


def rows_of_file(file: Path) -> list[dict[str, str]]:
    """Every row by its columns; raises `ClientError`, for a malformed line with its number."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened, strict=True)
            return list(_by_columns(reader, file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ClientError(f"{file} can't be read: {error}.", AS_FILE) from error


def _by_columns(reader: Iterator[list[str]], file: Path) -> Iterator[dict[str, str]]:
    header: Sequence[str] = next(reader, [])
    if not header or len(set(header)) < len(header):
        raise ClientError(f"{file} has no header line with each column once.", AS_FILE)
    number = 0
    for number, cells in enumerate((cells for cells in reader if cells), 1):
        if number > MOST_ROWS:
            raise ClientError(f"{file} has more than {MOST_ROWS} rows.", f"A trial takes {MOST_ROWS}; `placet verify` takes data sets.")
        if len(cells) != len(header):
            raise ClientError(f"{file}, row {number}: {len(cells)} cells under {len(header)} columns.", AS_FILE)
        yield dict(zip(header, cells, strict=True))
    if not number:
        raise ClientError(f"{file} has no row.", AS_FILE)


def _cells(text: str) -> list[str]:
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error as error:
        raise ClientError(f"{text!r} is no row: {error}.", AS_ROW) from error
