"""Rows that a person gives a model to try: one value a column, each as a data set could hold it, or refused by row and column.

Values are what a CSV file or a JSON body has: texts are read as cells of a CSV file, by the same rules as `adapters.evaluation.csv_rows`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import Any

from placet_shared.errors import FieldError, Malformed

__all__ = ["MOST_CELLS", "MOST_ROWS", "TEXT_LIMIT", "check_rows"]

MOST_ROWS = 20
MOST_CELLS = 20_000
"""Columns of one row; more than that no data set has."""
TEXT_LIMIT = 10_000
"""Characters of one text."""
NUMBER_LIMIT = 400
"""Characters of a number that is written as a text."""
SHOWN_ERRORS = 100
LONGEST_NAME = 200

# possessive: no text takes more than linear time
_FLOAT = re.compile(r"[-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]++)?")
_INTEGER = re.compile(r"[-+]?[0-9]{1,19}")
_BOOLEANS = frozenset({"true", "false", "1", "0"})
_LARGEST = {"float32": 3.4028234663852886e38, "float64": 1.7976931348623157e308}
_BITS = {"int32": 31, "int64": 63}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a column's values must be: one of the types of the inputs that take it."""

    type: str
    nan: bool

    @property
    def allowed(self) -> str:
        if self.type in _LARGEST:
            of = "a finite number" if self.type == "float64" else f"a finite number up to ±{_LARGEST[self.type]:.3g}"
            return f"{of}, or nothing" if self.nan else of
        if self.type in _BITS:
            return f"a whole number of {_BITS[self.type] + 1} bits"
        return "true or false" if self.type == "bool" else f"a text of at most {TEXT_LIMIT} characters"

    def takes(self, value: Any) -> bool:
        if self.type in _LARGEST:
            return self._takes_float(value)
        if self.type in _BITS:
            return self._takes_integer(value)
        if self.type == "bool":
            return isinstance(value, bool) or (isinstance(value, str) and value.lower() in _BOOLEANS)
        return isinstance(value, str) and len(value) <= TEXT_LIMIT and _is_unicode(value)

    def _takes_float(self, value: Any) -> bool:
        if value is None or value == "":
            return self.nan
        if isinstance(value, str):
            return len(value) <= NUMBER_LIMIT and _FLOAT.fullmatch(value) is not None and abs(float(value)) <= _LARGEST[self.type]
        if isinstance(value, int) and not isinstance(value, bool):
            return abs(value) <= _LARGEST[self.type]
        return isinstance(value, float) and isfinite(value) and abs(value) <= _LARGEST[self.type]

    def _takes_integer(self, value: Any) -> bool:
        bound = 2 ** _BITS[self.type]
        if isinstance(value, str):
            return _INTEGER.fullmatch(value) is not None and -bound <= int(value) < bound
        return isinstance(value, int) and not isinstance(value, bool) and -bound <= value < bound


def check_rows(document: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Raises `Malformed`, with every row and column that is not as the plan's inputs want it, the first hundred of them.

    Each row has exactly the columns that the inputs take.
    """
    wanted: dict[str, list[_Wanted]] = {}
    for part in document["inputs"]:
        for name in part["columns"]:
            wanted.setdefault(name, []).append(_Wanted(part["type"], document["dataset"]["empty"] == "nan"))
    found = ((number, *wrong) for number, row in enumerate(rows) for wrong in _wrong(row, wanted))
    if not (wrong := list(islice(found, SHOWN_ERRORS))):
        return
    row, column, _, allowed = wrong[0]
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    raise Malformed(
        f"Row {row + 1}, column {column[:LONGEST_NAME]}: {allowed}{more}.",
        code="malformed_rows",
        resolve="Correct the values that `errors` names by the row's place, counted from 0, and column.",
        errors=[FieldError(f"rows.{number}.{name}", value, allowed) for number, name, value, allowed in wrong],
    )


def _wrong(row: Mapping[str, Any], wanted: Mapping[str, Sequence[_Wanted]]) -> Iterator[tuple[str, Any, str]]:
    """Column, value, and what is allowed."""
    for name, types in wanted.items():
        if name not in row:
            yield name, None, f"is required: {types[0].allowed}"
        elif refusing := next((type_ for type_ in types if not type_.takes(row[name])), None):
            yield name, row[name], refusing.allowed
    yield from ((name, row[name], f"left out: the model takes {_listed(wanted)}") for name in row if name not in wanted)


def _listed(names: Mapping[str, Any]) -> str:
    first = list(names)[:30]
    return ", ".join(first) + (f" and {len(names) - len(first)} more" if len(names) > len(first) else "")


def _is_unicode(text: str) -> bool:
    """Without NUL and lone surrogates, which no CSV file has."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
