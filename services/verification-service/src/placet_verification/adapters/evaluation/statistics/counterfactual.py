"""The smallest change to one row that makes a model answer as wanted, among values that the reference has (Wachter et al. 2017)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Column, Floats
from placet_verification.adapters.evaluation.statistics.cuts import is_numeric
from placet_verification.adapters.evaluation.statistics.probing import Columns, Predict, choices

__all__ = ["Counterfactual", "nearest"]

EVALUATIONS = 2000
AT_MOST = 3
VALUES = 10
LOOKED_AT = 20_000
"""Changes of one size that are considered at most, those that cost too much included."""

Margin = Callable[[Floats], Floats]
"""How far each prediction is on the wanted side: 0 or more is there."""


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """New values by column, their distance and the prediction; `evaluations` of the model were needed."""

    changes: Mapping[str, Any]
    distance: float
    prediction: float
    evaluations: int


@dataclass(frozen=True, slots=True)
class _Change:
    column: str
    value: Any
    cost: float


def nearest(
    row: Columns,
    reference: Columns,
    mutable: Sequence[str],
    predict: Predict,
    margin: Margin,
    *,
    evaluations: int = EVALUATIONS,
    at_most: int = AT_MOST,
) -> Counterfactual | None:
    """Changes of one column, then of two, then of three; the cheapest that arrives, by L1 distance in median absolute deviations
    (a changed category costs 1). None when none arrives within the evaluations: there may still be one.

    Every size of change tries the columns first that move the prediction furthest, and of these the cheapest values; a change that costs
    more than the best one known is not tried. The row's columns have length 1.
    """
    options = [_options(name, row[name], reference[name]) for name in mutable if name in reference]
    options = [changes for changes in options if changes]
    best: Counterfactual | None = None
    used = 0
    for size in range(1, min(at_most, len(options)) + 1):
        # a later size leaves room: half of what is left, but for the last
        share = evaluations - used if size == at_most else max(1, (evaluations - used) // 2)
        limit = best.distance if best else np.inf
        within = [[change for change in changes if change.cost < limit] for changes in options]
        tried = list(islice((one for one in islice(_combined(within, size), LOOKED_AT) if _cost(one) < limit), share))
        if not tried:
            break
        answers = predict(_changed(row, tried))
        used += len(tried)
        margins = margin(answers)
        arrived = [number for number in range(len(tried)) if margins[number] >= 0]
        if arrived:
            cheapest = min(arrived, key=lambda number: _cost(tried[number]))
            changes = {change.column: change.value for change in tried[cheapest]}
            best = Counterfactual(changes, _cost(tried[cheapest]), float(answers[cheapest]), used)
        if size == 1:
            reach = {options_of[0].column: _furthest(tried, margins, options_of[0].column) for options_of in options}
            options.sort(key=lambda changes: -reach[changes[0].column])
    return Counterfactual(best.changes, best.distance, best.prediction, used) if best else None


def _options(name: str, value: Column, reference: Column) -> list[_Change]:
    """Other values of a column, cheapest first; none for a column that the reference knows no spread of."""
    found = [one for one in choices(reference, VALUES) if one != value[0]]
    if not is_numeric(reference):
        return [_Change(name, one, 1.0) for one in found]
    known = reference[np.isfinite(reference)]
    unit = _unit(known)
    if unit is None:
        return []
    costs = [abs(float(one) - float(value[0])) / unit if np.isfinite(value[0]) else 1.0 for one in found]
    return sorted((_Change(name, float(one), cost) for one, cost in zip(found, costs, strict=True)), key=lambda change: change.cost)


def _unit(known: Floats) -> float | None:
    """The median absolute deviation; the mean one where most values are equal."""
    if not len(known):
        return None
    deviations = abs(known - np.median(known))
    return next((float(unit) for unit in (np.median(deviations), deviations.mean()) if unit > 0), None)


def _combined(options: Sequence[Sequence[_Change]], size: int) -> Iterator[tuple[_Change, ...]]:
    """Combinations of columns by the sum of their places, each with all its values from the cheapest; one after the other, since of a
    thousand columns there are more than any memory holds."""
    if size == 1:
        # a value of every column before the next one of any
        longest = max((len(changes) for changes in options), default=0)
        yield from ((changes[place],) for place in range(longest) for changes in options if place < len(changes))
        return
    for total in range(size * len(options)):
        for places in _places(0, len(options), size, total):
            yield from sorted(product(*(options[place] for place in places)), key=_cost)


def _places(first: int, end: int, size: int, total: int) -> Iterator[tuple[int, ...]]:
    """So many ascending places from the first one on with this sum."""
    if size == 1:
        if first <= total < end:
            yield (total,)
        return
    for place in range(first, min(end, total // size + 1)):
        yield from ((place, *rest) for rest in _places(place + 1, end, size - 1, total - place))


def _cost(changes: Sequence[_Change]) -> float:
    return sum(change.cost for change in changes)


def _changed(row: Columns, tried: Sequence[Sequence[_Change]]) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    for name, value in row.items():
        new = {number: change.value for number, changes in enumerate(tried) for change in changes if change.column == name}
        columns[name] = np.array([new.get(number, value[0]) for number in range(len(tried))])
    return columns


def _furthest(tried: Sequence[Sequence[_Change]], margins: Floats, column: str) -> float:
    return max((float(margins[number]) for number, changes in enumerate(tried) if changes[0].column == column), default=-np.inf)
