"""Measures `explanations`: Shapley values of single rows, against rows of the evaluation data."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.probing import class_number, failure_on_probes, score_of
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.statistics.probing import taken
from placet_verification.adapters.evaluation.statistics.shapley import BACKGROUND, PERMUTATIONS, explain

__all__ = ["measure"]

LISTED = 50
"""Contributions that are kept, the largest first."""


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """By check and row."""
    background = min(BACKGROUND, len(inputs.data))
    return {
        check["id"]: {
            "n": background,
            "seed": inputs.plan["seed"],
            "parameters": {"background_rows": background, "permutations": PERMUTATIONS},
            "rows": [_explained(row, check["of_class"], inputs) for row in check["rows"]],
        }
        for check in checks
    }


def _explained(row: int, of_class: str | None, inputs: Inputs) -> dict[str, Any]:
    facts: dict[str, Any] = {"row": row, "reason_code": None, "failure": None}
    if row > len(inputs.data):
        return facts | {"reason_code": "row_not_in_data"}
    columns = inputs.data.columns(inputs.plan)
    if inputs.plan["task"] == "multiclass" and of_class is None:
        of_class = inputs.plan["prediction"]["classes"][int(inputs.scoring.decided[row - 1])]
    try:
        score = score_of(inputs, class_number(inputs, of_class))
        found = explain(taken(columns, np.array([row - 1])), columns, score, inputs.plan["seed"])
    except Refused as refused:
        return facts | {"failure": failure_on_probes(refused)}
    if found is None:
        return facts | {"reason_code": "no_column_to_explain"}
    ordered = sorted(found.contributions, key=lambda one: -abs(one.value))
    listed = [{"column": one.column, "value": one.value, "standard_error": one.standard_error} for one in ordered[:LISTED]]
    rest = len(ordered) - len(listed)
    return facts | {
        "of_class": of_class,
        "prediction": found.prediction,
        "base": found.base,
        "gap": found.gap,
        "contributions": listed,
        "not_listed": rest,
    }
