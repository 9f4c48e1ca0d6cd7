"""Measures `data_contract`: by column and rule, how many rows are otherwise, and the first of them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from math import nan
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.chosen import chosen_columns
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.statistics.arrays import Bools, Column, Floats, as_codes
from placet_verification.adapters.evaluation.statistics.cuts import is_numeric

__all__ = ["measure"]


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """Every check by itself; no further inference."""
    return {check["id"]: _measured(check, inputs) for check in checks}


def _measured(check: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
    names = [rules["column"] for rules in check["rules"]]
    columns = chosen_columns(inputs, names) if names else {}
    found = {rules["column"]: dict(_counted(rules, columns[rules["column"]])) for rules in check["rules"]}
    return {"n": len(inputs.data), "columns": found}


def _counted(rules: Mapping[str, Any], column: Column) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each text is looked at once, however many rows have it; numbers are compared all at once."""
    values, codes = (column, np.arange(len(column))) if is_numeric(column) else as_codes(column)
    missing = np.asarray(np.isnan(values) if is_numeric(values) else values.astype(str) == "")
    if rules["nulls"] is not None:
        yield "nulls", _rows(missing[codes])
    for rule, wrong in _wrong(rules, values):
        yield rule, _rows((wrong & ~missing)[codes])
    if rules["unique"]:
        again = np.ones(len(codes), dtype=np.bool_)
        again[np.unique(column, return_index=True)[1]] = False
        yield "unique", _rows(again & ~missing[codes])


def _wrong(rules: Mapping[str, Any], values: Column) -> Iterator[tuple[str, Bools]]:
    """By rule, which values break it; what is no number is in every range, and not of the type."""
    low, high, categories = rules["minimum"], rules["maximum"], rules["categories"]
    numbers = values if is_numeric(values) else np.array([_number(value) for value in values], dtype=np.float64)
    kind = rules["type"] or ("number" if low is not None or high is not None else None)
    if kind is not None:
        yield "type", ~_of_type(kind, values, numbers)
    if low is not None:
        yield "minimum", np.asarray(numbers < low)
    if high is not None:
        yield "maximum", np.asarray(numbers > high)
    if categories is not None:
        known = frozenset(categories)
        yield "categories", np.array([_written(value) not in known for value in values], dtype=np.bool_)


def _of_type(kind: str, values: Column, numbers: Floats) -> Bools:
    """A number or truth value of an input is no text."""
    match kind:
        case "integer":
            return np.asarray(np.isfinite(numbers) & (np.floor(numbers) == numbers))
        case "number":
            return np.isfinite(numbers)
        case "date":
            return np.array([_is_date(str(value)) for value in values], dtype=np.bool_)
    return np.full(len(values), values.dtype == np.object_)


def _rows(broken: Bools) -> dict[str, Any]:
    """Counted from 1."""
    return {"count": int(broken.sum()), "first_row": int(broken.argmax()) + 1 if broken.any() else None}


def _number(value: Any) -> float:
    """NaN for what is none."""
    try:
        return float(value)
    except ValueError:
        return nan


def _is_date(text: str) -> bool:
    """A day, or a point in time."""
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            read(text)
        except ValueError:
            continue
        return True
    return False


def _written(value: Any) -> str:
    """A number of an input as a plan writes it: whole ones without a point, others with the digits of float32."""
    if isinstance(value, np.floating):
        return str(int(value)) if value.is_integer() else f"{value:.7g}"
    return str(value).lower() if isinstance(value, np.bool_) else str(value)
