"""How much a model's metric needs each column: the drop when the column is permuted (Breiman 2001)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Floats, Integers, generator, midranks
from placet_verification.adapters.evaluation.statistics.cuts import is_numeric
from placet_verification.adapters.evaluation.statistics.probing import Columns, Predict, row_count, sampled, taken

__all__ = ["Importance", "Importances", "correlated_groups", "permutation_importance"]

ROWS = 20_000
REPEATS = 5
CORRELATED = 0.9

SampleMetric = Callable[[Floats, Integers], float]
"""A metric of predictions and the numbers of the rows that they are for; higher is better."""


@dataclass(frozen=True, slots=True)
class Importance:
    """Columns that were permuted together, the mean drop of the metric over the repeats, its standard deviation, its share of all drops."""

    columns: tuple[str, ...]
    drop: float
    deviation: float
    share: float


@dataclass(frozen=True, slots=True)
class Importances:
    """The metric without permutation on the `rows` sampled, and the columns, most important first."""

    metric: float
    rows: int
    columns: tuple[Importance, ...]


def permutation_importance(
    columns: Columns, predict: Predict, metric: SampleMetric, seed: int, rows: int = ROWS, repeats: int = REPEATS
) -> Importances | None:
    """Columns with a rank correlation above 0.9 are permuted as one, since either could stand for the other.

    None with fewer than two rows, or where the metric is not defined on the sample.
    """
    if row_count(columns) < 2:
        return None
    numbers = sampled(row_count(columns), rows, seed)
    sample, random = taken(columns, numbers), generator(seed)
    whole = metric(predict(sample), numbers)
    if np.isnan(whole):
        return None
    found = []
    for group in correlated_groups(sample):
        orders = [random.permutation(len(numbers)) for _ in range(repeats)]
        changed = ({**sample, **{name: sample[name][order] for name in group}} for order in orders)
        found.append((group, np.array([whole - metric(predict(one), numbers) for one in changed])))
    total = sum(max(0.0, float(drops.mean())) for _, drops in found)
    measured = [
        Importance(group, float(drops.mean()), float(drops.std()), max(0.0, float(drops.mean())) / total if total else 0.0)
        for group, drops in found
    ]
    return Importances(whole, len(numbers), tuple(sorted(measured, key=lambda one: -one.drop)))


def correlated_groups(columns: Columns, above: float = CORRELATED) -> list[tuple[str, ...]]:
    """Every column once, together with those that it is linked to by |Spearman's ρ| above the bound, directly or by others."""
    numeric = [name for name, column in columns.items() if is_numeric(column)]
    linked = abs(_rank_correlations(columns, numeric)) > above
    group = np.arange(len(numeric))
    for first, second in zip(*np.nonzero(np.triu(linked, 1)), strict=True):
        group[group == group[second]] = group[first]
    together = {name: tuple(numeric[other] for other in np.flatnonzero(group == group[number])) for number, name in enumerate(numeric)}
    return list(dict.fromkeys(together.get(name, (name,)) for name in columns))


def _rank_correlations(columns: Columns, names: list[str]) -> Floats:
    """0 with a constant column; missing values have the mean rank."""
    ranks = np.zeros((len(names), row_count(columns)))
    for number, name in enumerate(names):
        known = ~np.isnan(columns[name])
        ranked = midranks(columns[name][known])
        ranks[number, known] = ranked - ranked.mean() if len(ranked) else 0.0
    lengths = np.sqrt((ranks**2).sum(axis=1, keepdims=True))
    unit = np.divide(ranks, lengths, out=np.zeros_like(ranks), where=lengths > 0)
    return np.asarray(unit @ unit.T)
