"""What a model answers when one column takes each of its usual values: on average (Friedman 2001) and for single rows (Goldstein 2015)."""

from dataclasses import dataclass

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Column, Floats
from placet_verification.adapters.evaluation.statistics.cuts import is_numeric, quantiles
from placet_verification.adapters.evaluation.statistics.probing import Columns, Predict, choices, row_count, sampled, taken

__all__ = ["Dependence", "partial_dependence"]

ROWS = 500
POINTS = 20


@dataclass(frozen=True, slots=True)
class Dependence:
    """`mean` is the partial dependence at each of the `values`; `single` is [rows, values], individual conditional expectations."""

    column: str
    values: Column
    mean: Floats
    single: Floats


def partial_dependence(
    columns: Columns, name: str, predict: Predict, seed: int, reference: Columns | None = None, *, rows: int = ROWS, points: int = POINTS
) -> Dependence | None:
    """At 20 quantiles of the reference or at its categories; None without rows, or where the column has no known value."""
    numbers = sampled(row_count(columns), rows, seed)
    values = _points((reference or columns)[name], points)
    if not len(numbers) or not len(values):
        return None
    repeated = taken(columns, np.repeat(numbers, len(values)))
    answers = predict({**repeated, name: np.tile(values, len(numbers))}).reshape(len(numbers), len(values))
    return Dependence(name, values, np.asarray(answers.mean(axis=0)), answers)


def _points(column: Column, points: int) -> Column:
    """From the least to the largest value."""
    if not is_numeric(column):
        return choices(column, points)
    known = np.sort(column[~np.isnan(column)])
    if not len(known):
        return known
    return np.unique(np.concatenate([known[:1], quantiles(known, points - 1), known[-1:]]))
