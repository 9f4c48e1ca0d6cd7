"""What a model that has learnt nothing reaches: the most frequent class, the classes' shares, or the mean, whichever is best."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from placet_verification.adapters.evaluation.rows import RowMetric, r2, rmse, row_mean
from placet_verification.adapters.evaluation.statistics.arrays import Floats, Integers

__all__ = ["LOWER_IS_BETTER", "Dummy", "Strategy", "best_dummy", "mean_dummy"]

Strategy = Literal["most_frequent", "stratified", "mean"]
LOWER_IS_BETTER = frozenset({"brier", "log_loss", "mae", "mape", "rmse"})


@dataclass(frozen=True, slots=True)
class Dummy:
    """`metric` gives the value under any weights of the same rows, for a paired bootstrap; the classes' shares or the mean stay."""

    strategy: Strategy
    value: float
    metric: RowMetric


@dataclass(frozen=True, slots=True)
class _Shares:
    """`learnt` is what the dummy knows, `seen` is what it is measured on; the number of the positive class, and k for top-k."""

    learnt: Floats
    seen: Floats
    positive: int
    k: int

    @property
    def frequent(self) -> Floats:
        """One at the most frequent class."""
        return np.asarray(np.arange(len(self.learnt)) == self.learnt.argmax(), dtype=np.float64)


def best_dummy(metric: str, true: Integers, classes: int, positive: int = 1, k: int = 1) -> Dummy | None:
    """The better of two, for a metric of a classification: always the most frequent class, or each class by its share of the rows.

    Stratified is the expectation over random draws for metrics of decisions (for F1 of the expected counts), and predicts the shares
    themselves where probabilities are asked for. None without rows, and where a metric is not defined for one class.
    """
    if not len(true):
        return None
    learnt = np.bincount(true, minlength=classes) / len(true)
    found: list[Dummy] = []
    strategies: tuple[tuple[Strategy, Mapping[str, _Formula]], ...] = (("most_frequent", _FREQUENT), ("stratified", _STRATIFIED))
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


_Formula = Callable[[_Shares], float]


def _metric(formula: _Formula, true: Integers, learnt: Floats, positive: int, k: int) -> RowMetric:
    def of_weights(weights: Floats) -> float:
        return formula(_Shares(learnt, np.bincount(true, weights, len(learnt)) / weights.sum(), positive, k))

    return of_weights


def _f1(said: Floats, seen: Floats) -> Floats:
    """Of each class, when a share `said` of all rows is predicted to be of it regardless of its true class."""
    both = said + seen
    return np.divide(2 * said * seen, both, out=np.zeros(len(seen)), where=both > 0)


def _macro(said: Floats, seen: Floats) -> float:
    return float(_f1(said, seen)[said + seen > 0].mean())


def _balanced(shares: _Shares) -> float:
    """Each class that occurs is recalled as often as it is predicted, which sums to 1 over all of them."""
    return float(1 / (shares.seen > 0).sum())


def _log_loss(shares: _Shares) -> float:
    some = shares.seen > 0
    with np.errstate(divide="ignore"):
        return float(-(shares.seen[some] @ np.log(shares.learnt[some])))


def _brier(chance: float, seen: float) -> float:
    return float(seen * (1 - chance) ** 2 + (1 - seen) * chance**2)


def _one_half(shares: _Shares) -> float:
    seen = float(shares.seen[shares.positive])
    return 0.5 if 0 < seen < 1 else float("nan")


def _average_precision(shares: _Shares) -> float:
    return float(shares.seen[shares.positive]) or float("nan")


def _top_k(shares: _Shares) -> float:
    return float(shares.seen[np.argsort(-shares.learnt, kind="stable")[: shares.k]].sum())


def _no_correlation(_: _Shares) -> float:
    return 0.0


_FREQUENT: Mapping[str, _Formula] = MappingProxyType(
    {
        "accuracy": lambda one: float(one.frequent @ one.seen),
        "balanced_accuracy": _balanced,
        "f1": lambda one: float(_f1(one.frequent, one.seen)[one.positive]),
        "f1_macro": lambda one: _macro(one.frequent, one.seen),
        "f1_weighted": lambda one: float(_f1(one.frequent, one.seen) @ one.seen),
        "mcc": _no_correlation,
        "brier": lambda one: _brier(float(one.frequent[one.positive]), float(one.seen[one.positive])),
        "top_k_accuracy": _top_k,
    }
)
_STRATIFIED: Mapping[str, _Formula] = MappingProxyType(
    {
        "accuracy": lambda one: float(one.learnt @ one.seen),
        "balanced_accuracy": _balanced,
        "f1": lambda one: float(_f1(one.learnt, one.seen)[one.positive]),
        "f1_macro": lambda one: _macro(one.learnt, one.seen),
        "f1_weighted": lambda one: float(_f1(one.learnt, one.seen) @ one.seen),
        "mcc": _no_correlation,
        "brier": lambda one: _brier(float(one.learnt[one.positive]), float(one.seen[one.positive])),
        "log_loss": _log_loss,
        "roc_auc": _one_half,
        "average_precision": _average_precision,
    }
)
