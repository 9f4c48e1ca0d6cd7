"""The area under the ROC curve with DeLong's variance: of one score, and the difference of two on the same rows."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Bools, Floats, midranks
from placet_verification.adapters.evaluation.statistics.intervals import Interval, Z
from placet_verification.adapters.evaluation.statistics.tails import normal_tails

__all__ = ["Area", "AreaDifference", "area", "area_difference", "delong"]


@dataclass(frozen=True, slots=True)
class Area:
    """`variance` and `ci` need two rows of each class."""

    value: float
    variance: float | None
    ci: Interval | None


@dataclass(frozen=True, slots=True)
class AreaDifference:
    """Challenger − champion. Without variance (scores that rank alike) the interval is a point; p is 1 for no difference, else 0."""

    champion: float
    challenger: float
    value: float
    variance: float
    ci: Interval
    p: float


def delong(positive: Bools, scores: Floats) -> Interval | None:
    """The interval of one area; None when it is not defined."""
    found = area(positive, scores)
    return found.ci if found else None


def area(positive: Bools, scores: Floats) -> Area | None:
    """AUC by its structural components (DeLong 1988), from mid-ranks (Sun & Xu 2014); None for one class, or a score that is no number."""
    parts = _components(positive, scores)
    if parts is None:
        return None
    of_high, of_low = parts
    value = float(of_high.mean())
    if len(of_high) < 2 or len(of_low) < 2:
        return Area(value, None, None)
    variance = float(of_high.var(ddof=1) / len(of_high) + of_low.var(ddof=1) / len(of_low))
    half = Z * sqrt(variance)
    return Area(value, variance, (max(0.0, value - half), min(1.0, value + half)))


def area_difference(positive: Bools, champion: Floats, challenger: Floats) -> AreaDifference | None:
    """The difference of two correlated areas and the test that it is 0 (DeLong 1988); None without two rows of each class."""
    old, new = _components(positive, champion), _components(positive, challenger)
    if old is None or new is None or min(len(old[0]), len(old[1])) < 2:
        return None
    # the variance of the components' differences holds both variances and the covariance
    of_high, of_low = new[0] - old[0], new[1] - old[1]
    value = float(of_high.mean())
    variance = float(of_high.var(ddof=1) / len(of_high) + of_low.var(ddof=1) / len(of_low))
    half = Z * sqrt(variance)
    p = normal_tails(value / sqrt(variance)) if variance else float(value == 0)
    return AreaDifference(float(old[0].mean()), float(new[0].mean()), value, variance, (value - half, value + half), p)


def _components(positive: Bools, scores: Floats) -> tuple[Floats, Floats] | None:
    """For each positive row the share of negatives below it, for each negative the share of positives above it; ties count half."""
    high, low = scores[positive], scores[~positive]
    if not len(high) or not len(low) or np.isnan(scores).any():
        return None
    ranks = midranks(scores)
    of_high = (ranks[positive] - midranks(high)) / len(low)
    of_low = 1 - (ranks[~positive] - midranks(low)) / len(high)
    return np.asarray(of_high), np.asarray(of_low)
