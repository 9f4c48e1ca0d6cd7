"""Measures `behaviour_change`: the rows that the champion decides otherwise, in all and by group."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.champion import champion_of
from placet_verification.adapters.evaluation.chosen import chosen_columns
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.scoring import Scoring
from placet_verification.adapters.evaluation.statistics.arrays import Bools
from placet_verification.adapters.evaluation.statistics.cuts import Cut, cut_columns
from placet_verification.adapters.evaluation.statistics.paired import mcnemar
from placet_verification.adapters.evaluation.statistics.proportions import wilson

__all__ = ["measure"]

PARTS = 5
GROUPS = 50
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Flips:
    """Which rows flipped; of several classes a flip may be from one wrong class to another."""

    flips: Bools
    towards: Bools
    away: Bools

    def counted(self, rows: Bools | None = None) -> dict[str, Any]:
        """Shares of these rows, or of all, with Wilson's interval."""
        n = len(self.flips) if rows is None else int(rows.sum())
        hits = {name: int((one if rows is None else one & rows).sum()) for name, one in self._named().items()}
        shares = {name: {"count": count, "share": count / n if n else None, "ci": wilson(count, n)} for name, count in hits.items()}
        return {"n": n, **shares}

    def _named(self) -> dict[str, Bools]:
        return {"flips": self.flips, "towards": self.towards, "away": self.away}


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """Each check may have a group, and a tolerance, of its own."""
    champion, reason_code = champion_of(inputs)
    if champion is None:
        return {check["id"]: {"reason_code": reason_code} for check in checks}
    return {check["id"]: _measured(check, champion, inputs) for check in checks}


def _measured(check: Mapping[str, Any], champion: Scoring, inputs: Inputs) -> dict[str, Any]:
    challenger = inputs.scoring
    regression = inputs.plan["task"] == "regression"
    found = _of_numbers(champion, challenger, check["tolerance"]) if regression else _of_decisions(champion, challenger)
    groups, left_out = _by_group(found, inputs, check["group"]) if check["group"] else ([], 0)
    test = None if regression else asdict(mcnemar(champion.decided == champion.labels, challenger.decided == challenger.labels))
    return {
        "reason_code": None,
        "n_positive": challenger.counts["n_positive"],
        "all": found.counted(),
        "groups": groups,
        "parameters": {"mcnemar": test, "groups_not_listed": left_out},
    }


def _of_decisions(champion: Scoring, challenger: Scoring) -> Flips:
    flips = champion.decided != challenger.decided
    old, new = champion.decided == champion.labels, challenger.decided == challenger.labels
    return Flips(flips, new & ~old, old & ~new)


def _of_numbers(champion: Scoring, challenger: Scoring, tolerance: float) -> Flips:
    flips = abs(challenger.predictions.scores - champion.predictions.scores) > tolerance
    old, new = abs(champion.errors), abs(challenger.errors)
    return Flips(flips, flips & (new < old), flips & (new > old))


def _by_group(found: Flips, inputs: Inputs, name: str) -> tuple[list[dict[str, Any]], int]:
    """The largest groups, the largest first, and how many more there are."""
    column = chosen_columns(inputs, [name])
    [cut] = cut_columns(column, column, PARTS)
    counts = np.bincount(cut.codes, minlength=len(cut.parts))
    order = [number for number in np.argsort(-counts, kind="stable").tolist() if counts[number]]
    return [_group(found, cut, number) for number in order[:GROUPS]], max(0, len(order) - GROUPS)


def _group(found: Flips, cut: Cut, number: int) -> dict[str, Any]:
    return {"name": str(cut.parts[number])[:LONGEST], **found.counted(cut.codes == number)}
