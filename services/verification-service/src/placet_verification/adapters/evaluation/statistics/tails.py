"""Tail probabilities of the normal, the chi-squared and the binomial distribution, in closed form.

SciPy has them too; its import alone takes longer than a small run, and every run starts a process.
"""

from math import erfc, inf, lgamma, log, sqrt

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Floats

__all__ = ["binomial_log_masses", "chi_squared_tail", "normal_tails"]


def normal_tails(z: float) -> float:
    """P(|Z| >= |z|) of a standard normal Z."""
    return erfc(abs(z) / sqrt(2))


def chi_squared_tail(statistic: float, freedom: int) -> float:
    """P(X >= statistic) for whole degrees of freedom, as a finite sum (Abramowitz & Stegun 26.4.4 and 26.4.5)."""
    half = statistic / 2
    if half <= 0:
        return 1.0
    first = 0.5 if freedom % 2 else 0.0
    steps = np.arange(freedom // 2) + first
    logs = np.array([step * log(half) - lgamma(step + 1) - half for step in steps]) if half < inf else np.array([-inf])
    rest = erfc(sqrt(half)) if freedom % 2 else 0.0
    return min(1.0, rest + float(np.exp(logs).sum()))


def binomial_log_masses(n: int, share: float) -> Floats:
    """Logarithms of the probabilities of 0 to n hits; the share lies strictly between 0 and 1."""
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    hits = np.arange(n + 1)
    return np.asarray(factorials[n] - factorials - factorials[::-1] + hits * log(share) + (n - hits) * log(1 - share))
