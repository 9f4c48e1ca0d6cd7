"""The metric of a check that is not about one metric alone: named in the plan, or the task's own."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from placet_shared.contracts.plan_document import Name, PlanDocument
from placet_shared.near_names import one_of
from placet_verification.checks.kind import Contradiction, Parameters
from placet_verification.checks.known_metrics import METRICS

__all__ = ["ChosenMetric", "gain", "metric_contradictions", "too_few"]

MOST = 2**31 - 1
"""Canonical JSON has exact integers up to 2**53."""


class ChosenMetric(Parameters):
    """Base of parameters with a metric, and with what the data must have for it to mean something."""

    metric: Annotated[Name | None, Field(description="left out: roc_auc, balanced_accuracy (multiclass) or rmse (regression)")] = None
    k: Annotated[int | None, Field(ge=1, le=MOST, description="of top_k_accuracy")] = None
    guard: Annotated[float | None, Field(gt=0, description="of mape: no label may be nearer to zero")] = None
    minimum_rows: Annotated[int, Field(ge=1, le=MOST, description="with fewer the check is INSUFFICIENT_DATA")] = 30
    minimum_per_class: Annotated[int, Field(ge=1, le=MOST, description="with fewer of a class the check is INSUFFICIENT_DATA")] = 5


def metric_contradictions(wanted: ChosenMetric, plan: PlanDocument) -> Iterator[Contradiction]:
    """The metric must be one of the plan's task, and have its own parameters."""
    fitting = [name for name, known in METRICS.items() if plan.task in known.tasks]
    if wanted.metric is not None and wanted.metric not in fitting:
        yield "metric", wanted.metric, one_of(wanted.metric, fitting)
    if (wanted.k is not None) != (wanted.metric == "top_k_accuracy"):
        yield "k", wanted.k, "given for top_k_accuracy, and only there"
    elif wanted.k is not None and plan.prediction and wanted.k >= len(plan.prediction.classes):
        yield "k", wanted.k, "less than the number of classes"
    if wanted.guard is not None and wanted.metric != "mape":
        yield "guard", wanted.guard, "given for mape only"


def too_few(wanted: ChosenMetric, found: Mapping[str, Any]) -> str | None:
    """The reason why these rows are too few to judge by, if they are."""
    if found["n"] < wanted.minimum_rows:
        return "too_few_rows"
    if found["smallest_class"] is not None and found["smallest_class"] < wanted.minimum_per_class:
        return "too_few_of_a_class"
    return None


def gain(metric: str, ci: tuple[float, float]) -> tuple[float, float]:
    """The interval of a difference as one of an improvement, which is more for a metric where more is better, else less."""
    return ci if METRICS[metric].better == "higher" else (-ci[1], -ci[0])
