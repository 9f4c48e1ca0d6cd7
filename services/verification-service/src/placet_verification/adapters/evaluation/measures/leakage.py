"""Measures `leakage`: the AUC or R² of every input's column by itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.chosen import chosen_columns, part_of
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.scoring import Scoring
from placet_verification.adapters.evaluation.statistics.arrays import Column
from placet_verification.adapters.evaluation.statistics.leakage import column_auc, column_auc_of_classes, column_r2
from placet_verification.adapters.evaluation.statistics.probing import sampled, taken

__all__ = ["measure"]

ROWS = 20_000
"""More are sampled."""
CLASSES = 20
"""Of several classes the most frequent are each held against all others."""


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """The same for each check of the kind; no further inference."""
    seed, task = inputs.plan["seed"], inputs.plan["task"]
    rows = sampled(len(inputs.data), ROWS, seed)
    scoring = part_of(inputs.scoring, rows)
    columns = taken(chosen_columns(inputs, []), rows)
    found = {
        "n": len(inputs.data),
        "rows": len(rows),
        "seed": seed,
        "n_positive": inputs.scoring.counts["n_positive"],
        "smallest_class": scoring.counts["smallest_class"],
        "metric": "column_r2" if task == "regression" else "column_auc",
        "columns": [{"column": name, "value": _strength(column, scoring, seed)} for name, column in columns.items()],
    }
    return {check["id"]: found for check in checks}


def _strength(column: Column, scoring: Scoring, seed: int) -> float | None:
    match scoring.plan["task"]:
        case "regression":
            return column_r2(column, scoring.labels, seed)
        case "binary":
            return column_auc(column, scoring.is_positive, seed)
    counts = np.bincount(scoring.labels, minlength=scoring.classes)
    place = np.full(scoring.classes, CLASSES)
    frequent = np.argsort(-counts, kind="stable")[:CLASSES]
    place[frequent] = np.arange(len(frequent))
    return column_auc_of_classes(column, place[scoring.labels], len(frequent), seed)
