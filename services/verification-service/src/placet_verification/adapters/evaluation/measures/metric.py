"""Measures `metric`: the value with its interval, from labels and predictions, and how both were found."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation import rows
from placet_verification.adapters.evaluation.inputs import Inputs
from placet_verification.adapters.evaluation.scoring import Scoring, guard_of
from placet_verification.adapters.evaluation.statistics import intervals
from placet_verification.adapters.evaluation.statistics.delong import delong
from placet_verification.adapters.evaluation.statistics.proportions import wilson
from placet_verification.adapters.evaluation.tallies import TALLY_METRICS, f1_each

__all__ = ["measure"]

Floats = NDArray[np.float64]
_BOOTSTRAP = {"confidence": intervals.CONFIDENCE, "resamples": intervals.RESAMPLES}
_CLOSED = {"confidence": intervals.CONFIDENCE}


def measure(checks: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, Any]:
    """All metrics of a plan together: they share the resampled rows."""
    labels = inputs.data.labels
    trial = inputs.scoring
    by_row = {check["id"]: metric for check in checks if (metric := trial.row_metric(check))}
    few = len(labels) <= intervals.ROWS_FOR_BOOTSTRAP
    row_intervals = intervals.bootstrapped(by_row, len(labels), inputs.plan["seed"]) if few and by_row else {}
    found = {}
    for check in checks:
        facts = _row_facts(trial, check, by_row[check["id"]], row_intervals) if check["id"] in by_row else _counted(trial, check)
        found[check["id"]] = {**trial.counts, "reason_code": None, "seed": None, "parameters": {}, **facts}
    return found


def _counted(trial: Scoring, check: Mapping[str, Any]) -> dict[str, Any]:
    """Value and interval of a metric of decisions; the reason for one that is not defined."""
    match check["metric"]:
        case "log_loss" | "brier":
            return _undefined("not_probabilities")
        case "mape":
            return _undefined("label_near_zero", guard=guard_of(check))
        case "top_k_accuracy":
            return _top_k(trial, check["k"])
        case "accuracy":
            hits = float(trial.tallied.right.sum())
            return _known(hits / len(trial.labels), wilson(hits, len(trial.labels)), "wilson", **_CLOSED)
        case "f1":
            value, again = (f1_each(counts)[..., trial.positive] for counts in (trial.tallied, trial.tallied_again))
        case name:
            value, again = (TALLY_METRICS[name](counts) for counts in (trial.tallied, trial.tallied_again))
    facts = _known(float(value), intervals.percentiles(again), "percentile_bootstrap_of_counts", **_BOOTSTRAP)
    return facts | {"seed": trial.plan["seed"]}


def _top_k(trial: Scoring, k: int) -> dict[str, Any]:
    hits = int(trial.within_top(k).sum())
    return _known(hits / len(trial.labels), wilson(hits, len(trial.labels)), "wilson", **_CLOSED, k=k)


def _row_facts(
    trial: Scoring, check: Mapping[str, Any], metric: rows.RowMetric, found: Mapping[str, intervals.Interval | None]
) -> dict[str, Any]:
    value = metric(np.ones(len(trial.labels)))
    if np.isnan(value):
        return _undefined("single_class" if trial.plan["task"] == "binary" else "constant_labels")
    guard = {"guard": guard_of(check)} if check["metric"] == "mape" else {}
    if check["id"] in found:
        return _known(value, found[check["id"]], "percentile_bootstrap", **_BOOTSTRAP, **guard) | {"seed": trial.plan["seed"]}
    ci, method = _closed_form(trial, check)
    return _known(value, ci, method, **_CLOSED, **guard)


def _closed_form(trial: Scoring, check: Mapping[str, Any]) -> tuple[intervals.Interval | None, str]:
    """Above 50,000 rows."""
    if (losses := trial.losses(check)) is not None:
        return intervals.normal(losses), "normal"
    if check["metric"] == "roc_auc":
        return delong(trial.is_positive, trial.predictions.scores), "delong"
    if check["metric"] == "rmse":
        low, high = intervals.normal(trial.errors**2)
        return (float(np.sqrt(max(0.0, low))), float(np.sqrt(high))), "normal_of_squares"
    return None, "no_interval_above_50000_rows"


def _known(value: float, ci: intervals.Interval | None, method: str, **parameters: Any) -> dict[str, Any]:
    return {"value": value, "ci": ci, "method": method, "parameters": parameters}


def _undefined(reason_code: str, **parameters: Any) -> dict[str, Any]:
    return {"value": None, "ci": None, "method": "none", "parameters": parameters, "reason_code": reason_code}
