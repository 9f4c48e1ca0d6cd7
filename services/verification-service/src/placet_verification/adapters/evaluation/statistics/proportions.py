"""Proportions: their intervals, the intervals of their differences, the exact test, and many tests at once."""

from math import log, sqrt

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Floats
from placet_verification.adapters.evaluation.statistics.intervals import Interval, Z
from placet_verification.adapters.evaluation.statistics.tails import binomial_log_masses, normal_tails

__all__ = ["benjamini_hochberg", "binomial_test", "newcombe", "newcombe_paired", "two_proportions_test", "wilson"]

_EQUAL = 1e-7
"""Masses that differ by less, relatively, are equal but for rounding."""


def wilson(hits: float, n: int) -> Interval | None:
    """Score interval of a proportion (Wilson 1927); None without rows."""
    if n == 0:
        return None
    share = hits / n
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def newcombe(hits: float, n: int, other_hits: float, other_n: int) -> Interval | None:
    """Interval of first − second of two independent proportions (Newcombe 1998, 17:873, method 10); None when either has no rows."""
    return _from_scores(hits, n, other_hits, other_n, 0.0)


def newcombe_paired(both: int, only_first: int, only_second: int, neither: int) -> Interval | None:
    """Interval of first − second of two proportions of the same rows (Newcombe 1998, 17:2635, method 10); None without rows."""
    n = both + only_first + only_second + neither
    first, second = both + only_first, both + only_second
    product = both * neither - only_first * only_second
    # a positive correlation is corrected for continuity, towards 0
    corrected = product if product < 0 else max(0.0, product - n / 2)
    margins = float(first) * second * (n - first) * (n - second)
    return _from_scores(first, n, second, n, corrected / sqrt(margins) if margins else 0.0)


def _from_scores(hits: float, n: int, other_hits: float, other_n: int, correlation: float) -> Interval | None:
    score, other_score = wilson(hits, n), wilson(other_hits, other_n)
    if score is None or other_score is None:
        return None
    share, other_share = hits / n, other_hits / other_n
    difference = share - other_share
    below, above = share - score[0], score[1] - share
    other_below, other_above = other_share - other_score[0], other_score[1] - other_share
    down = below**2 - 2 * correlation * below * other_above + other_above**2
    up = above**2 - 2 * correlation * above * other_below + other_below**2
    return max(-1.0, difference - sqrt(max(0.0, down))), min(1.0, difference + sqrt(max(0.0, up)))


def two_proportions_test(hits: float, n: int, other_hits: float, other_n: int) -> float | None:
    """Two-sided p of equal independent proportions, by the pooled score test; None when either has no rows."""
    if n == 0 or other_n == 0:
        return None
    pooled = (hits + other_hits) / (n + other_n)
    variance = pooled * (1 - pooled) * (1 / n + 1 / other_n)
    if variance <= 0:
        return 1.0
    return normal_tails((hits / n - other_hits / other_n) / sqrt(variance))


def binomial_test(hits: int, n: int, share: float = 0.5) -> float | None:
    """Exact two-sided p: the probability of all outcomes that are no more likely than this one; None without rows."""
    if n == 0:
        return None
    if not 0 < share < 1:
        return float(hits == n * share)
    masses = binomial_log_masses(n, share)
    return min(1.0, float(np.exp(masses[masses <= masses[hits] + log(1 + _EQUAL)]).sum()))


def benjamini_hochberg(p_values: Floats) -> Floats:
    """Adjusted p, in the order given (Benjamini & Hochberg 1995); NaN is a test that was not made and does not count."""
    adjusted = np.full(len(p_values), np.nan)
    made = np.flatnonzero(~np.isnan(p_values))
    order = made[np.argsort(p_values[made], kind="stable")]
    scaled = p_values[order] * len(made) / np.arange(1, len(made) + 1)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return adjusted
