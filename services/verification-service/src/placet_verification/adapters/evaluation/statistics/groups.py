"""Rates of each group of rows, with guards that say which of them can be judged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Bools, Column, Integers, as_codes
from placet_verification.adapters.evaluation.statistics.intervals import Interval
from placet_verification.adapters.evaluation.statistics.proportions import wilson

__all__ = ["Group", "Guards", "Rate", "RateName", "groups", "intersections"]

RateName = Literal["selection_rate", "tpr", "fpr", "ppv"]
SubMetric = Callable[[Integers], float | None]
"""A metric of the rows with these numbers."""


@dataclass(frozen=True, slots=True)
class Guards:
    """How many rows a group must have, in all and below the line of each rate, to be judged."""

    rows: int = 100
    positives: int = 30
    negatives: int = 30
    selected: int = 30

    def of(self, name: RateName) -> int:
        """The least number of rows below the line."""
        return {"selection_rate": self.rows, "tpr": self.positives, "fpr": self.negatives, "ppv": self.selected}[name]


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `n`; not judged where the guards say so."""

    hits: int
    n: int
    judged: bool

    @property
    def value(self) -> float | None:
        """None without rows below the line."""
        return self.hits / self.n if self.n else None

    @property
    def ci(self) -> Interval | None:
        """Wilson's."""
        return wilson(self.hits, self.n)


@dataclass(frozen=True, slots=True)
class Group:
    """Selected = predicted positive; `rates` by name; `metric` is None where it is not defined, or the group is too small."""

    name: str
    n: int
    n_positive: int
    n_negative: int
    rates: Mapping[RateName, Rate]
    metric: float | None


def groups(
    attribute: Column, positive: Bools, selected: Bools, metric: SubMetric | None = None, guards: Guards | None = None
) -> tuple[Group, ...]:
    """One for each value of the attribute, in its order; none is left out because it is small."""
    guards = guards or Guards()
    values, codes = as_codes(attribute)
    order, ends = np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes, minlength=len(values)))
    parts = np.split(order, ends[:-1]) if len(values) else []
    return tuple(_group(str(value), rows, positive, selected, metric, guards) for value, rows in zip(values, parts, strict=True))


def intersections(attributes: Mapping[str, Column], depth: int = 2) -> dict[str, Column]:
    """Each attribute and each combination of up to `depth` of them as one column of names, such as `f, over 60` under `sex, age`."""
    found: dict[str, Column] = {}
    for size in range(1, depth + 1):
        for names in combinations(attributes, size):
            column = attributes[names[0]].astype(str)
            for name in names[1:]:
                column = np.char.add(np.char.add(column, ", "), attributes[name].astype(str))
            found[", ".join(names)] = column
    return found


def _group(name: str, rows: Integers, positive: Bools, selected: Bools, metric: SubMetric | None, guards: Guards) -> Group:
    true, said = positive[rows], selected[rows]
    n, positives, chosen, hits = (int(count) for count in (len(rows), true.sum(), said.sum(), (true & said).sum()))
    counts: dict[RateName, tuple[int, int]] = {
        "selection_rate": (chosen, n),
        "tpr": (hits, positives),
        "fpr": (chosen - hits, n - positives),
        "ppv": (hits, chosen),
    }
    rates = {rate: Rate(*pair, judged=n >= guards.rows and pair[1] >= max(1, guards.of(rate))) for rate, pair in counts.items()}
    value = metric(rows) if metric is not None and n >= guards.rows else None
    return Group(name, n, positives, n - positives, rates, None if value is None or np.isnan(value) else value)
