"""Metrics of predictions that know the classes' shares and nothing of a row, in closed form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Floats

__all__ = ["FREQUENT", "STRATIFIED", "Formula", "Shares"]


@dataclass(frozen=True, slots=True)
class Shares:
    """`learnt` is what the dummy knows, `seen` is what it is measured on; the number of the positive class, and k for top-k."""

    learnt: Floats
    seen: Floats
    positive: int
    k: int

    @property
    def frequent(self) -> Floats:
        """One at the most frequent class."""
        return np.asarray(np.arange(len(self.learnt)) == self.learnt.argmax(), dtype=np.float64)


Formula = Callable[[Shares], float]


def _f1(said: Floats, seen: Floats) -> Floats:
    """Of each class, when a share `said` of all rows is predicted to be of it regardless of its true class."""
    both = said + seen
    return np.divide(2 * said * seen, both, out=np.zeros(len(seen)), where=both > 0)


def _macro(said: Floats, seen: Floats) -> float:
    return float(_f1(said, seen)[said + seen > 0].mean())


def _balanced(shares: Shares) -> float:
    """Each class that occurs is recalled as often as it is predicted, which sums to 1 over all of them."""
    return float(1 / (shares.seen > 0).sum())


def _log_loss(shares: Shares) -> float:
    some = shares.seen > 0
    with np.errstate(divide="ignore"):
        return float(-(shares.seen[some] @ np.log(shares.learnt[some])))


def _brier(chance: float, seen: float) -> float:
    return float(seen * (1 - chance) ** 2 + (1 - seen) * chance**2)


def _one_half(shares: Shares) -> float:
    seen = float(shares.seen[shares.positive])
    return 0.5 if 0 < seen < 1 else float("nan")


def _average_precision(shares: Shares) -> float:
    return float(shares.seen[shares.positive]) or float("nan")


def _top_k(shares: Shares) -> float:
    return float(shares.seen[np.argsort(-shares.learnt, kind="stable")[: shares.k]].sum())


def _no_correlation(_: Shares) -> float:
    return 0.0


FREQUENT: Mapping[str, Formula] = MappingProxyType(
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
STRATIFIED: Mapping[str, Formula] = MappingProxyType(
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
