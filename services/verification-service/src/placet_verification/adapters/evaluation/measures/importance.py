"""Measures `importance`: the drop of a metric when a column, or a group of correlated columns, is permuted."""

from collections.abc import Mapping, Sequence
from typing import Any

from placet_verification.adapters.evaluation.column_importance import LESS_IS_BETTER, importances, metric_of
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.probing import failure_on_probes
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["measure"]

LISTED = 100


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """By check; the hundred most important columns."""
    return {check["id"]: _measured(check, inputs) for check in checks}


def _measured(check: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
    name = metric_of(check, inputs)
    facts: dict[str, Any] = {"failure": None, "metric": name, "metric_value": None, "columns": [], "n": len(inputs.data)}
    facts["seed"] = inputs.plan["seed"]
    try:
        found = importances(inputs, name, check["repeats"])
    except Refused as refused:
        return facts | {"failure": failure_on_probes(refused)}
    if found is None:
        return facts
    columns = [
        {"columns": list(one.columns), "drop": one.drop, "deviation": one.deviation, "share": one.share} for one in found.columns[:LISTED]
    ]
    sampled = {"rows": found.rows, "of": len(inputs.data), "repeats": check["repeats"], "not_listed": len(found.columns) - len(columns)}
    value = -found.metric if name in LESS_IS_BETTER else found.metric
    return facts | {"n": found.rows, "metric_value": value, "columns": columns, "parameters": sampled}
