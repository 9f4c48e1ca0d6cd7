"""The difference of a metric between two independent sets of rows: two groups, or training and evaluation data."""

from dataclasses import dataclass

import numpy as np

from placet_verification.adapters.evaluation.rows import RowMetric
from placet_verification.adapters.evaluation.statistics.arrays import generator
from placet_verification.adapters.evaluation.statistics.intervals import RESAMPLES, Interval, percentiles
from placet_verification.adapters.evaluation.statistics.tails import normal_tails

__all__ = ["Apart", "apart"]


@dataclass(frozen=True, slots=True)
class Apart:
    """First − second; `p` is two-sided, by the normal distribution with the standard error of the resamples."""

    first: float
    second: float
    ci: Interval | None
    p: float | None

    @property
    def value(self) -> float:
        """The difference itself."""
        return self.first - self.second


def apart(first: RowMetric, n: int, second: RowMetric, other_n: int, seed: int, resamples: int = RESAMPLES) -> Apart | None:
    """Percentile bootstrap, the rows of either set resampled by themselves; None where a metric is not defined."""
    if not n or not other_n:
        return None
    values = first(np.ones(n)), second(np.ones(other_n))
    if np.isnan(values).any():
        return None
    random, differences = generator(seed), np.empty(resamples)
    for number in range(resamples):
        ours, theirs = (np.bincount(random.integers(0, rows, rows), minlength=rows).astype(np.float64) for rows in (n, other_n))
        differences[number] = first(ours) - second(theirs)
    ci = percentiles(differences)
    if ci is None:
        return Apart(*values, None, None)
    error = float(np.nanstd(differences))
    return Apart(*values, ci, normal_tails((values[0] - values[1]) / error) if error else float(values[0] == values[1]))
