"""What a report draws of scores and predictions, as few enough numbers: how often they occur, alone and two together."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.scoring import Scoring
from placet_verification.adapters.evaluation.statistics.arrays import Floats, Integers
from placet_verification.adapters.evaluation.statistics.curves import cells, histogram

__all__ = ["DIGITS", "counted", "pictures_of_both", "together"]

DIGITS = 6


def counted(of: Mapping[str, Floats]) -> dict[str, Any] | None:
    """How often the numbers of each name lie in common bins."""
    values = np.concatenate(list(of.values()))
    numbers: Integers = np.repeat(np.arange(len(of)), [len(one) for one in of.values()])
    found = histogram(values, numbers, len(of))
    if found is None:
        return None
    counts = [{"name": name, "counts": counts.tolist()} for name, counts in zip(of, found.counts, strict=True)]
    return {"edges": np.round(found.edges, DIGITS).tolist(), "of": counts}


def together(first: Floats, second: Floats) -> dict[str, Any] | None:
    """How often both numbers of a row lie in a cell."""
    found = cells(first, second)
    if found is None:
        return None
    edges = np.round(found.edges, DIGITS).tolist()
    return {"x": edges, "y": edges, "counts": found.counts.tolist()}


def pictures_of_both(champion: Scoring, challenger: Scoring) -> dict[str, Any]:
    """The scores of both models (of several classes those of the decisions), row by row too where a row has one; and their residuals."""
    both = {"champion": _scores(champion), "challenger": _scores(challenger)}
    found = {"scores": counted(both)}
    if challenger.plan["task"] == "multiclass":
        return found
    found["agreement"] = together(both["champion"], both["challenger"])
    if challenger.plan["task"] == "regression":
        found["residuals"] = counted({"champion": -champion.errors, "challenger": -challenger.errors})
    return found


def _scores(scoring: Scoring) -> Floats:
    scores = scoring.predictions.scores
    return scores if scores.ndim == 1 else np.asarray(scores.max(axis=1))
