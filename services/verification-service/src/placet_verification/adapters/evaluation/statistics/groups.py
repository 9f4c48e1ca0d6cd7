"""Rates of each group of rows, with guards, and the gaps between groups (Hardt et al. 2016; Chouldechova 2017; fairlearn's definitions)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from placet_verification.adapters.evaluation.statistics.arrays import Bools, Column, Integers, as_codes
from placet_verification.adapters.evaluation.statistics.intervals import Interval
from placet_verification.adapters.evaluation.statistics.proportions import benjamini_hochberg, newcombe, two_proportions_test, wilson

__all__ = ["Gap", "Group", "Guards", "Rate", "RateName", "equalised_odds", "gap", "groups", "intersections", "ratio"]

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


@dataclass(frozen=True, slots=True)
class Gap:
    """The largest difference of a rate between two judged groups: `high` − `low`.

    `ci` is Newcombe's; `p` is the test that both rates are equal, `p_adjusted` by Benjamini & Hochberg among all pairs of judged groups.
    """

    rate: RateName
    high: str
    low: str
    high_value: float
    low_value: float
    ci: Interval | None
    p: float
    p_adjusted: float
    judged: tuple[str, ...]
    not_judged: tuple[str, ...]

    @property
    def value(self) -> float:
        """The difference itself, 0 or more."""
        return self.high_value - self.low_value


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


def gap(parts: Sequence[Group], rate: RateName) -> Gap | None:
    """Demographic parity is the gap of `selection_rate`, equal opportunity of `tpr`, predictive parity of `ppv`; None when fewer than two
    groups can be judged.
    """
    judged = [part for part in parts if part.rates[rate].judged]
    if len(judged) < 2:
        return None
    ordered = sorted(judged, key=lambda part: part.rates[rate].value or 0.0)
    pairs = list(combinations(range(len(ordered)), 2))
    p_values = np.array([_test(ordered[high].rates[rate], ordered[low].rates[rate]) for low, high in pairs])
    extreme = pairs.index((0, len(ordered) - 1))
    low, high = ordered[0], ordered[-1]
    above, below = high.rates[rate], low.rates[rate]
    return Gap(
        rate,
        high.name,
        low.name,
        above.hits / above.n,
        below.hits / below.n,
        newcombe(above.hits, above.n, below.hits, below.n),
        float(p_values[extreme]),
        float(benjamini_hochberg(p_values)[extreme]),
        tuple(part.name for part in judged),
        tuple(part.name for part in parts if not part.rates[rate].judged),
    )


def equalised_odds(parts: Sequence[Group]) -> Gap | None:
    """The larger of the gaps of `tpr` and `fpr`; None when neither can be judged."""
    found = [one for rate in ("tpr", "fpr") if (one := gap(parts, rate)) is not None]
    return max(found, key=lambda one: one.value, default=None)


def ratio(found: Gap) -> float | None:
    """Smallest over largest rate of the judged groups (the four-fifths rule of selection); None when all are 0."""
    return found.low_value / found.high_value if found.high_value else None


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


def _test(first: Rate, second: Rate) -> float:
    p = two_proportions_test(first.hits, first.n, second.hits, second.n)
    return 1.0 if p is None else p
