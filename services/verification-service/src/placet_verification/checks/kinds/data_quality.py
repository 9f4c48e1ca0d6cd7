"""The evaluation data are fit to judge by: enough rows, no rare class, few repeated or contradictory rows, a target as in training.

All but a target that shifted far is WARN at most: small or unequal data make the other checks' intervals wide, and not the model bad. A
shift counts where its effect size exceeds the threshold and it is significant (5 %).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from placet_shared.contracts.plan_document import PlanDocument
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.domain.records import Record, Status

__all__ = ["KIND", "DataQualityParameters"]

Found = Mapping[str, Any]
Share = Annotated[float, Field(ge=0, le=1)]
_ALPHA = 0.05


class DataQualityParameters(Parameters):
    """Below and above what data are named as small, unequal, repeated, contradictory or shifted."""

    minimum_rows: Annotated[int, Field(ge=1, le=10**9, description="of the evaluation data, and of the training data where named")] = 1000
    smallest_class: Annotated[Share, Field(description="the least share of rows of a class")] = 0.05
    duplicates: Annotated[Share, Field(description="the largest share of rows whose inputs repeat an earlier row's")] = 0.05
    conflicting_labels: Annotated[Share, Field(description="the largest share of rows whose inputs occur with another class too")] = 0.05
    shift_warn: Annotated[Share, Field(description="Cramér's V of the classes, or the KS distance of the target, to training: WARN")] = 0.10
    shift_fail: Annotated[Share, Field(description="the same: FAIL")] = 0.25


def judge(wanted: DataQualityParameters, found: Found) -> Sequence[Record]:
    """One record for each trait; those of the training data are its slice."""
    records = [_at_least("rows", float(part["n"]), float(wanted.minimum_rows), "too_few_rows", part) for part in found["data"]]
    for part in found["data"]:
        if part["smallest_class"] is not None:
            share = part["smallest_class"] / part["n"]
            records.append(_at_least("smallest_class_share", share, wanted.smallest_class, "rare_class", part))
    if found["constant_target"]:
        records.append(Record(status="FAIL", metric="distinct_targets", value=1.0, n=found["data"][0]["n"], reason_code="constant_target"))
    for name, limit in (("duplicates", wanted.duplicates), ("conflicting_labels", wanted.conflicting_labels)):
        if found[name] is not None:
            records.append(_shared(name, found[name], limit))
    if found["shift"] is not None:
        records.append(_shift(wanted, found["shift"]))
    return records


def _at_least(metric: str, value: float, least: float, reason: str, part: Found) -> Record:
    few = value < least
    return Record(
        status="WARN" if few else "PASS", reason_code=reason if few else None, metric=metric, value=value, comparator=">=", threshold=least,
        slice=None if part["use"] == "evaluation" else part["use"], n=part["n"],
    )  # fmt: skip


def _shared(name: str, part: Found, limit: float) -> Record:
    many = part["share"] > limit
    return Record(
        status="WARN" if many else "PASS", reason_code=f"many_{name}" if many else None, metric=name, value=float(part["share"]),
        ci=(float(part["ci"][0]), float(part["ci"][1])), comparator="<=", threshold=limit, n=part["n"], method="row_hashes",
        parameters={"count": part["count"], "first_row": part["first_row"]},
    )  # fmt: skip


def _shift(wanted: DataQualityParameters, part: Found) -> Record:
    status, reason = _shifted(wanted, part)
    return Record(
        status=status, reason_code=reason, metric=part["metric"], value=part["value"], comparator="<=", threshold=wanted.shift_fail,
        n=part["n"], method="target_shift", parameters={"warn": wanted.shift_warn, "p": part["p"], "training_rows": part["training_rows"]},
    )  # fmt: skip


def _shifted(wanted: DataQualityParameters, part: Found) -> tuple[Status, str | None]:
    if part["value"] is None:
        return "NOT_APPLICABLE", "one_class"
    if part["p"] > _ALPHA or part["value"] <= wanted.shift_warn:
        return "PASS", None
    return ("FAIL" if part["value"] > wanted.shift_fail else "WARN"), "target_shift"


def contradictions(wanted: DataQualityParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """It warns before it fails."""
    if wanted.shift_warn > wanted.shift_fail:
        yield "shift_warn", wanted.shift_warn, "at most `shift_fail`"


KIND = CheckKind(
    name="data_quality",
    version=1,
    purpose="The evaluation data are large, balanced and consistent enough to judge by. No further inference.",
    parameters=DataQualityParameters,
    measure="placet_verification.adapters.evaluation.measures.data_quality:measure",
    judge=judge,
    contradictions=contradictions,
)
