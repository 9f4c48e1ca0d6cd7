"""A metric of the model's predictions, with its 95 % interval, held against a threshold."""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from placet_shared.contracts.plan_document import Comparator, Finite, Name, PlanDocument
from placet_shared.near_names import one_of
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.checks.known_metrics import METRICS
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "MetricParameters"]

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
MOST = 2**31 - 1
"""Canonical JSON has exact integers up to 2**53."""

_AT_LEAST = frozenset({">=", ">"})


class MetricParameters(Parameters):
    """Which metric, and the threshold it is held against."""

    metric: Annotated[Name, Field(description="one of the metrics of the plan's task, see below")]
    comparator: Annotated[Comparator, Field(description="how the value must compare with the threshold")]
    threshold: Annotated[Finite, Field(description="what the value is held against")]
    warn: Annotated[Finite | None, Field(description="a stricter threshold; between the two the check is WARN")] = None
    judge: Annotated[
        Literal["value", "interval"],
        Field(description="`interval`: PASS and FAIL only where the whole 95 % interval agrees, else WARN"),
    ] = "value"
    minimum_rows: Annotated[int, Field(ge=1, le=MOST, description="with fewer the check is INSUFFICIENT_DATA")] = 30
    minimum_per_class: Annotated[int, Field(ge=1, le=MOST, description="with fewer of a class the check is INSUFFICIENT_DATA")] = 5
    k: Annotated[int | None, Field(ge=1, le=MOST, description="of top_k_accuracy")] = None
    guard: Annotated[float | None, Field(gt=0, description="of mape: no label may be nearer to zero")] = None


def judge(wanted: MetricParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """Compare; too few rows, or a value that is not defined on these data, is never a PASS."""
    status, reason = _verdict(wanted, found)
    ci = None if found["ci"] is None else (float(found["ci"][0]), float(found["ci"][1]))
    value = None if found["value"] is None else float(found["value"])
    measured: dict[str, Any] = {name: found[name] for name in ("n", "n_positive", "method", "seed")}
    compared: dict[str, Any] = {"metric": wanted.metric, "comparator": wanted.comparator, "threshold": wanted.threshold}
    compared["parameters"] = {**found["parameters"], "warn": wanted.warn, "judge": wanted.judge}
    return [Record(status=status, value=value, ci=ci, reason_code=reason, **compared, **measured)]


def _verdict(wanted: MetricParameters, found: Mapping[str, Any]) -> tuple[Status, str | None]:
    if found["n"] < wanted.minimum_rows:
        return "INSUFFICIENT_DATA", "too_few_rows"
    if found["smallest_class"] is not None and found["smallest_class"] < wanted.minimum_per_class:
        return "INSUFFICIENT_DATA", "too_few_of_a_class"
    if found["value"] is None:
        return "INSUFFICIENT_DATA", found["reason_code"] or "not_defined"
    if wanted.judge == "interval":
        return _by_interval(wanted, found)
    holds = _COMPARE[wanted.comparator]
    if not holds(found["value"], wanted.threshold):
        return "FAIL", "threshold_missed"
    if wanted.warn is not None and not holds(found["value"], wanted.warn):
        return "WARN", "near_threshold"
    return "PASS", None


def _by_interval(wanted: MetricParameters, found: Mapping[str, Any]) -> tuple[Status, str | None]:
    if found["ci"] is None:
        return "INSUFFICIENT_DATA", "no_interval"
    ends = [_COMPARE[wanted.comparator](end, wanted.threshold) for end in found["ci"]]
    if all(ends):
        return "PASS", None
    return ("WARN", "inconclusive") if any(ends) else ("FAIL", "threshold_missed")


def contradictions(wanted: MetricParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """The metric must be one of the plan's task, and compared in its direction."""
    metric = METRICS.get(wanted.metric)
    if metric is None or plan.task not in metric.tasks:
        fitting = [name for name, known in METRICS.items() if plan.task in known.tasks]
        yield "metric", wanted.metric, one_of(wanted.metric, fitting)
        return
    at_least = wanted.comparator in _AT_LEAST
    if at_least != (metric.better == "higher"):
        yield "comparator", wanted.comparator, f"{'>= or >' if metric.better == 'higher' else '<= or <'}: {metric.better} is better"
    if wanted.warn is not None and (wanted.warn > wanted.threshold) != at_least:
        yield "warn", wanted.warn, "a stricter value than the threshold"
    if (wanted.metric == "top_k_accuracy") != (wanted.k is not None):
        yield "k", wanted.k, "given for top_k_accuracy, and only there"
    if wanted.k is not None and plan.prediction and wanted.k >= len(plan.prediction.classes):
        yield "k", wanted.k, "less than the number of classes"
    if wanted.guard is not None and wanted.metric != "mape":
        yield "guard", wanted.guard, "given for mape only"


KIND = CheckKind(
    name="metric",
    version=1,
    purpose="A metric of the predictions, with its interval, is at least or at most a threshold.",
    parameters=MetricParameters,
    measure="placet_verification.adapters.evaluation.measures.metric:measure",
    judge=judge,
    contradictions=contradictions,
)
