"""The model as a function of columns, which the statistics change, mix and repeat."""

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.prediction import Predictions
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.scoring import Scoring
from placet_verification.adapters.evaluation.statistics.probing import Columns, Predict, row_count, sampled

__all__ = [
    "SAMPLE",
    "changes",
    "class_number",
    "deviation",
    "failure_on_probes",
    "predicted",
    "sample_for",
    "score_of",
    "taken_predictions",
]

SAMPLE = 20_000
"""Rows that a check works on at most, where it runs the model several times."""
PASSES = 3
"""Of inference over the evaluation data, that a check may take."""
FEWEST = 5_000
"""Rows that a check works on at least, where the data have them: for few rows a pass costs little."""
_OF_THE_MODEL = frozenset({"prediction_failed", "prediction_not_finite"})


def predicted(inputs: Inputs, columns: Columns) -> Predictions:
    """Predictions for rows made of these columns, which are all that the model's inputs take; raises `Refused`."""
    rows = inputs.data.taken(np.zeros(row_count(columns), dtype=np.int64))
    return inputs.predict(rows.changed(inputs.plan, columns))


def score_of(inputs: Inputs, number: int) -> Predict:
    """One number a row: the score of the positive class, the predicted value, or the score of the class with this number."""

    def predict(columns: Columns) -> NDArray[np.float64]:
        scores = predicted(inputs, columns).scores
        return scores if scores.ndim == 1 else scores[:, number]

    return predict


def class_number(inputs: Inputs, name: str | None) -> int:
    """The number of a class by its name, 0 where none is named."""
    return 0 if name is None else int(inputs.plan["prediction"]["classes"].index(name))


def changes(inputs: Inputs, before: Predictions, after: Predictions, tolerance: float) -> NDArray[np.bool_]:
    """Which rows are decided otherwise; of a regression, those whose prediction moves by more than the tolerance."""
    if inputs.plan["task"] == "regression":
        return np.asarray(abs(after.scores - before.scores) > tolerance)
    labels = inputs.data.labels[:0]
    old, new = (Scoring(inputs.plan, labels, one).decided for one in (before, after))
    return np.asarray(old != new)


def deviation(inputs: Inputs) -> float:
    """The standard deviation of the predictions for the evaluation data: the unit of tolerances of a regression."""
    scores = inputs.predictions.scores
    with np.errstate(over="ignore", invalid="ignore"):
        found = float(scores.std())
    if np.isfinite(found):
        return found
    largest = float(abs(scores).max())  # its square is beyond all numbers, and nothing moves by an infinite tolerance
    return float((scores / largest).std()) * largest


def sample_for(inputs: Inputs, runs: int) -> NDArray[np.int64]:
    """Numbers of the rows for a check that runs the model on them so often: at most 20,000, and in all no more than three passes."""
    most = max(FEWEST, PASSES * len(inputs.data) // max(1, runs))
    return sampled(len(inputs.data), min(SAMPLE, most), inputs.plan["seed"])


def taken_predictions(inputs: Inputs, rows: NDArray[np.int64]) -> Predictions:
    """What the model says of some rows of the evaluation data."""
    labels = inputs.predictions.labels
    return Predictions(inputs.predictions.scores[rows], None if labels is None else labels[rows])


def failure_on_probes(refused: Refused) -> str:
    """Why the model has no prediction for rows that a check made up: a finding about it. Every other refusal ends the run and is raised."""
    if refused.reason_code not in _OF_THE_MODEL:
        raise refused
    return refused.reason_code
