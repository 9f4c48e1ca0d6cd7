"""How well one column alone tells the target: near 1, the column knows what it can not know when the model is used."""

from collections.abc import Callable

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Bools, Column, Floats, Integers, as_codes, finite, generator
from placet_verification.adapters.evaluation.statistics.cuts import is_numeric
from placet_verification.adapters.evaluation.statistics.delong import area

__all__ = ["column_auc", "column_auc_of_classes", "column_r2"]


def column_auc(column: Column, positive: Bools, seed: int) -> float | None:
    """AUC of a binary target by the column's order, turned so that it is 0.5 or more; None for one class.

    A category stands for the share of positives among its rows in one half of the data, and is measured on the other half, so that rare
    categories tell nothing. That numbers are missing is a column of its own; the better of both counts.
    """

    def separated(scores: Floats, rows: Bools) -> float | None:
        found = area(positive[rows], scores[rows])
        return max(found.value, 1 - found.value) if found else None

    return _best(column, positive.astype(np.float64), seed, separated)


def column_auc_of_classes(column: Column, true: Integers, classes: int, seed: int) -> float | None:
    """The largest AUC of one class against the others."""
    found = (column_auc(column, np.asarray(true == number), seed) for number in range(classes))
    return max((value for value in found if value is not None), default=None)


def column_r2(column: Column, target: Floats, seed: int) -> float | None:
    """The squared correlation with the target; None where either is constant, or a target is no number."""

    def explained(scores: Floats, rows: Bools) -> float | None:
        x, y = scores[rows], target[rows]
        if not len(x) or not finite(x, y):
            return None
        x, y = x - x.mean(), y - y.mean()
        spread = float((x**2).sum() * (y**2).sum())
        return float((x * y).sum() ** 2 / spread) if spread > 0 else None

    return _best(column, target, seed, explained)


def _best(column: Column, target: Floats, seed: int, measure: Callable[[Floats, Bools], float | None]) -> float | None:
    """By the numbers themselves, where they are known, and by whether they are missing; or by categories."""
    if not is_numeric(column):
        return _by_category(column, target, seed, measure)
    known, every = np.isfinite(column), np.ones(len(column), dtype=np.bool_)
    # a few known values tell about those rows only
    parts = [measure(column.astype(np.float64), known)] if 2 * known.sum() >= len(column) else []
    if not known.all():
        parts.append(measure(known.astype(np.float64), every))
    return max((value for value in parts if value is not None), default=None)


def _by_category(column: Column, target: Floats, seed: int, measure: Callable[[Floats, Bools], float | None]) -> float | None:
    """A category stands for its mean target in one half, or for that half's mean; measured on the other half, both ways averaged."""
    values, codes = as_codes(column)
    first = np.zeros(len(column), dtype=np.bool_)
    first[generator(seed).permutation(len(column))[::2]] = True
    found = []
    for half in (first, ~first) if len(column) > 1 else ():
        n, sums = (np.bincount(codes[~half], weights, len(values)) for weights in (None, target[~half]))
        means = np.divide(sums, n, out=np.full(len(values), float(target[~half].mean())), where=n > 0)
        found.append(measure(means[codes], half))
    known = [value for value in found if value is not None]
    return sum(known) / len(known) if known else None
