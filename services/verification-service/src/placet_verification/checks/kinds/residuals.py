"""Where a regression errs and by how much: predictions beside the truth and their residuals; evidence, which always passes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from placet_shared.contracts.plan_document import PlanDocument
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record

__all__ = ["KIND", "ResidualsParameters"]


class ResidualsParameters(Parameters):
    """None."""


def judge(wanted: ResidualsParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """PASS: the median absolute error, which has what a report draws, and the mean residual, which says whether the model errs to one
    side."""
    return [
        Record(
            status="PASS",
            metric="median_absolute_error",
            value=float(found["median_absolute"]),
            n=found["n"],
            method="exact",
            parameters=found["parameters"],
        ),
        Record(status="PASS", metric="mean_residual", value=float(found["mean"]), n=found["n"], method="exact"),
    ]


def contradictions(wanted: ResidualsParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Only numbers have residuals."""
    if plan.task != "regression":
        yield "check", "residuals", "a check of a regression; `confusion` is that of classes"


KIND = CheckKind(
    name="residuals",
    version=1,
    purpose="Evidence for the report of a regression: predictions beside the truth, how often which residual occurs, and the mean truth by "
    "prediction. It always passes. No pass of inference of its own.",
    parameters=ResidualsParameters,
    measure="placet_verification.adapters.evaluation.measures.residuals:measure",
    judge=judge,
    contradictions=contradictions,
)
