"""95 % intervals of metrics of rows: percentile bootstrap, and closed forms where resampling would take minutes."""

from collections.abc import Mapping
from math import sqrt

import numpy as np

from placet_verification.adapters.evaluation.rows import RowMetric
from placet_verification.adapters.evaluation.statistics.arrays import Floats, generator

__all__ = ["CONFIDENCE", "RESAMPLES", "ROWS_FOR_BOOTSTRAP", "Interval", "Z", "bootstrapped", "normal", "percentiles"]

RESAMPLES = 2000
ROWS_FOR_BOOTSTRAP = 50_000
CONFIDENCE = 0.95
Z = 1.959963984540054
_DEFINED = 0.95
"""The share of resamples in which a metric must be defined for its percentiles to mean something."""

Interval = tuple[float, float]


def percentiles(values: Floats) -> Interval | None:
    """The middle 95 % of resampled values (Efron & Tibshirani 1993); None when too many are not defined."""
    defined = values[~np.isnan(values)]
    if not len(defined) or len(defined) < _DEFINED * len(values):
        return None
    low, high = np.quantile(defined, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def bootstrapped(metrics: Mapping[str, RowMetric], n: int, seed: int) -> dict[str, Interval | None]:
    """Percentile intervals of several metrics from the same resampled rows."""
    random = generator(seed)
    values: dict[str, list[float]] = {name: [] for name in metrics}
    for _ in range(RESAMPLES):
        weights = np.bincount(random.integers(0, n, n), minlength=n).astype(np.float64)
        for name, metric in metrics.items():
            values[name].append(metric(weights))
    return {name: percentiles(np.array(found)) for name, found in values.items()}


def normal(losses: Floats) -> Interval:
    """Mean of one loss a row, by the central limit theorem: for many rows."""
    half = Z * float(losses.std(ddof=1)) / sqrt(len(losses))
    centre = float(losses.mean())
    return centre - half, centre + half
