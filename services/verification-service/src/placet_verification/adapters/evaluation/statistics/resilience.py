"""Which decisions outlast corrupted data, and the rows that do not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Bools, Column, Floats
from placet_verification.adapters.evaluation.statistics.intervals import Interval
from placet_verification.adapters.evaluation.statistics.proportions import wilson

__all__ = ["CriticalSample", "Resilience", "critical_samples", "resilience", "unchanged_numbers"]

CRITICAL = 20


@dataclass(frozen=True, slots=True)
class Resilience:
    """Share of decisions that stay, with Wilson's interval."""

    value: float
    ci: Interval | None
    n: int


@dataclass(frozen=True, slots=True)
class CriticalSample:
    """A row, by its number, whose decision changed under `flips` corruptions."""

    row: int
    flips: int


def resilience(unchanged: Bools) -> Resilience | None:
    """None without rows."""
    n = len(unchanged)
    return Resilience(float(unchanged.mean()), wilson(int(unchanged.sum()), n), n) if n else None


def unchanged_numbers(before: Floats, after: Floats, tolerance: float) -> Bools:
    """For regressions: predictions that move by no more than the tolerance; one that is no number afterwards has changed."""
    return np.asarray(abs(after - before) <= tolerance)


def critical_samples(before: Column, after: Sequence[Column], most: int = CRITICAL) -> tuple[CriticalSample, ...]:
    """The rows that most corruptions flip, of equal ones the first; rows that none flips are left out."""
    if not after or not len(before):
        return ()
    flips = np.sum([one != before for one in after], axis=0)
    order = np.argsort(-flips, kind="stable")[:most]
    return tuple(CriticalSample(int(row), int(flips[row])) for row in order if flips[row])
