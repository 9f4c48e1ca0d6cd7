"""The slices of the data where a model is weakest: found on one half of the rows, reported only if the other half confirms them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Bools, Column, Floats, Integers, generator
from placet_verification.adapters.evaluation.statistics.cuts import Condition, Cut, cut_columns
from placet_verification.adapters.evaluation.statistics.intervals import Interval, Z
from placet_verification.adapters.evaluation.statistics.proportions import benjamini_hochberg
from placet_verification.adapters.evaluation.statistics.tails import normal_tails

__all__ = ["Slice", "SliceSearch", "weakest_slices"]

QUINTILES = 5
CANDIDATES = 500
LEAST_ROWS = 100
TESTED = 20
_ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Slice:
    """Measured on the confirming half alone: the mean score in the slice, how far it lies below the mean of all rows, and the test."""

    conditions: tuple[Condition, ...]
    n: int
    score: float
    shortfall: float
    ci: Interval
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class SliceSearch:
    """The mean of all rows, how many candidates were ranked and tested, and the confirmed slices, weakest first."""

    overall: float
    candidates: int
    tested: int
    slices: tuple[Slice, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """`ranking` and `confirming`: overall − slice and its standard error, on either half; `n` is of the confirming one."""

    conditions: tuple[Condition, ...]
    ranking: tuple[float, float]
    confirming: tuple[float, float]
    n: int

    @property
    def bound(self) -> float:
        return self.ranking[0] - Z * self.ranking[1]

    @property
    def ci(self) -> Interval:
        value, error = self.confirming
        return value - Z * error, value + Z * error

    @property
    def p(self) -> float:
        """One-sided: that the slice is not below the rest."""
        value, error = self.confirming
        if error == 0:
            return float(value <= 0)
        tail = normal_tails(value / error) / 2
        return tail if value > 0 else 1 - tail


def weakest_slices(
    columns: Mapping[str, Column],
    scores: Floats,
    seed: int,
    reference: Mapping[str, Column] | None = None,
    *,
    candidates: int = CANDIDATES,
    least_rows: int = LEAST_ROWS,
    tested: int = TESTED,
) -> SliceSearch | None:
    """Slices where the mean of one score a row (correct = 1, or minus its loss) is below that of all rows.

    Parts of single columns come first, then pairs, those of the weakest columns before others; each has `least_rows` in both halves. Half
    of the rows rank them by the lower bound of overall − slice; the first `tested` with a bound above 0 are tested on the other half,
    one-sided, after Benjamini & Hochberg (1995). None without rows or where a score is no number.
    """
    if not len(scores) or not np.isfinite(scores).all():
        return None
    ranking = np.zeros(len(scores), dtype=np.bool_)
    ranking[generator(seed).permutation(len(scores))[: len(scores) // 2]] = True
    found = _candidates(cut_columns(columns, reference or columns, QUINTILES), scores, ranking, least_rows, candidates)
    chosen = [one for one in sorted(found, key=lambda one: -one.bound)[:tested] if one.bound > 0]
    adjusted = benjamini_hochberg(np.array([one.p for one in chosen], dtype=np.float64))
    mean = float(scores[~ranking].mean())
    confirmed = [
        Slice(one.conditions, one.n, mean - one.confirming[0], one.confirming[0], one.ci, float(p))
        for one, p in zip(chosen, adjusted, strict=True)
        if p <= _ALPHA
    ]
    return SliceSearch(float(scores.mean()), len(found), len(chosen), tuple(sorted(confirmed, key=lambda one: -one.ci[0])))


def _candidates(cuts: Sequence[Cut], scores: Floats, ranking: Bools, least_rows: int, most: int) -> list[_Candidate]:
    single = [_cells([cut], scores, ranking, least_rows) for cut in cuts]
    weakest = sorted((number for number, part in enumerate(single) if part), key=lambda number: -max(one.bound for one in single[number]))
    found = [one for part in single for one in part][:most]
    for first, second in sorted(combinations(range(len(weakest)), 2), key=sum):
        if len(found) >= most:
            break
        found += _cells([cuts[weakest[first]], cuts[weakest[second]]], scores, ranking, least_rows)
    return found[:most]


def _cells(cuts: Sequence[Cut], scores: Floats, ranking: Bools, least_rows: int) -> list[_Candidate]:
    """All parts of one column, or of two crossed, with enough rows in both halves."""
    codes, shape = cuts[0].codes, [len(cut.parts) + 1 for cut in cuts]
    for cut, width in zip(cuts[1:], shape[1:], strict=True):
        codes = codes * width + cut.codes
    cells = int(np.prod(shape))
    n, values, errors = zip(*(_shortfalls(codes[half], scores[half], cells) for half in (ranking, ~ranking)), strict=True)
    found = []
    for cell in np.flatnonzero((n[0] >= least_rows) & (n[1] >= least_rows)):
        index = np.unravel_index(cell, shape)
        # the last number of each column is that of rows in no part; a part of all rows is no slice of them
        if n[0][cell] < ranking.sum() and all(number < width - 1 for number, width in zip(index, shape, strict=True)):
            parts = tuple(cut.parts[number] for cut, number in zip(cuts, index, strict=True))
            ranked, confirmed = ((float(values[half][cell]), float(errors[half][cell])) for half in (0, 1))
            found.append(_Candidate(parts, ranked, confirmed, int(n[1][cell])))
    return found


def _shortfalls(codes: Integers, scores: Floats, cells: int) -> tuple[Integers, Floats, Floats]:
    """For each cell its rows, overall − cell = (1 − share)·(rest − cell), and that difference's standard error (Welch)."""
    centred = scores - scores.mean() if len(scores) else scores
    n, sums, squares = (np.bincount(codes, weights, cells) for weights in (None, centred, centred**2))
    rest = len(scores) - n
    with np.errstate(divide="ignore", invalid="ignore"):
        inside, outside = sums / n, -sums / rest
        variances = (squares - n * inside**2) / (n - 1) / n + ((centred**2).sum() - squares - rest * outside**2) / (rest - 1) / rest
        values, errors = -inside, rest / len(scores) * np.sqrt(np.maximum(0.0, variances))
    known = (n >= 2) & (rest >= 2)
    return n.astype(np.int64), np.where(known, values, 0.0), np.where(known, errors, 0.0)
