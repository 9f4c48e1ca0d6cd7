"""How far apart the rates of groups lie (Hardt et al. 2016; Chouldechova 2017), by fairlearn's definitions over the judged groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from placet_verification.adapters.evaluation.statistics.groups import Group, Rate, RateName
from placet_verification.adapters.evaluation.statistics.intervals import Interval
from placet_verification.adapters.evaluation.statistics.proportions import benjamini_hochberg, newcombe, two_proportions_test

__all__ = ["Gap", "equalised_odds", "gap", "gaps", "ratio"]


@dataclass(frozen=True, slots=True)
class Gap:
    """The difference of a rate between two judged groups: `high` − `low`.

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


def gaps(parts: Sequence[Group], rate: RateName) -> tuple[Gap, ...]:
    """Those of every pair of judged groups, the largest first: that of a small group may be larger and less certain than another's."""
    judged = sorted((part for part in parts if part.rates[rate].judged), key=lambda part: part.rates[rate].value or 0.0)
    names, others = (tuple(part.name for part in parts if part.rates[rate].judged == wanted) for wanted in (True, False))
    pairs = [(high, low, high.rates[rate], low.rates[rate]) for low, high in combinations(judged, 2)]
    p_values = np.array([_test(above, below) for _, _, above, below in pairs], dtype=np.float64)
    found = []
    for (high, low, above, below), p, adjusted in zip(pairs, p_values, benjamini_hochberg(p_values), strict=True):
        shares, ci = (above.hits / above.n, below.hits / below.n), newcombe(above.hits, above.n, below.hits, below.n)
        found.append(Gap(rate, high.name, low.name, *shares, ci, float(p), float(adjusted), names, others))
    return tuple(sorted(found, key=lambda one: -one.value))


def gap(parts: Sequence[Group], rate: RateName) -> Gap | None:
    """The largest; None when fewer than two groups can be judged.

    Demographic parity is the gap of `selection_rate`, equal opportunity of `tpr`, predictive parity of `ppv`.
    """
    return next(iter(gaps(parts, rate)), None)


def equalised_odds(parts: Sequence[Group]) -> Gap | None:
    """The larger of the gaps of `tpr` and `fpr`; None when neither can be judged."""
    found = [one for rate in ("tpr", "fpr") if (one := gap(parts, rate)) is not None]
    return max(found, key=lambda one: one.value, default=None)


def ratio(found: Gap) -> float | None:
    """Smallest over largest rate of the judged groups (the four-fifths rule of selection); None when all are 0."""
    return found.low_value / found.high_value if found.high_value else None


def _test(first: Rate, second: Rate) -> float:
    p = two_proportions_test(first.hits, first.n, second.hits, second.n)
    return 1.0 if p is None else p
