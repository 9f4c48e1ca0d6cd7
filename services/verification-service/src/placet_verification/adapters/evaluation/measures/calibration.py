"""Measures `calibration`: the reliability curve with intervals, and what it adds up to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.scoring import Scoring
from placet_verification.adapters.evaluation.statistics import calibration

__all__ = ["measure"]


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """Each check may have bins of its own."""
    return {check["id"]: {**inputs.scoring.counts, **_measured(inputs.scoring, check["bins"])} for check in checks}


def _measured(scoring: Scoring, bins: int) -> dict[str, Any]:
    binary = scoring.plan["task"] == "binary"
    method = "reliability_of_positive_class" if binary else "reliability_of_top_label"
    if not scoring.are_probabilities:
        return {"reason_code": "not_probabilities", "ece": None, "mce": None, "brier": None, "curve": [], "method": method}
    scores = scoring.predictions.scores
    if binary:
        found, brier = calibration.reliability(scoring.is_positive, scores, bins), calibration.brier(scoring.is_positive, scores)
    else:
        found = calibration.reliability_of_top_label(scoring.labels, scores, bins)
        brier = calibration.brier_of_classes(scoring.labels, scores)
    assert found is not None
    curve = [asdict(part) for part in found.curve]
    return {"reason_code": None, "ece": found.ece, "mce": found.mce, "brier": brier, "curve": curve, "method": method}
