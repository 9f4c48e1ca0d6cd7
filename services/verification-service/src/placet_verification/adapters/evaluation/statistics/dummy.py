"""What a model that has learnt nothing reaches: the most frequent class, the classes' shares, or the mean, whichever is best."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from placet_verification.adapters.evaluation.rows import RowMetric, r2, rmse, row_mean
from placet_verification.adapters.evaluation.statistics.arrays import Floats, Integers
from placet_verification.adapters.evaluation.statistics.blind_predictions import FREQUENT, STRATIFIED, Formula, Shares

__all__ = ["LOWER_IS_BETTER", "Dummy", "Strategy", "best_dummy", "mean_dummy"]

Strategy = Literal["most_frequent", "stratified", "mean"]
LOWER_IS_BETTER = frozenset({"brier", "log_loss", "mae", "mape", "rmse"})


@dataclass(frozen=True, slots=True)
class Dummy:
    """`metric` gives the value under any weights of the same rows, for a paired bootstrap; the classes' shares or the mean stay."""

    strategy: Strategy
    value: float
    metric: RowMetric


def best_dummy(metric: str, true: Integers, classes: int, positive: int = 1, k: int = 1) -> Dummy | None:
    """The better of two, for a metric of a classification: always the most frequent class, or each class by its share of the rows.

    Stratified is the expectation over random draws for metrics of decisions (for F1 of the expected counts), and predicts the shares
    themselves where probabilities are asked for. None without rows, and where a metric is not defined for one class.
    """
    if not len(true):
        return None
    learnt = np.bincount(true, minlength=classes) / len(true)
    found: list[Dummy] = []
    strategies: tuple[tuple[Strategy, Mapping[str, Formula]], ...] = (("most_frequent", FREQUENT), ("stratified", STRATIFIED))
    for strategy, formulas in strategies:
        if metric in formulas:
            of_weights = _metric(formulas[metric], true, learnt, positive, k)
            found.append(Dummy(strategy, of_weights(np.ones(len(true))), of_weights))
    known = [one for one in found if not np.isnan(one.value)]
    return max(known, key=lambda one: -one.value if metric in LOWER_IS_BETTER else one.value, default=None)


def mean_dummy(metric: str, target: Floats) -> Dummy | None:
    """Always the mean, for a metric of a regression; None without rows, for a target that is no number, or where it is not defined."""
    if not len(target) or not np.isfinite(target).all():
        return None
    errors = np.asarray(target.mean() - target)
    match metric:
        case "mae":
            of_weights = row_mean(abs(errors))
        case "rmse":
            of_weights = rmse(errors)
        case "r2":
            of_weights = r2(target, errors)
        case "mape" if (target != 0).all():
            of_weights = row_mean(abs(errors / target))
        case _:
            return None
    value = of_weights(np.ones(len(target)))
    return None if np.isnan(value) else Dummy("mean", value, of_weights)


def _metric(formula: Formula, true: Integers, learnt: Floats, positive: int, k: int) -> RowMetric:
    def of_weights(weights: Floats) -> float:
        return formula(Shares(learnt, np.bincount(true, weights, len(learnt)) / weights.sum(), positive, k))

    return of_weights
