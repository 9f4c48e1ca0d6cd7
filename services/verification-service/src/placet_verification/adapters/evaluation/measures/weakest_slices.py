"""Measures `weakest_slices`: the slices with the lowest accuracy, or the largest absolute errors, that a second half confirms."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.chosen import chosen_columns, without_keys
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.statistics.arrays import Floats
from placet_verification.adapters.evaluation.statistics.probing import sampled, taken
from placet_verification.adapters.evaluation.statistics.slices import Slice, weakest_slices

__all__ = ["measure"]

ROWS = 200_000
"""More are sampled."""


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """Every check by itself; no further inference."""
    return {check["id"]: _measured(check, inputs) for check in checks}


def _measured(check: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
    classified, seed, n = inputs.plan["task"] != "regression", inputs.plan["seed"], len(inputs.data)
    rows = sampled(n, ROWS, seed)
    columns, left_out = without_keys(taken(chosen_columns(inputs, check["columns"]), rows))
    reference = inputs.reference.columns(inputs.plan) if "reference" in inputs.files.datasets else {}
    cut_at = {name: reference.get(name, column) for name, column in columns.items()}
    found = weakest_slices(columns, _scores(inputs)[rows], seed, cut_at, least_rows=check["minimum_rows"])
    return {
        "n": n,
        "seed": seed,
        "rows": len(rows),
        "left_out": left_out,
        "absolute": classified,
        "metric": "accuracy_shortfall" if classified else "mae_excess",
        "overall": None if found is None else abs(found.overall),
        "candidates": 0 if found is None else found.candidates,
        "tested": 0 if found is None else found.tested,
        "slices": [] if found is None else [_plain(part) for part in found.slices],
    }


def _scores(inputs: Inputs) -> Floats:
    """The higher, the better: right or wrong, or minus the absolute error."""
    scoring = inputs.scoring
    if inputs.plan["task"] == "regression":
        return np.asarray(-abs(scoring.errors))
    return np.asarray(scoring.labels == scoring.decided, dtype=np.float64)


def _plain(part: Slice) -> dict[str, Any]:
    name = ", ".join(str(condition) for condition in part.conditions)
    numbers = ("n", "shortfall", "ci", "p_adjusted")
    return {"name": name, "score": abs(part.score), **{number: getattr(part, number) for number in numbers}}
