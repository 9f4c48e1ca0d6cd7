"""Where a model errs: a small decision tree that predicts "the model is wrong", its leaves reported with their error rates."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Bools, Column, Floats, Integers, as_codes
from placet_verification.adapters.evaluation.statistics.cuts import is_numeric
from placet_verification.adapters.evaluation.statistics.intervals import Interval
from placet_verification.adapters.evaluation.statistics.probing import sampled
from placet_verification.adapters.evaluation.statistics.proportions import wilson

__all__ = ["Leaf", "Split", "error_tree"]

DEPTH = 3
ROWS = 100_000
LEAST_SHARE = 0.02
_LEAST_GAIN = 1e-9


@dataclass(frozen=True, slots=True)
class Split:
    """One step of a leaf's path: the column is at most the bound, above it or missing, or is (not) the category."""

    column: str
    holds: bool
    bound: float | None = None
    category: str | None = None

    def __str__(self) -> str:
        if self.category is not None:
            return f"{self.column} {'=' if self.holds else '≠'} {self.category}"
        return f"{self.column} {'<=' if self.holds else '>'} {self.bound:.6g}"


@dataclass(frozen=True, slots=True)
class Leaf:
    """`share_of_errors` is of all errors of the model."""

    path: tuple[Split, ...]
    n: int
    errors: int
    ci: Interval | None
    share_of_errors: float

    @property
    def error_rate(self) -> float:
        """Share of wrong rows in the leaf."""
        return self.errors / self.n


@dataclass(frozen=True, slots=True)
class _Choice:
    gain: float
    split: Split


@dataclass(frozen=True, slots=True)
class _Data:
    """`sampled` rows choose the splits, all of them are counted."""

    columns: Mapping[str, Column]
    wrong: Bools
    sampled: Bools
    least: int


def error_tree(
    columns: Mapping[str, Column], wrong: Bools, seed: int, depth: int = DEPTH, least_share: float = LEAST_SHARE, rows: int = ROWS
) -> tuple[Leaf, ...]:
    """CART by Gini impurity (Breiman et al. 1984), highest error rate first; no leaves without an error.

    Numbers split at midpoints, a missing one counts as above every bound; a category splits from all others. Of equal splits the first
    column's counts. At most so many sampled rows choose the splits; the leaves count all.
    """
    if not wrong.any():
        return ()
    chosen = np.zeros(len(wrong), dtype=np.bool_)
    chosen[sampled(len(wrong), rows, seed)] = True
    data = _Data(columns, wrong, chosen, max(1, ceil(least_share * chosen.sum())))
    return tuple(sorted(_grown(data, np.arange(len(wrong)), (), depth), key=lambda leaf: (-leaf.error_rate, -leaf.n)))


def _grown(data: _Data, rows: Integers, path: tuple[Split, ...], depth: int) -> list[Leaf]:
    some = rows[data.sampled[rows]]
    choices = [_best(name, column[some], data.wrong[some], data.least) for name, column in data.columns.items()] if depth else []
    best = max((one for one in choices if one is not None), key=lambda one: one.gain, default=None)
    if best is None:
        errors = int(data.wrong[rows].sum())
        return [Leaf(path, len(rows), errors, wilson(errors, len(rows)), errors / int(data.wrong.sum()))]
    split, column = best.split, data.columns[best.split.column][rows]
    holds = column <= split.bound if split.category is None else column.astype(str) == split.category
    other = Split(split.column, False, split.bound, split.category)
    sides = (split, rows[holds]), (other, rows[~holds])
    return [leaf for taken, side in sides for leaf in _grown(data, side, (*path, taken), depth - 1)]


def _best(name: str, column: Column, wrong: Bools, least: int) -> _Choice | None:
    return _best_bound(name, column, wrong, least) if is_numeric(column) else _best_category(name, column, wrong, least)


def _best_bound(name: str, column: Floats, wrong: Bools, least: int) -> _Choice | None:
    order = np.argsort(column, kind="stable")  # missing values last
    values, errors = column[order], np.cumsum(wrong[order], dtype=np.float64)
    ends = np.flatnonzero(values[:-1] != values[1:])
    ends = ends[~np.isnan(values[ends])]
    gains = _gains(ends + 1, errors[ends], len(column), int(wrong.sum()), least)
    if not len(gains) or gains.max() <= _LEAST_GAIN:
        return None
    end = ends[int(gains.argmax())]
    low, high = float(values[end]), float(values[end + 1])
    middle = low / 2 + high / 2
    bound = middle if low <= middle < high else low
    return _Choice(float(gains.max()), Split(name, True, bound=bound))


def _best_category(name: str, column: Column, wrong: Bools, least: int) -> _Choice | None:
    values, codes = as_codes(column)
    n, errors = np.bincount(codes, minlength=len(values)), np.bincount(codes, wrong, len(values))
    gains = _gains(n.astype(np.int64), errors.astype(np.float64), len(column), int(wrong.sum()), least)
    if not len(gains) or gains.max() <= _LEAST_GAIN:
        return None
    best = int(gains.argmax())
    return _Choice(float(gains.max()), Split(name, True, category=str(values[best])))


def _gains(n: Integers, errors: Floats, rows: int, wrong: int, least: int) -> Floats:
    """The fall of Gini impurity, weighted by rows, when n rows with so many errors are split off; −1 where a side is too small."""
    rest, rest_errors = rows - n, wrong - errors
    allowed = (n >= least) & (rest >= least)
    inside = np.divide(errors * (n - errors), n, out=np.zeros(len(n)), where=allowed)
    outside = np.divide(rest_errors * (rest - rest_errors), rest, out=np.zeros(len(n)), where=allowed)
    return np.where(allowed, 2 * (wrong * (rows - wrong) / rows - inside - outside), -1.0)
