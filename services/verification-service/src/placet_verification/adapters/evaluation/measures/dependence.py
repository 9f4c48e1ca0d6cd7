"""Measures `dependence`: the mean curve of each column, the middle 80 % of the curves of single rows, and some of these."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.column_importance import most_important
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.probing import class_number, failure_on_probes, score_of
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.statistics.dependence import ROWS, partial_dependence

__all__ = ["measure"]

COLUMNS = 6
SINGLE = 10
"""Curves of single rows that are kept, of 500."""
LISTED = 50
"""Points of a curve: 20 for numbers; categories may be more."""


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """By check."""
    return {check["id"]: _measured(check, inputs) for check in checks}


def _measured(check: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
    rows = min(ROWS, len(inputs.data))
    facts: dict[str, Any] = {"failure": None, "n": rows, "seed": inputs.plan["seed"], "columns": []}
    facts["parameters"] = {"rows": rows, "of": len(inputs.data), "of_class": check["of_class"]}
    try:
        names = check["columns"] or most_important(inputs, COLUMNS)
        return facts | {"columns": [_of_column(name, check, inputs) for name in names]}
    except Refused as refused:
        return facts | {"failure": failure_on_probes(refused)}


def _of_column(name: str, check: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
    score = score_of(inputs, class_number(inputs, check["of_class"]))
    found = partial_dependence(inputs.data.columns(inputs.plan), name, score, inputs.plan["seed"])
    if found is None:
        return {"name": name, "reason_code": "no_known_value"}
    low, high = np.quantile(found.single, [0.1, 0.9], axis=0)
    every = max(1, len(found.single) // SINGLE)
    curves = {"mean": found.mean, "low": low, "high": high}
    return {
        "name": name,
        "reason_code": None,
        "values": found.values[:LISTED].tolist(),
        **{part: curve[:LISTED].tolist() for part, curve in curves.items()},
        "single": found.single[::every][:SINGLE, :LISTED].tolist(),
    }
