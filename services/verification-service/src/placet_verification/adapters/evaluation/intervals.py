"""95 % intervals: Wilson for proportions, percentile bootstrap for the rest, closed forms where resampling would take minutes."""

from collections.abc import Mapping
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.rows import RowMetric

__all__ = ["CONFIDENCE", "RESAMPLES", "ROWS_FOR_BOOTSTRAP", "bootstrapped", "delong", "normal", "percentiles", "wilson"]

RESAMPLES = 2000
ROWS_FOR_BOOTSTRAP = 50_000
CONFIDENCE = 0.95
_Z = 1.959963984540054
_DEFINED = 0.95
"""The share of resamples in which a metric must be defined for its percentiles to mean something."""

Interval = tuple[float, float]
Floats = NDArray[np.float64]


def wilson(hits: float, n: int) -> Interval:
    """Score interval of a proportion (Wilson 1927)."""
    share = hits / n
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def percentiles(values: Floats) -> Interval | None:
    """The middle 95 % of resampled values (Efron & Tibshirani 1993); None when too many are not defined."""
    defined = values[~np.isnan(values)]
    if len(defined) < _DEFINED * len(values):
        return None
    low, high = np.quantile(defined, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def bootstrapped(metrics: Mapping[str, RowMetric], n: int, seed: int) -> dict[str, Interval | None]:
    """Percentile intervals of several metrics from the same resampled rows."""
    random = np.random.Generator(np.random.PCG64(seed))
    values: dict[str, list[float]] = {name: [] for name in metrics}
    for _ in range(RESAMPLES):
        weights = np.bincount(random.integers(0, n, n), minlength=n).astype(np.float64)
        for name, metric in metrics.items():
            values[name].append(metric(weights))
    return {name: percentiles(np.array(found)) for name, found in values.items()}


def normal(losses: Floats) -> Interval:
    """Mean of one loss a row, by the central limit theorem: for many rows."""
    half = _Z * float(losses.std(ddof=1)) / sqrt(len(losses))
    centre = float(losses.mean())
    return centre - half, centre + half


def delong(positive: NDArray[np.bool_], scores: Floats) -> Interval:
    """AUC by its structural components (DeLong 1988), from mid-ranks (Sun & Xu 2014)."""
    high, low = scores[positive], scores[~positive]
    of_high = (_midranks(scores)[positive] - _midranks(high)) / len(low)
    of_low = 1 - (_midranks(scores)[~positive] - _midranks(low)) / len(high)
    area = float(of_high.mean())
    half = _Z * sqrt(of_high.var(ddof=1) / len(high) + of_low.var(ddof=1) / len(low))
    return max(0.0, area - half), min(1.0, area + half)


def _midranks(values: Floats) -> Floats:
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[group.reshape(-1)], dtype=np.float64)
