"""Which classes are taken for which, ROC and precision-recall curves, and histograms of scores: evidence, which always passes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from placet_shared.contracts.plan_document import PlanDocument
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record

__all__ = ["KIND", "ConfusionParameters"]


class ConfusionParameters(Parameters):
    """None."""


def judge(wanted: ConfusionParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """PASS; `parameters` have what a report draws."""
    ci = found["ci"]
    return [
        Record(
            status="PASS",
            metric="accuracy",
            value=float(found["accuracy"]),
            ci=(float(ci[0]), float(ci[1])),
            n=found["n"],
            n_positive=found["n_positive"],
            method="wilson",
            parameters=found["parameters"],
        )
    ]


def contradictions(wanted: ConfusionParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Only classes are confused."""
    if plan.task == "regression":
        yield "check", "confusion", "a check of a binary or multiclass task"


KIND = CheckKind(
    name="confusion",
    version=1,
    purpose="Evidence for the report: the confusion matrix at the model's threshold, ROC and precision-recall curves, and histograms of "
    "scores. It always passes. No pass of inference of its own.",
    parameters=ConfusionParameters,
    measure="placet_verification.adapters.evaluation.measures.confusion:measure",
    judge=judge,
    contradictions=contradictions,
)
