"""Permutation importance of the model's columns, as checks measure it and as they choose the columns that they look at."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.prediction import Predictions
from placet_verification.adapters.evaluation.probing import predicted, sample_for
from placet_verification.adapters.evaluation.scoring import DEFAULT_METRICS, Scoring
from placet_verification.adapters.evaluation.statistics.importance import Importances, permutation_importance
from placet_verification.adapters.evaluation.statistics.probing import Columns, Predict, taken

__all__ = ["LESS_IS_BETTER", "importances", "metric_of", "most_important"]

_OF_DECISIONS = frozenset({"accuracy", "balanced_accuracy", "mcc", "f1", "f1_macro", "f1_weighted"})
LESS_IS_BETTER = frozenset({"log_loss", "brier", "mae", "rmse"})

SampleMetric = Callable[[NDArray[np.float64], NDArray[np.int64]], float]


def metric_of(check: Mapping[str, Any], inputs: Inputs) -> str:
    """The one that the check names, or the task's."""
    return str(check["metric"] or DEFAULT_METRICS[inputs.plan["task"]])


def importances(inputs: Inputs, metric: str, repeats: int) -> Importances | None:
    """On a sample whose runs are three passes; a metric of which less is better is turned. Raises `Refused`."""
    columns = inputs.data.columns(inputs.plan)
    rows = sample_for(inputs, 1 + repeats * len(columns))
    sample, labels = taken(columns, rows), inputs.data.labels[rows]
    predict, measured = _read(inputs, metric, labels)
    return permutation_importance(sample, predict, measured, inputs.plan["seed"], rows=len(rows), repeats=repeats)


def most_important(inputs: Inputs, most: int) -> list[str]:
    """Names of columns, most important first, by one permutation of each; all of them where there are no more. Raises `Refused`."""
    names = list(inputs.data.columns(inputs.plan))
    if len(names) <= most:
        return names
    found = importances(inputs, DEFAULT_METRICS[inputs.plan["task"]], 1)
    ordered = [name for one in found.columns for name in one.columns] if found else names
    return ordered[:most]


def _read(inputs: Inputs, metric: str, labels: NDArray[Any]) -> tuple[Predict, SampleMetric]:
    """Scores, or decisions by number, and the metric of them."""
    of_decisions = metric in _OF_DECISIONS

    def predict(columns: Columns) -> NDArray[np.float64]:
        predictions = predicted(inputs, columns)
        if not of_decisions:
            return predictions.scores
        return Scoring(inputs.plan, labels[:0], predictions).decided.astype(np.float64)

    def measured(answers: NDArray[np.float64], rows: NDArray[np.int64]) -> float:
        predictions = Predictions(answers, answers.astype(np.int64) if of_decisions else None)
        value = Scoring(inputs.plan, labels[rows], predictions).metric({"metric": metric})
        found = value(np.ones(len(rows))) if value else float("nan")
        return -found if metric in LESS_IS_BETTER else found

    return predict, measured
