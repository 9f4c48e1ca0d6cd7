"""Metrics that need every row's score, as functions of how often each row counts; definitions as in scikit-learn.

Each builder prepares once (sorting, losses of single rows) and gives a function of weights, so that a bootstrap resample costs a
few passes and no sorting. A function gives NaN where the metric is not defined under the weights.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["RowMetric", "average_precision", "log_losses", "r2", "rmse", "roc_auc", "row_mean"]

Floats = NDArray[np.float64]
RowMetric = Callable[[Floats], float]


def roc_auc(positive: NDArray[np.bool_], scores: Floats) -> RowMetric:
    """Rank form, ties count half (Hanley & McNeil 1982)."""
    group, groups = _tied(scores)

    def metric(weights: Floats) -> float:
        positives = np.bincount(group, weights * positive, groups)
        negatives = np.bincount(group, weights * ~positive, groups)
        pairs = positives.sum() * negatives.sum()
        below = np.cumsum(negatives) - negatives
        return float((positives * (below + 0.5 * negatives)).sum() / pairs) if pairs else float("nan")

    return metric


def average_precision(positive: NDArray[np.bool_], scores: Floats) -> RowMetric:
    """The sum over thresholds of precision times the step in recall, not interpolated."""
    group, groups = _tied(-scores)

    def metric(weights: Floats) -> float:
        hits = np.bincount(group, weights * positive, groups)
        said = np.cumsum(np.bincount(group, weights, groups))
        precision = np.divide(np.cumsum(hits), said, out=np.zeros(groups), where=said > 0)
        return float((precision * hits).sum() / hits.sum()) if hits.sum() else float("nan")

    return metric


def row_mean(losses: Floats) -> RowMetric:
    """The mean of one loss a row: log loss, Brier score, absolute errors."""
    return lambda weights: float(losses @ weights / weights.sum())


def rmse(errors: Floats) -> RowMetric:
    """Root of the mean squared error."""
    mean = row_mean(errors**2)
    return lambda weights: float(np.sqrt(mean(weights)))


def r2(true: Floats, errors: Floats) -> RowMetric:
    """Coefficient of determination; not defined for constant labels, whose mean is rounded."""
    rounding = 4 * float(np.finfo(np.float64).eps * abs(true).max(initial=0.0))

    def metric(weights: Floats) -> float:
        centre = true @ weights / weights.sum()
        spread = (true - centre) ** 2 @ weights
        return float(1 - errors**2 @ weights / spread) if spread > rounding * rounding * weights.sum() else float("nan")

    return metric


def log_losses(true: NDArray[np.int64], probabilities: Floats) -> Floats:
    """Minus the logarithm of the true class's probability, which is kept off 0 by one unit in the last place."""
    least = np.finfo(np.float64).eps
    chosen = probabilities[np.arange(len(true)), true]
    return np.asarray(-np.log(np.clip(chosen, least, 1 - least)))


def _tied(scores: Floats) -> tuple[NDArray[np.int64], int]:
    values, group = np.unique(scores, return_inverse=True)
    return group.reshape(-1).astype(np.int64), len(values)
