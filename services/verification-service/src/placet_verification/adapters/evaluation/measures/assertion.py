"""Measures `assertion`: which rows match the condition, and how many of them are predicted as stated."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.statistics.cuts import is_numeric
from placet_verification.adapters.evaluation.statistics.proportions import wilson

__all__ = ["measure"]

Bools = NDArray[np.bool_]
FIRST = 20
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """By check; rows are counted from 1."""
    columns = {**inputs.data.further, **inputs.data.columns(inputs.plan)}
    return {check["id"]: _measured(check, columns, inputs) for check in checks}


def _measured(check: Mapping[str, Any], columns: Mapping[str, NDArray[Any]], inputs: Inputs) -> dict[str, Any]:
    rows = len(inputs.data)
    matching, known = np.ones(rows, dtype=np.bool_), np.ones(rows, dtype=np.bool_)
    for one in check["condition"]:
        holds, has_value = _compared(columns[one["column"]], one["comparator"], one["value"])
        matching &= holds
        known &= has_value
    matching &= known
    valid = matching & _as_stated(check, inputs)
    count, hits = int(matching.sum()), int(valid.sum())
    return {
        "rows": rows,
        "matching": count,
        "dropped": int((~known).sum()),
        "valid": hits,
        "value": hits / count if count else None,
        "ci": wilson(hits, count),
        "first_invalid_rows": (np.flatnonzero(matching & ~valid)[:FIRST] + 1).tolist(),
    }


def _compared(column: NDArray[Any], comparator: str, value: Any) -> tuple[Bools, Bools]:
    """Whether each row's value compares so, and whether it has one: texts are compared as numbers where a number is asked for, truth
    values by their names."""
    if column.dtype == np.bool_:
        names = np.where(column, "true", "false")
        return np.asarray(_COMPARE[comparator](names, value.lower())), np.ones(len(column), dtype=np.bool_)
    if isinstance(value, str):
        text = column.astype(str)
        return np.asarray(_COMPARE[comparator](text, value)), np.asarray(text != "")
    numbers = column.astype(np.float64) if is_numeric(column) else np.array([_number(text) for text in column])
    # in the column's own precision: 0.1 of a float32 is not 0.1 of a float64
    limit = column.dtype.type(value) if np.issubdtype(column.dtype, np.floating) else value
    return np.asarray(_COMPARE[comparator](numbers, float(limit))), ~np.isnan(numbers)


def _number(text: Any) -> float:
    """NaN for a text that is none."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _as_stated(check: Mapping[str, Any], inputs: Inputs) -> Bools:
    if check["predicted"]:
        numbers = [inputs.plan["prediction"]["classes"].index(name) for name in check["predicted"]]
        return np.isin(inputs.scoring.decided, numbers)
    scores = inputs.predictions.scores
    low, high = check["at_least"], check["at_most"]
    return np.asarray((scores >= (-np.inf if low is None else low)) & (scores <= (np.inf if high is None else high)))
