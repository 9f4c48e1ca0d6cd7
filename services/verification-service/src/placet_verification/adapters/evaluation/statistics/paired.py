"""Two models on the same rows: the difference challenger − champion of a metric, and whether their decisions err differently."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from placet_verification.adapters.evaluation.rows import RowMetric
from placet_verification.adapters.evaluation.statistics.arrays import Bools, Floats, Integers, finite, generator
from placet_verification.adapters.evaluation.statistics.intervals import RESAMPLES, Interval, normal, percentiles
from placet_verification.adapters.evaluation.statistics.proportions import binomial_test
from placet_verification.adapters.evaluation.statistics.tails import chi_squared_tail
from placet_verification.adapters.evaluation.tallies import Tally

__all__ = ["Cells", "Difference", "McNemar", "bootstrap_of_counts", "bootstrap_of_rows", "cells", "difference_of_means", "mcnemar"]

SCORE_BINS = 100
EXACT_BELOW = 25


@dataclass(frozen=True, slots=True)
class Difference:
    """Challenger − champion on the same rows."""

    champion: float
    challenger: float
    ci: Interval | None

    @property
    def value(self) -> float:
        """The difference itself."""
        return self.challenger - self.champion


@dataclass(frozen=True, slots=True)
class McNemar:
    """`broken` rows only the champion has right (b), `repaired` rows only the challenger (c); no statistic in the exact variant."""

    broken: int
    repaired: int
    variant: Literal["exact_binomial", "continuity_corrected"]
    statistic: float | None
    p: float


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows that are nearly alike, merged: their label, their two scores, and how many they are."""

    positive: Bools
    champion: Floats
    challenger: Floats
    counts: Integers


def bootstrap_of_rows(
    champion: RowMetric, challenger: RowMetric, counts: Integers, seed: int, resamples: int = RESAMPLES
) -> Difference | None:
    """Paired percentile bootstrap (Efron & Tibshirani 1993): one vector of weights a resample, for both metrics.

    `counts` says how often each row stands for one: ones for rows, `Cells.counts` for merged rows. None where a metric is not defined.
    """
    total = int(counts.sum())
    if total == 0:
        return None
    whole = counts.astype(np.float64)
    values = champion(whole), challenger(whole)
    if np.isnan(values).any():
        return None
    random, shares, of_rows = generator(seed), counts / total, bool((counts == 1).all())
    differences = np.empty(resamples)
    for number in range(resamples):
        drawn = np.bincount(random.integers(0, total, total), minlength=total) if of_rows else random.multinomial(total, shares)
        weights = drawn.astype(np.float64)
        differences[number] = challenger(weights) - champion(weights)
    return Difference(*values, percentiles(differences))


def cells(positive: Bools, champion: Floats, challenger: Floats, bins: int = SCORE_BINS) -> Cells | None:
    """Merges rows of one label whose two scores lie in the same quantile bins: for a bootstrap of very many rows, whose
    value is better taken from the rows themselves. None for NaN.
    """
    if not len(positive) or not finite(champion, challenger):
        return None
    old, new = (_binned(scores, bins) for scores in (champion, challenger))
    _, first, counts = np.unique((old[0] * bins + new[0]) * 2 + positive, return_index=True, return_counts=True)
    return Cells(positive[first], old[1][first], new[1][first], counts.astype(np.int64))


def _binned(scores: Floats, bins: int) -> tuple[Integers, Floats]:
    """Each row's quantile bin, and that bin's mean score: one number for all of its rows, so that equal scores stay equal."""
    edges = np.quantile(scores, np.linspace(0, 1, bins + 1)[1:-1])
    number = np.searchsorted(edges, scores, side="left").astype(np.int64)
    sums, counts = np.bincount(number, scores, bins), np.bincount(number, minlength=bins)
    return number, np.asarray((sums / np.maximum(counts, 1))[number])


def bootstrap_of_counts(
    metric: Callable[[Tally], Floats],
    true: Integers,
    champion: Integers,
    challenger: Integers,
    classes: int,
    seed: int,
    resamples: int = RESAMPLES,
) -> Difference | None:
    """The same for a metric of decisions, whatever the number of rows: rows of one (true, champion, challenger) triple are alike."""
    if not len(true):
        return None
    triples, counts = np.unique((true * classes + champion) * classes + challenger, return_counts=True)
    of_true, said = triples // classes**2, (triples // classes % classes, triples % classes)
    drawn = generator(seed).multinomial(len(true), counts / len(true), resamples)
    rows = np.vstack([counts, drawn]).astype(np.float64)
    old, new = (np.asarray(metric(_tally(rows, of_true, decided, classes))) for decided in said)
    return Difference(float(old[0]), float(new[0]), percentiles((new - old)[1:]))


def _tally(rows: Floats, true: Integers, said: Integers, classes: int) -> Tally:
    of_true, of_said = np.eye(classes)[true], np.eye(classes)[said]
    return Tally(rows @ (of_true * of_said), rows @ of_true, rows @ of_said)


def difference_of_means(champion: Floats, challenger: Floats) -> Difference | None:
    """The difference of two means of one loss a row, by the central limit theorem: for many rows; None without two rows or for NaN."""
    if len(champion) < 2 or not finite(champion, challenger):
        return None
    return Difference(float(champion.mean()), float(challenger.mean()), normal(challenger - champion))


def mcnemar(champion_right: Bools, challenger_right: Bools) -> McNemar:
    """Whether both err equally often: exact binomial below 25 discordant rows, else (|b − c| − 1)²/(b + c), 0 where both are equal (McNemar
    1947, Edwards 1948).
    """
    broken = int((champion_right & ~challenger_right).sum())
    repaired = int((challenger_right & ~champion_right).sum())
    discordant = broken + repaired
    if discordant < EXACT_BELOW:
        p = binomial_test(broken, discordant)
        return McNemar(broken, repaired, "exact_binomial", None, 1.0 if p is None else p)
    statistic = max(0, abs(broken - repaired) - 1) ** 2 / discordant
    return McNemar(broken, repaired, "continuity_corrected", statistic, chi_squared_tail(statistic, 1))
