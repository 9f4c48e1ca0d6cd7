"""A model as the explanations see it: columns in, one number a row out. Rows are chosen, repeated and changed here."""

from collections.abc import Callable, Mapping

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Column, Floats, Integers, generator
from placet_verification.adapters.evaluation.statistics.cuts import is_numeric, quantiles

__all__ = ["Columns", "Predict", "choices", "row_count", "sampled", "taken"]

Columns = Mapping[str, Column]
Predict = Callable[[Columns], Floats]
"""The score of the positive class or of one class, or the predicted value. It is called with few large batches."""

MOST_CATEGORIES = 50


def row_count(columns: Columns) -> int:
    """0 where there is no column."""
    return len(next(iter(columns.values()))) if columns else 0


def taken(columns: Columns, rows: Integers) -> dict[str, Column]:
    """The rows with these numbers, repeated as they are."""
    return {name: column[rows] for name, column in columns.items()}


def sampled(rows: int, most: int, seed: int) -> Integers:
    """Numbers of at most that many rows, without repetition, in ascending order."""
    return np.arange(rows) if rows <= most else np.sort(generator(seed).choice(rows, most, replace=False))


def choices(column: Column, parts: int) -> Column:
    """Values that a column may take: the middle of each quantile part of its known numbers, or its most frequent categories."""
    if is_numeric(column):
        middles = quantiles(column, 2 * parts)[::2]
        return np.unique(middles)
    values, counts = np.unique(column, return_counts=True)
    return np.sort(values[np.argsort(-counts, kind="stable")[:MOST_CATEGORIES]])
