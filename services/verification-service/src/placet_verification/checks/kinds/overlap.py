"""The evaluation data are rows that the model was not trained on: the share that is in the training data too is small.

Rows are the same where all inputs are, whatever their label. The same file for both is FAIL whatever the thresholds say.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_shared.contracts.plan_document import PlanDocument
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "OverlapParameters"]


class OverlapParameters(Parameters):
    """How many of the evaluation rows may be in the training data."""

    warn: Annotated[float, Field(ge=0, le=1, description="the share of rows above which the check is WARN")] = 0.01
    fail: Annotated[float, Field(ge=0, le=1, description="the share of rows above which the check is FAIL")] = 0.05


def judge(wanted: OverlapParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """By the count itself: these are all rows, not a sample of them."""
    status, reason = _verdict(wanted, found)
    parameters = {"warn": wanted.warn, **{name: found[name] for name in ("shared_rows", "first_row", "training_rows")}}
    return [
        Record(
            status=status,
            reason_code=reason,
            metric="shared_rows",
            value=float(found["share"]),
            ci=(float(found["ci"][0]), float(found["ci"][1])),
            comparator="<=",
            threshold=wanted.fail,
            n=found["n"],
            method="row_hashes",
            parameters=parameters,
        )
    ]


def _verdict(wanted: OverlapParameters, found: Mapping[str, Any]) -> tuple[Status, str | None]:
    if found["same_data"]:
        return "FAIL", "evaluated_on_training_data"
    if found["share"] > wanted.fail:
        return "FAIL", "rows_shared_with_training"
    return ("WARN", "rows_shared_with_training") if found["share"] > wanted.warn else ("PASS", None)


def contradictions(wanted: OverlapParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """It warns before it fails."""
    if wanted.warn > wanted.fail:
        yield "warn", wanted.warn, "at most `fail`"


KIND = CheckKind(
    name="overlap",
    version=1,
    purpose="Few evaluation rows are in the training data. No further inference.",
    parameters=OverlapParameters,
    measure="placet_verification.adapters.evaluation.measures.overlap:measure",
    judge=judge,
    needs=frozenset({"training"}),
    contradictions=contradictions,
)
