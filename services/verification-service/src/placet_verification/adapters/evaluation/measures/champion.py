"""Measures `champion`: the difference of a metric on the same rows, whose decisions are right where, and both models' curves."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.champion import champion_of
from placet_verification.adapters.evaluation.comparison import compare, with_metric
from placet_verification.adapters.evaluation.drawn_data import pictures_of_both
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.scoring import Scoring
from placet_verification.adapters.evaluation.statistics.calibration import reliability, reliability_of_top_label
from placet_verification.adapters.evaluation.statistics.curves import precision_recall_points, roc_points
from placet_verification.adapters.evaluation.statistics.paired import mcnemar

__all__ = ["measure"]

DIGITS = 6
"""Of the curves, which are drawn."""


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """The curves are those of all metrics, so the first check alone has them."""
    champion, reason_code = champion_of(inputs)
    if champion is None:
        return {check["id"]: {"reason_code": reason_code} for check in checks}
    found = {check["id"]: _compared(with_metric(check, inputs.plan), champion, inputs.scoring) for check in checks}
    found[checks[0]["id"]]["parameters"] |= _curves(champion, inputs.scoring)
    return found


def _compared(check: Mapping[str, Any], champion: Scoring, challenger: Scoring) -> dict[str, Any]:
    by = compare(champion, challenger, check)
    found = by.difference
    return {
        **challenger.counts,
        "reason_code": None,
        "metric": check["metric"],
        "champion": found and found.champion,
        "challenger": found and found.challenger,
        "ci": found and found.ci,
        "method": by.method,
        "seed": None if by.resamples is None else challenger.plan["seed"],
        "parameters": {"rows": by.rows, "resamples": by.resamples, "mcnemar": _mcnemar(champion, challenger)},
    }


def _mcnemar(champion: Scoring, challenger: Scoring) -> dict[str, Any] | None:
    if challenger.plan["task"] == "regression":
        return None
    return asdict(mcnemar(champion.decided == champion.labels, challenger.decided == challenger.labels))


def _curves(champion: Scoring, challenger: Scoring) -> dict[str, Any]:
    both = {"champion": champion, "challenger": challenger}
    by_model = {"roc": _roc, "precision_recall": _precision_recall, "calibration": _calibration}
    curves = {what: {name: curve(one) for name, one in both.items()} for what, curve in by_model.items()}
    return {**curves, **pictures_of_both(champion, challenger)}


def _roc(scoring: Scoring) -> list[list[float]] | None:
    """For a binary task."""
    points = roc_points(scoring.is_positive, scoring.predictions.scores) if scoring.plan["task"] == "binary" else None
    return None if points is None else np.round(points, DIGITS).tolist()


def _precision_recall(scoring: Scoring) -> list[list[float]] | None:
    """For a binary task."""
    points = precision_recall_points(scoring.is_positive, scoring.predictions.scores) if scoring.plan["task"] == "binary" else None
    return None if points is None else np.round(points, DIGITS).tolist()


def _calibration(scoring: Scoring) -> list[dict[str, Any]] | None:
    """For a classification; of several classes that of the most probable one."""
    task = scoring.plan["task"]
    if task == "regression" or not scoring.are_probabilities:
        return None
    binary = task == "binary"
    found = (
        reliability(scoring.is_positive, scoring.predictions.scores)
        if binary
        else reliability_of_top_label(scoring.labels, scoring.probabilities)
    )
    return None if found is None else [asdict(part) for part in found.curve]
