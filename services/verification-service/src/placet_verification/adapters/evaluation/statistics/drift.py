"""How far the current data lie from the reference, column by column. Effect sizes: with many rows every p-value is small."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Column, Floats, Integers, as_codes, finite
from placet_verification.adapters.evaluation.statistics.cuts import quantiles
from placet_verification.adapters.evaluation.statistics.tails import chi_squared_tail

__all__ = ["Association", "association", "jensen_shannon", "kolmogorov_smirnov", "psi", "psi_of_categories", "wasserstein"]

BINS = 10
ZERO_CELL = 1e-4


@dataclass(frozen=True, slots=True)
class Association:
    """Pearson's chi-squared of categories against sample, and its effect size, Cramér's V (0 to 1)."""

    statistic: float
    freedom: int
    p: float
    cramers_v: float


def psi(reference: Floats, current: Floats, bins: int = BINS) -> float | None:
    """Population stability index Σ (q − p)·ln(q/p) over quantile bins of the reference; None when either has no rows.

    A value that several quantiles share has a bin of its own, so that a constant column drifts when it moves to either side; missing
    values are a bin too.
    """
    known = reference[~np.isnan(reference)]
    if not len(known):
        return _index(np.array([len(reference), 0]), np.array([np.isnan(current).sum(), (~np.isnan(current)).sum()]))
    edges, times = np.unique(quantiles(known, bins), return_counts=True)
    shared, cells = edges[times > 1], len(edges) + int((times > 1).sum()) + 2
    counts = []
    for column in (reference, current):
        cell = np.searchsorted(edges, column, side="left") + np.searchsorted(shared, column, side="right")
        counts.append(np.bincount(np.where(np.isnan(column), cells - 1, cell), minlength=cells))
    return _index(*counts)


def psi_of_categories(reference: Column, current: Column) -> float | None:
    """The same with one cell for each category of either."""
    return _index(*_counts(reference, current))


def kolmogorov_smirnov(reference: Floats, current: Floats) -> float | None:
    """The largest distance of the two distribution functions; missing values are left out."""
    return _of_known(reference, current, _ks)


def wasserstein(reference: Floats, current: Floats) -> float | None:
    """Earth mover's distance in standard deviations of the reference; None when the reference is constant or a value infinite."""
    known = reference[~np.isnan(reference)]
    if not len(known) or not finite(known) or not known.std() > 0:
        return None
    distance = _of_known(known, current, _distance)
    return distance / float(known.std()) if distance is not None else None


def jensen_shannon(reference: Column, current: Column) -> float | None:
    """Distance of categories, the root of the divergence in bits (Lin 1991): 0 to 1; None when either has no rows."""
    counts = _counts(reference, current)
    if not all(part.sum() for part in counts):
        return None
    p, q = (part / part.sum() for part in counts)
    middle = (p + q) / 2
    divergence = (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2
    return sqrt(min(1.0, max(0.0, divergence)))


def association(reference: Column, current: Column) -> Association | None:
    """Whether categories (the target's, say) are spread alike in both; None when either has no rows or all are of one category."""
    table = np.stack(_counts(reference, current)).astype(np.float64)
    if min(table.shape) < 2 or not table.sum(axis=1).all():
        return None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    statistic, freedom = float(((table - expected) ** 2 / expected).sum()), table.shape[1] - 1
    return Association(statistic, freedom, chi_squared_tail(statistic, freedom), sqrt(min(1.0, statistic / table.sum())))


def _index(reference: Integers, current: Integers) -> float | None:
    if not reference.sum() or not current.sum():
        return None
    p, q = (np.where(part > 0, part / part.sum(), ZERO_CELL) for part in (reference, current))
    return float(((q - p) * np.log(q / p)).sum())


def _counts(reference: Column, current: Column) -> tuple[Integers, Integers]:
    """Rows of each category that either has."""
    values, codes = as_codes(np.concatenate([reference, current]))
    parts = codes[: len(reference)], codes[len(reference) :]
    first, second = (np.bincount(part, minlength=len(values)).astype(np.int64) for part in parts)
    return first, second


def _relative_entropy(p: Floats, q: Floats) -> float:
    some = p > 0
    return float((p[some] * np.log2(p[some] / q[some])).sum())


def _of_known(reference: Floats, current: Floats, statistic: Callable[[Floats, Floats], float | None]) -> float | None:
    first, second = (np.sort(column[~np.isnan(column)]) for column in (reference, current))
    return statistic(first, second) if len(first) and len(second) else None


def _ks(reference: Floats, current: Floats) -> float:
    return float(abs(_steps(reference, current, np.concatenate([reference, current]))).max())


def _distance(reference: Floats, current: Floats) -> float | None:
    if not finite(current):
        return None
    values = np.sort(np.concatenate([reference, current]))
    return float((abs(_steps(reference, current, values[:-1])) * np.diff(values)).sum())


def _steps(reference: Floats, current: Floats, values: Floats) -> Floats:
    """The difference of the two distribution functions at the values; both columns are sorted."""
    heights = (np.searchsorted(column, values, side="right") / len(column) for column in (reference, current))
    return np.asarray(next(heights) - next(heights))
