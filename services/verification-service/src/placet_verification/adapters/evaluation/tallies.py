"""Metrics of decisions (the predicted and the true class), computed from counts alone; definitions as in scikit-learn.

A `Tally` may hold one count or many resampled ones: every metric works along the last axis.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

__all__ = ["TALLY_METRICS", "Tally", "resampled", "tally"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts per class: correct, true, predicted. Shape [..., classes]."""

    right: Floats
    true: Floats
    said: Floats


def tally(true: NDArray[np.int64], said: NDArray[np.int64], classes: int) -> Tally:
    """Count the rows once."""
    right = np.bincount(true[true == said], minlength=classes)
    return Tally(*(part.astype(np.float64) for part in (right, np.bincount(true, minlength=classes), np.bincount(said, minlength=classes))))


def resampled(true: NDArray[np.int64], said: NDArray[np.int64], classes: int, resamples: int, seed: int) -> Tally:
    """The bootstrap's tallies. Rows of one (true, predicted) pair are alike, so drawing rows is drawing a multinomial of pairs."""
    pairs, counts = np.unique(true * classes + said, return_counts=True)
    pair_true, pair_said = pairs // classes, pairs % classes
    hits = pair_true == pair_said
    random = np.random.Generator(np.random.PCG64(seed))
    rows = []
    for _ in range(resamples):
        drawn = random.multinomial(len(true), counts / len(true))
        right = np.bincount(pair_true[hits], drawn[hits], classes)
        rows.append((right, np.bincount(pair_true, drawn, classes), np.bincount(pair_said, drawn, classes)))
    return Tally(*(np.array(part, dtype=np.float64) for part in zip(*rows, strict=True)))


def accuracy(counts: Tally) -> Floats:
    """Share of correct rows."""
    return _floats(counts.right.sum(-1) / counts.true.sum(-1))


def balanced_accuracy(counts: Tally) -> Floats:
    """Mean recall over the classes that occur."""
    return _mean(_ratio(counts.right, counts.true), counts.true > 0)


def f1_each(counts: Tally) -> Floats:
    """F1 of every class; 0 where a class neither occurs nor is predicted."""
    return _ratio(2 * counts.right, counts.true + counts.said)


def f1_macro(counts: Tally) -> Floats:
    """Mean F1 over the classes that occur or are predicted."""
    return _mean(f1_each(counts), counts.true + counts.said > 0)


def f1_weighted(counts: Tally) -> Floats:
    """Mean F1, each class by how often it occurs."""
    return _floats((f1_each(counts) * counts.true).sum(-1) / counts.true.sum(-1))


def mcc(counts: Tally) -> Floats:
    """Matthews' correlation, for several classes as in Gorodkin (2004); 0 where a side is constant."""
    rows = counts.true.sum(-1)
    covariance = counts.right.sum(-1) * rows - (counts.true * counts.said).sum(-1)
    spread = (rows**2 - (counts.true**2).sum(-1)) * (rows**2 - (counts.said**2).sum(-1))
    return _ratio(covariance, np.sqrt(spread))


TALLY_METRICS: Mapping[str, Callable[[Tally], Floats]] = MappingProxyType(
    {
        "accuracy": accuracy,
        "balanced_accuracy": balanced_accuracy,
        "f1_macro": f1_macro,
        "f1_weighted": f1_weighted,
        "mcc": mcc,
    }
)


def _ratio(upper: Floats, lower: Floats) -> Floats:
    return _floats(np.divide(upper, lower, out=np.zeros_like(upper, dtype=np.float64), where=lower != 0))


def _mean(values: Floats, where: NDArray[np.bool_]) -> Floats:
    return _floats((values * where).sum(-1) / where.sum(-1))


def _floats(values: Floats) -> Floats:
    return np.asarray(values, dtype=np.float64)
