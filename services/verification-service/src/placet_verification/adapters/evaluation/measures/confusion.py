"""Measures `confusion`: the confusion matrix, the curves of the most frequent classes, and histograms of scores."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.scoring import Scoring
from placet_verification.adapters.evaluation.statistics.arrays import Bools, Floats
from placet_verification.adapters.evaluation.statistics.curves import histogram, precision_recall_points, roc_points
from placet_verification.adapters.evaluation.statistics.proportions import wilson

__all__ = ["measure"]

CLASSES = 30
"""That many rows and columns of the matrix; the rest of the classes are one."""
CURVES = 10
DIGITS = 6
OTHERS = "others"


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """The same for each check of the kind."""
    scoring = inputs.scoring
    right = scoring.decided == scoring.labels
    frequent = np.argsort(-np.bincount(scoring.labels, minlength=scoring.classes), kind="stable").tolist()
    found = {
        "n": scoring.counts["n"],
        "n_positive": scoring.counts["n_positive"],
        "accuracy": float(right.mean()),
        "ci": wilson(float(right.sum()), len(right)),
        "parameters": {
            "matrix": _matrix(scoring, sorted(frequent[:CLASSES])),
            "curves": [_curves(scoring, number) for number in _with_curves(scoring, frequent)],
            "histogram": _histogram(scoring, right),
        },
    }
    return {check["id"]: found for check in checks}


def _matrix(scoring: Scoring, listed: list[int]) -> dict[str, Any]:
    """Rows are the true classes, columns the decisions."""
    size = len(listed) + (len(listed) < scoring.classes)
    place = np.full(scoring.classes, size - 1)
    place[listed] = np.arange(len(listed))
    counts = np.bincount(place[scoring.labels] * size + place[scoring.decided], minlength=size * size).reshape(size, size)
    names = [scoring.plan["prediction"]["classes"][number] for number in listed]
    return {"classes": [*names, *[OTHERS] * (size - len(names))], "counts": counts.tolist()}


def _with_curves(scoring: Scoring, frequent: list[int]) -> list[int]:
    return [scoring.positive] if scoring.plan["task"] == "binary" else sorted(frequent[:CURVES])


def _curves(scoring: Scoring, number: int) -> dict[str, Any]:
    """This class against all others."""
    scores = scoring.predictions.scores if scoring.plan["task"] == "binary" else scoring.predictions.scores[:, number]
    positive: Bools = scoring.labels == number
    return {
        "class": scoring.plan["prediction"]["classes"][number],
        "roc": _rounded(roc_points(positive, scores)),
        "precision_recall": _rounded(precision_recall_points(positive, scores)),
    }


def _histogram(scoring: Scoring, right: Bools) -> dict[str, Any] | None:
    """Of the positive class's score by true class; of several classes that of the highest score, by whether the decision is right."""
    if scoring.plan["task"] == "binary":
        names, scores, groups = scoring.plan["prediction"]["classes"], scoring.predictions.scores, scoring.labels
    else:
        names, scores, groups = ["wrong", "right"], scoring.predictions.scores.max(axis=1), right.astype(np.int64)
    found = histogram(scores, groups, len(names))
    if found is None:
        return None
    counts = [{"name": name, "counts": counts.tolist()} for name, counts in zip(names, found.counts, strict=True)]
    return {"edges": np.round(found.edges, DIGITS).tolist(), "of": counts}


def _rounded(points: Floats | None) -> list[list[float]] | None:
    return None if points is None else np.round(points, DIGITS).tolist()
