"""One prediction shared out among its columns: Shapley values by sampled permutations (Štrumbelj & Kononenko 2014)."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import generator
from placet_verification.adapters.evaluation.statistics.probing import Columns, Predict, row_count, sampled, taken

__all__ = ["Contribution", "Explanation", "explain"]

BACKGROUND = 100
PERMUTATIONS = 50


@dataclass(frozen=True, slots=True)
class Contribution:
    """What the column adds to the prediction against the background; the error is that of sampling."""

    column: str
    value: float
    standard_error: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`gap` = prediction − base − Σ contributions: 0 for exact values, here what sampling left over."""

    prediction: float
    base: float
    contributions: tuple[Contribution, ...]
    gap: float


def explain(
    row: Columns, reference: Columns, predict: Predict, seed: int, background: int = BACKGROUND, permutations: int = PERMUTATIONS
) -> Explanation | None:
    """The row (columns of length 1) against the mean prediction of rows drawn from the reference.

    Each permutation starts at a background row and exchanges its values for the row's, one column after the other; all the rows that
    come of it are predicted in one batch. None without columns or reference rows.
    """
    names, rows = list(row), sampled(row_count(reference), background, seed)
    if not names or not len(rows):
        return None
    random = generator(seed)
    # every background row is used about equally often
    turns = -(-permutations // len(rows))
    starts = np.concatenate([random.permutation(rows) for _ in range(turns)])[:permutations]
    orders = np.array([random.permutation(len(names)) for _ in range(permutations)])
    place = np.argsort(orders, axis=1)
    mixed = {}
    for number, name in enumerate(names):
        # after step k, the first k columns of the permutation are the row's
        exchanged = np.arange(len(names) + 1) > place[:, number, None]
        mixed[name] = np.where(exchanged, row[name][0], reference[name][starts][:, None]).reshape(-1)
    answers = predict(mixed).reshape(permutations, len(names) + 1)
    steps = np.take_along_axis(np.diff(answers, axis=1), place, axis=1)
    prediction, base = float(predict(row)[0]), float(predict(taken(reference, rows)).mean())
    values = steps.mean(axis=0)
    errors = steps.std(axis=0, ddof=1) / sqrt(permutations) if permutations > 1 else None
    found = (Contribution(name, float(values[n]), float(errors[n]) if errors is not None else None) for n, name in enumerate(names))
    return Explanation(prediction, base, tuple(found), prediction - base - float(values.sum()))
