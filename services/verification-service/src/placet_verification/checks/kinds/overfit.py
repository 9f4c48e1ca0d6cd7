"""The model is not much better on its training data than on the evaluation data: the gap of a metric is within a threshold, or chance.

The gap of an error without a scale of its own (rmse, mae, mape, log_loss) is taken as a share of the error on the evaluation data. FAIL
where the gap exceeds the threshold and its 95 % interval lies above 0; WARN where it exceeds it and may be chance.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_verification.checks.chosen_metric import ChosenMetric, metric_contradictions, too_few
from placet_verification.checks.kind import CheckKind
from placet_verification.checks.known_metrics import METRICS
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "OverfitParameters"]

_NO_SCALE = frozenset({"rmse", "mae", "mape", "log_loss"})


class OverfitParameters(ChosenMetric):
    """Which metric, and how much better it may be on the training data; rows are counted in either data set."""

    gap: Annotated[float, Field(gt=0, description="the largest gap; of rmse, mae, mape and log_loss as a share of the evaluation's")] = 0.10


def judge(wanted: OverfitParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """Compare the two values in the metric's own direction."""
    metric = METRICS[found["metric"]]
    facts: dict[str, Any] = {"metric": f"{metric.name}_gap", "comparator": "<=", "threshold": wanted.gap, "n": found["n"]}
    facts |= {"seed": found["seed"], "method": "percentile_bootstrap", "parameters": found["parameters"]}
    lacking = _lacking(wanted, found)
    if lacking:
        return [Record(status="INSUFFICIENT_DATA", reason_code=lacking, **facts)]
    scale = abs(found["evaluation"]) if metric.name in _NO_SCALE else 1.0
    scale = (scale or 1.0) * (1 if metric.better == "higher" else -1)
    value = (found["training"] - found["evaluation"]) / scale
    low, high = sorted(end / scale for end in found["ci"])
    status, reason = _verdict(value, low, wanted.gap)
    training = {**found["parameters"], "training": found["training"], "evaluation": found["evaluation"]}
    return [Record(status=status, reason_code=reason, value=value, ci=(low, high), **{**facts, "parameters": training})]


def _lacking(wanted: OverfitParameters, found: Mapping[str, Any]) -> str | None:
    if found["same_data"]:
        return "evaluated_on_training_data"
    if few := too_few(wanted, {**found, "n": min(found["rows"])}):
        return few
    if found["training"] is None:
        return "not_defined"
    return "no_interval" if found["ci"] is None else None


def _verdict(value: float, low: float, gap: float) -> tuple[Status, str | None]:
    if round(value, 9) <= gap:
        return "PASS", None
    return ("FAIL", "overfit") if low > 0 else ("WARN", "inconclusive")


KIND = CheckKind(
    name="overfit",
    version=1,
    purpose="The model is not much better on its training data. Inference on at most 20,000 rows of these.",
    parameters=OverfitParameters,
    measure="placet_verification.adapters.evaluation.measures.overfit:measure",
    judge=judge,
    needs=frozenset({"training"}),
    contradictions=metric_contradictions,
)
