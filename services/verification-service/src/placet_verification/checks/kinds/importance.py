"""How much the metric needs each column: evidence, unless the plan bounds the share that one column may have of all."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_shared.contracts.plan_document import Name, PlanDocument
from placet_shared.near_names import one_of
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.checks.known_metrics import METRICS
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "ImportanceParameters"]

_OF_SEVERAL_SCORES = frozenset({"log_loss", "top_k_accuracy"})


class ImportanceParameters(Parameters):
    """Which metric, and how much of it may hang on one column."""

    metric: Annotated[Name | None, Field(description="whose drop is measured; default: roc_auc, balanced_accuracy or rmse")] = None
    most: Annotated[
        float | None,
        Field(gt=0, lt=1, description="the largest share that one column, or one group of correlated columns, may have; 0.8 finds leaks"),
    ] = None
    repeats: Annotated[int, Field(ge=1, le=50, description="permutations of each column")] = 5


def judge(wanted: ImportanceParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """A record for each column or group of correlated columns, the most important first."""
    common: dict[str, Any] = {"n": found["n"], "seed": found["seed"], "method": "permutation"}
    if found["failure"] is not None:
        return [Record(status="WARN" if wanted.most is None else "FAIL", reason_code=found["failure"], **common)]
    if found["metric_value"] is None:
        return [Record(status="NOT_APPLICABLE" if wanted.most is None else "INSUFFICIENT_DATA", reason_code="not_defined", **common)]
    return [_of_group(wanted, found, one, common) for one in found["columns"]]


def _of_group(wanted: ImportanceParameters, found: Mapping[str, Any], one: Mapping[str, Any], common: Mapping[str, Any]) -> Record:
    status, reason = _verdict(wanted, found, one)
    return Record(
        status=status,
        reason_code=reason,
        metric=f"{found['metric']}_drop",
        value=float(one["drop"]),
        baseline_value=float(found["metric_value"]),
        slice=", ".join(one["columns"]),
        comparator=None if wanted.most is None else "<=",
        threshold=wanted.most,
        parameters={**found["parameters"], "columns": one["columns"], "deviation": one["deviation"], "share": one["share"]},
        **common,
    )


def _verdict(wanted: ImportanceParameters, found: Mapping[str, Any], one: Mapping[str, Any]) -> tuple[Status, str | None]:
    """Of a single column nothing else is, whatever it knows; a drop within its spread over the repeats is none."""
    if wanted.most is None or len(found["columns"]) < 2 or one["drop"] <= 2 * one["deviation"] or one["share"] <= wanted.most:
        return "PASS", None
    return "FAIL", "one_column_decides"


def contradictions(wanted: ImportanceParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """A metric of the plan's task, which one number a row is enough for."""
    without = _OF_SEVERAL_SCORES if plan.task == "multiclass" else frozenset()
    fitting = [name for name, known in METRICS.items() if plan.task in known.tasks and name not in without and name != "mape"]
    if wanted.metric is not None and wanted.metric not in fitting:
        yield "metric", wanted.metric, one_of(wanted.metric, fitting)


KIND = CheckKind(
    name="importance",
    version=1,
    purpose="The drop of the metric when a column is permuted, for each column. Evidence; FAIL only where one column has more than the "
    "share that the plan allows. As many runs of the model as columns times repeats, on so few rows that all are three passes.",
    parameters=ImportanceParameters,
    measure="placet_verification.adapters.evaluation.measures.importance:measure",
    judge=judge,
    contradictions=contradictions,
)
