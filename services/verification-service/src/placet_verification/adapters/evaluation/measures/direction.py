"""Measures `direction`: whether the score follows a column that is raised."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.prediction import Predictions
from placet_verification.adapters.evaluation.probing import failure_on_probes, sample_for, taken_predictions
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.statistics.proportions import wilson

__all__ = ["measure"]

FIRST = 20


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """By check and column; rows are counted from 1."""
    return {check["id"]: _measured(check, inputs) for check in checks}


def _measured(check: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
    rows = sample_for(inputs, len(check["columns"]))
    return {
        "seed": inputs.plan["seed"],
        "parameters": {"rows": len(rows), "of": len(inputs.data)},
        "columns": {name: _of_column(check, name, rows, inputs) for name in check["columns"]},
    }


def _of_column(check: Mapping[str, Any], name: str, rows: NDArray[np.int64], inputs: Inputs) -> dict[str, Any]:
    column = inputs.data.columns(inputs.plan)[name]
    known = column[~np.isnan(column)].astype(np.float64)
    facts: dict[str, Any] = {
        "n": 0,
        "failure": None,
        "value": None,
        "ci": None,
        "raised_by": None,
        "mean_move": None,
        "first_wrong_rows": [],
    }
    if not len(known) or not known.std() > 0:
        return facts
    step, most = _step(column, known, check["by"]), float(known.max())
    chosen = rows[column[rows] < most]  # neither the largest value nor NaN
    if not len(chosen):
        return facts
    raised = np.minimum(column[chosen].astype(np.float64) + step, most)
    try:
        after = inputs.predict(inputs.data.taken(chosen).changed(inputs.plan, {name: raised}))
    except Refused as refused:
        return facts | {"n": len(chosen), "failure": failure_on_probes(refused)}
    moves = _score(check, inputs, after) - _score(check, inputs, taken_predictions(inputs, chosen))
    wrong = moves < -check["slack"] if check["score"] == "must_not_fall" else moves > check["slack"]
    held = len(chosen) - int(wrong.sum())
    return {
        "n": len(chosen),
        "failure": None,
        "value": held / len(chosen),
        "ci": wilson(held, len(chosen)),
        "raised_by": step,
        "mean_move": float(moves.mean()),
        "first_wrong_rows": (chosen[np.flatnonzero(wrong)[:FIRST]] + 1).tolist(),
    }


def _step(column: NDArray[Any], known: NDArray[np.float64], deviations: float) -> float:
    """A whole number, and one at least, for whole numbers."""
    step = deviations * float(known.std())
    return step if np.issubdtype(column.dtype, np.floating) else max(1.0, float(np.rint(step)))


def _score(check: Mapping[str, Any], inputs: Inputs, predictions: Predictions) -> NDArray[np.float64]:
    if check["of_class"] is None:
        return predictions.scores
    return np.asarray(predictions.scores[:, inputs.plan["prediction"]["classes"].index(check["of_class"])])
