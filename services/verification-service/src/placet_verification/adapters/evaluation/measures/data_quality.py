"""Measures `data_quality`: sizes, classes, repeated and contradictory rows, and how far the target lies from the training data's."""

from collections.abc import Mapping, Sequence
from math import exp
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.dataset import Dataset
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.statistics.drift import association, kolmogorov_smirnov
from placet_verification.adapters.evaluation.statistics.row_hashes import SharedRows, conflicting_labels, duplicates, row_hashes

__all__ = ["measure"]


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """The same for each check of the kind; no further inference."""
    data, classified = inputs.data, inputs.plan["task"] != "regression"
    training = inputs.training if "training" in inputs.files.datasets else None
    hashes = row_hashes(data.columns(inputs.plan))
    found = {
        "data": [_sizes(use, part, inputs.plan) for use, part in (("evaluation", data), ("training", training)) if part is not None],
        "constant_target": bool((data.labels == data.labels[0]).all()),
        "duplicates": _plain(duplicates(hashes)),
        "conflicting_labels": _plain(conflicting_labels(hashes, data.labels)) if classified else None,
        "shift": None if training is None else _shift(data, training, classified=classified),
    }
    return {check["id"]: found for check in checks}


def _sizes(use: str, data: Dataset, plan: Mapping[str, Any]) -> dict[str, Any]:
    counted = plan["task"] != "regression"
    smallest = int(np.bincount(data.labels, minlength=len(plan["prediction"]["classes"])).min()) if counted else None
    return {"use": use, "n": len(data), "smallest_class": smallest}


def _plain(shared: SharedRows | None) -> dict[str, Any] | None:
    """Rows are counted from 1."""
    if shared is None:
        return None
    first = None if shared.first is None else shared.first + 1
    return {"count": shared.count, "n": shared.n, "share": shared.share, "ci": shared.ci, "first_row": first}


def _shift(data: Dataset, training: Dataset, *, classified: bool) -> dict[str, Any]:
    """Cramér's V by Pearson's chi-squared, or the KS distance by the first term of Kolmogorov's distribution."""
    n, others = len(data), len(training)
    facts: dict[str, Any] = {"n": n, "training_rows": others}
    if classified:
        found = association(training.labels, data.labels)
        return {"metric": "target_cramers_v", "value": found and found.cramers_v, "p": found and found.p, **facts}
    distance = kolmogorov_smirnov(training.labels, data.labels)
    p = None if distance is None else min(1.0, 2 * exp(-2 * distance**2 * n * others / (n + others)))
    return {"metric": "target_ks", "value": distance, "p": p, **facts}
