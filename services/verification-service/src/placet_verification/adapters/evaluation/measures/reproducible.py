"""Measures `reproducible`: the rows whose decision or score is another one when they are predicted again.

How large the differences are within the tolerance is the engine's and not the model's, so it is not told.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.dataset import Dataset
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.prediction import BATCH, Predictions, fixed_batch
from placet_verification.adapters.evaluation.scoring import Scoring
from placet_verification.adapters.evaluation.statistics.arrays import Integers

__all__ = ["measure"]

ROWS = 20_000
OTHER = 97
"""No divisor of the usual size: rows have other neighbours."""
ALONE = 20
"""Rows that come by themselves: a model sees how many it is given, and in use it may be given one."""


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """The first rows are in the same batches as before; a check may have a tolerance of its own."""
    rows = _first_rows(inputs)
    data = inputs.data.taken(rows)
    fixed = fixed_batch(inputs.session)
    first = inputs.scored(inputs.data, inputs.predictions)
    again = inputs.scored(data, inputs.predict(data))
    other = None if fixed else inputs.scored(data, _otherwise(inputs, data))
    return {
        check["id"]: {
            "n": len(rows),
            "again": _differing(first, again, check["tolerance"], batch=fixed or BATCH),
            "other_batch_size": None if other is None else _differing(first, other, check["tolerance"], batch=OTHER),
        }
        for check in checks
    }


def _first_rows(inputs: Inputs) -> Integers:
    """As many whole batches as fit into the limit, at least one."""
    size = fixed_batch(inputs.session) or BATCH
    return np.arange(min(len(inputs.data), max(1, ROWS // size) * size))


def _otherwise(inputs: Inputs, data: Dataset) -> Predictions:
    """In batches of another size, some rows spread over the data each by itself."""
    several = inputs.predict(data, OTHER)
    rows = np.unique(np.linspace(0, len(data) - 1, ALONE).astype(np.int64))
    alone = inputs.predict(data.taken(rows), 1)
    scores, labels = several.scores.copy(), None if several.labels is None else several.labels.copy()
    scores[rows] = alone.scores
    if labels is not None and alone.labels is not None:
        labels[rows] = alone.labels
    return Predictions(scores, labels)


def _differing(first: Scoring, second: Scoring, tolerance: float, batch: int) -> dict[str, Any]:
    n = len(second.labels)
    old, new = (one.predictions.scores[:n].reshape(n, -1) for one in (first, second))
    scores = (abs(new - old) > tolerance * np.maximum(1, abs(old))).any(axis=1)
    decisions = np.zeros(n, dtype=np.bool_)
    if second.plan["task"] != "regression":
        decisions = first.decided[:n] != second.decided
    return {
        "decisions": int(decisions.sum()),
        "scores": int(scores.sum()),
        "rows": int((decisions | scores).sum()),
        "of_rows": len(first.labels),
        "batch": batch,
    }
