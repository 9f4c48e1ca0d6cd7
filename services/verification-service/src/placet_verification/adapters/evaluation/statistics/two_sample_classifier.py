"""Whether a classifier can tell the current rows from the reference (Lopez-Paz & Oquab 2017): drift of all columns at once."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Bools, Floats, generator
from placet_verification.adapters.evaluation.statistics.delong import area
from placet_verification.adapters.evaluation.statistics.intervals import Interval, Z
from placet_verification.adapters.evaluation.statistics.proportions import binomial_test, wilson

__all__ = ["Separation", "logistic_scores", "separation"]

ROWS = 20_000
_RIDGE = 1e-3
_STEPS = 50
_TOLERANCE = 1e-8
_STEEPEST = 30.0
"""Logits beyond this are certain in double precision."""


@dataclass(frozen=True, slots=True)
class Separation:
    """AUC (0.5 = alike) by DeLong within each fold; accuracy by Wilson, and the exact test that it is one half. `n` of each sample."""

    n: int
    auc: float
    auc_ci: Interval
    accuracy: float
    accuracy_ci: Interval | None
    p: float | None


def separation(reference: Floats, current: Floats, seed: int, rows: int = ROWS) -> Separation | None:
    """A logistic regression, two-fold cross-fitted on equally many rows of both ([rows, columns]); missing values become their mean and
    a column that says so. None with fewer than four rows in either, or no column.
    """
    n = min(len(reference), len(current), rows)
    if n < 4 or not reference.shape[1]:
        return None
    random = generator(seed)
    drawn = [sample[random.permutation(len(sample))[:n]] for sample in (reference, current)]
    columns, is_current = _prepared(np.concatenate(drawn)), np.repeat([False, True], n)
    # the rows of each sample are in random order: every other one is a fold with both samples evenly in it
    folds = [np.arange(2 * n) % n % 2 == fold for fold in (0, 1)]
    scores = [logistic_scores(columns[~fold], is_current[~fold], columns[fold]) for fold in folds]
    areas = [area(is_current[fold], score) for fold, score in zip(folds, scores, strict=True)]
    values, variances = [found.value for found in areas if found], [found.variance or 0.0 for found in areas if found]
    auc, half = sum(values) / 2, Z * sqrt(sum(variances)) / 2
    right = sum(int(((score > 0) == is_current[fold]).sum()) for fold, score in zip(folds, scores, strict=True))
    ci = max(0.0, auc - half), min(1.0, auc + half)
    return Separation(n, auc, ci, right / (2 * n), wilson(right, 2 * n), binomial_test(right, 2 * n))


def logistic_scores(columns: Floats, positive: Bools, others: Floats) -> Floats:
    """Logits for the other rows of a logistic regression by iteratively reweighted least squares, with a slight ridge on all but the
    intercept, so that columns that separate perfectly have an end.
    """
    design = np.column_stack([np.ones(len(columns)), columns])
    ridge = np.diag([1e-12, *[_RIDGE * len(columns)] * columns.shape[1]])
    weights = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ weights, -_STEEPEST, _STEEPEST)))
        slope = design.T @ (positive - chance) - ridge @ weights
        curve = (design.T * (chance * (1 - chance))) @ design + ridge
        step = np.linalg.solve(curve, slope)
        weights = weights + step
        if abs(step).max() < _TOLERANCE:
            break
    return np.asarray(np.column_stack([np.ones(len(others)), others]) @ weights)


def _prepared(columns: Floats) -> Floats:
    """Standardised, without gaps: a missing or infinite value becomes 0, and a column of its own says which were."""
    known = np.isfinite(columns)
    counts = np.maximum(known.sum(axis=0), 1)
    values = np.where(known, columns, 0.0)
    # scaled first: squares of the largest numbers would overflow
    values = values / np.maximum(abs(values).max(axis=0), np.finfo(np.float64).tiny)
    centred = np.where(known, values - values.sum(axis=0) / counts, 0.0)
    spread = np.sqrt((centred**2).sum(axis=0) / counts)
    scaled = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 0)
    gaps = ~known[:, ~known.all(axis=0)]
    return np.column_stack([scaled, gaps.astype(np.float64)])
