"""Measures `invariance`: the rows whose decision stays when one column takes each of a few usual values."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.probing import changes, deviation, failure_on_probes, sample_for, taken_predictions
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.statistics.cuts import is_numeric
from placet_verification.adapters.evaluation.statistics.probing import choices
from placet_verification.adapters.evaluation.statistics.resilience import resilience

__all__ = ["measure"]

FIRST = 20


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """By check and column; rows are counted from 1."""
    return {check["id"]: _measured(check, inputs) for check in checks}


def _measured(check: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
    rows = sample_for(inputs, len(check["columns"]) * check["values"])
    return {
        "n": len(rows),
        "seed": inputs.plan["seed"],
        "parameters": {"rows": len(rows), "of": len(inputs.data)},
        "columns": {name: _of_column(check, name, rows, inputs) for name in check["columns"]},
    }


def _of_column(check: Mapping[str, Any], name: str, rows: NDArray[np.int64], inputs: Inputs) -> dict[str, Any]:
    column = inputs.data.columns(inputs.plan)[name]
    values = _values(column, check["values"])
    facts: dict[str, Any] = {"failure": None, "value": None, "ci": None, "values": [], "first_changed_rows": []}
    if len(np.unique(column[~np.isnan(column)] if is_numeric(column) else column)) < 2:
        return facts
    data, before = inputs.data.taken(rows), taken_predictions(inputs, rows)
    moved = np.zeros(len(rows), dtype=np.bool_)
    try:
        for value in values:
            after = inputs.predict(data.changed(inputs.plan, {name: np.full(len(rows), value)}))
            moved |= changes(inputs, before, after, check["tolerance"] * deviation(inputs))
    except Refused as refused:
        return facts | {"failure": failure_on_probes(refused)}
    found = resilience(~moved)
    assert found is not None  # a data set has rows
    first = (rows[np.flatnonzero(moved)[:FIRST]] + 1).tolist()
    return {"failure": None, "value": found.value, "ci": found.ci, "values": values.tolist(), "first_changed_rows": first}


def _values(column: NDArray[Any], most: int) -> NDArray[Any]:
    """The most frequent categories, or the middles of quantile parts; every value of a column that has no more."""
    known = column[~np.isnan(column)] if is_numeric(column) else column
    values, counts = np.unique(known, return_counts=True)
    if len(values) <= most:
        return np.asarray(values)
    return choices(column, most) if is_numeric(column) else np.asarray(np.sort(values[np.argsort(-counts, kind="stable")[:most]]))
