"""Whether predicted probabilities are the frequencies that occur."""

from dataclasses import dataclass

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Bools, Floats, Integers
from placet_verification.adapters.evaluation.statistics.intervals import Interval
from placet_verification.adapters.evaluation.statistics.proportions import wilson

__all__ = ["Bin", "Reliability", "brier", "brier_of_classes", "reliability", "reliability_of_top_label"]

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows with a probability in (low, high], the first bin with 0; without rows there is neither mean, share nor interval."""

    low: float
    high: float
    n: int
    mean_probability: float | None
    share: float | None
    ci: Interval | None

    @property
    def gap(self) -> float:
        """|what occurs − what was predicted|."""
        return abs(self.share - self.mean_probability) if self.share is not None and self.mean_probability is not None else 0.0


@dataclass(frozen=True, slots=True)
class Reliability:
    """Expected and maximum calibration error (Naeini et al. 2015, Guo et al. 2017) and the curve that they are made of."""

    ece: float
    mce: float
    curve: tuple[Bin, ...]


def reliability(occurred: Bools, probabilities: Floats, bins: int = BINS) -> Reliability | None:
    """By bins of equal width; None without rows, or for numbers that are no probabilities."""
    if not _are_probabilities(probabilities):
        return None
    edges = np.linspace(0, 1, bins + 1)
    number = np.searchsorted(edges[1:-1], probabilities, side="left")
    counts = np.bincount(number, minlength=bins)
    sums = np.bincount(number, probabilities, bins)
    hits = np.bincount(number, occurred, bins)
    curve = tuple(_bin(*facts) for facts in zip(edges[:-1], edges[1:], counts, sums, hits, strict=True))
    ece = sum(part.n * part.gap for part in curve) / len(probabilities)
    return Reliability(ece, max(part.gap for part in curve), curve)


def reliability_of_top_label(true: Integers, probabilities: Floats, bins: int = BINS) -> Reliability | None:
    """For several classes: whether the most probable class occurs as often as its probability says (Guo et al. 2017)."""
    if not probabilities.size:
        return None
    return reliability(probabilities.argmax(axis=1) == true, probabilities.max(axis=1), bins)


def brier(positive: Bools, probabilities: Floats) -> float | None:
    """Mean squared error of the probability of the positive class; None as for `reliability`."""
    return float(((probabilities - positive) ** 2).mean()) if _are_probabilities(probabilities) else None


def brier_of_classes(true: Integers, probabilities: Floats) -> float | None:
    """The score as Brier (1950) defined it, the sum over all classes: from 0 to 2, for two classes twice `brier`."""
    if not _are_probabilities(probabilities):
        return None
    return float(((probabilities - np.eye(probabilities.shape[1])[true]) ** 2).sum(axis=1).mean())


def _are_probabilities(values: Floats) -> bool:
    return bool(values.size) and bool(((values >= 0) & (values <= 1)).all())


def _bin(low: float, high: float, n: int, total: float, hits: float) -> Bin:
    if not n:
        return Bin(float(low), float(high), 0, None, None, None)
    return Bin(float(low), float(high), int(n), float(total / n), float(hits / n), wilson(float(hits), int(n)))
