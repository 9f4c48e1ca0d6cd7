"""Measures `residuals`: predictions and truth together, how often which residual occurs, and the mean truth by prediction."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.drawn_data import counted, together
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.statistics.arrays import Floats

__all__ = ["measure"]

PARTS = 10
NORMAL_95 = 1.959963984540054


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """The same for each check of the kind."""
    scoring = inputs.scoring
    predicted, true = scoring.predictions.scores, np.asarray(scoring.labels, dtype=np.float64)
    residuals = true - predicted
    found = {
        "n": len(true),
        "mean": float(residuals.mean()),
        "median_absolute": float(np.median(abs(residuals))),
        "parameters": {
            "predicted_and_true": together(true, predicted),
            "residuals": counted({"this version": residuals}),
            "truth_by_prediction": _parts(predicted, true),
            "quantiles": {f"{share:g}": float(np.quantile(residuals, share)) for share in (0.05, 0.25, 0.5, 0.75, 0.95)},
        },
    }
    return {check["id"]: found for check in checks}


def _parts(predicted: Floats, true: Floats) -> list[dict[str, Any]]:
    """Tenths of the rows in the order of their predictions: the mean truth with the normal 95 % interval of a mean."""
    order = np.argsort(predicted, kind="stable")
    return [_part(predicted[rows], true[rows]) for rows in np.array_split(order, PARTS) if len(rows)]


def _part(predicted: Floats, true: Floats) -> dict[str, Any]:
    mean, n = float(true.mean()), len(true)
    half = NORMAL_95 * float(true.std(ddof=1)) / n**0.5 if n > 1 else 0.0
    return {"n": n, "predicted": float(predicted.mean()), "true": mean, "ci": [mean - half, mean + half]}
