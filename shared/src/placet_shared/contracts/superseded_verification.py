"""Schema version 1 of verification's events: a plan was an environment's, a run had one data set, a check was a metric."""

from typing import Annotated, Literal

from pydantic import Field

from placet_shared.contracts import EventData, TextCommitment
from placet_shared.contracts.plan_document import (
    ArtifactRules,
    ColumnName,
    Comparator,
    Environment,
    Finite,
    InputDocument,
    LimitsDocument,
    Name,
    PredictionDocument,
    Severity,
    Sha256,
    Task,
)
from placet_shared.contracts.verification import CheckStatus, PlanReference, ReasonCode

__all__ = ["SUPERSEDED_OF_VERIFICATION"]


class DatasetDocumentV1(EventData):
    """A CSV file by digest."""

    sha256: Sha256 | None = None
    format: Literal["csv"] = "csv"
    delimiter: Literal[",", ";", "\t", "|"] = ","
    label: ColumnName
    empty: Literal["refuse", "nan"] = "refuse"


class CheckDocumentV1(EventData):
    """One metric and the threshold it is held against."""

    id: Name
    metric: Name
    comparator: Comparator
    threshold: Finite
    warn: Finite | None = None
    severity: Severity = "blocking"
    judge: Literal["value", "interval"] = "value"
    minimum_rows: Annotated[int, Field(ge=1)] = 30
    minimum_per_class: Annotated[int, Field(ge=1)] = 5
    k: Annotated[int | None, Field(ge=1)] = None
    guard: Annotated[float | None, Field(gt=0)] = None


class PlanDocumentV1(EventData):
    """The plan of one environment."""

    kind: Literal["Plan"]
    name: Name
    environment: Environment
    task: Task
    dataset: DatasetDocumentV1
    inputs: Annotated[list[InputDocument], Field(min_length=1, max_length=500)]
    prediction: PredictionDocument
    artifact: ArtifactRules = ArtifactRules()
    limits: LimitsDocument = LimitsDocument()
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    checks: Annotated[list[CheckDocumentV1], Field(min_length=1, max_length=100)]


class _PlanVersionV1(EventData):
    plan_id: str
    environment: Environment
    name: Name
    version: Annotated[int, Field(ge=1)]
    sha256: Annotated[Sha256, Field(description="SHA-256 of `document` as canonical JSON (RFC 8785)")]
    document: PlanDocumentV1
    text: TextCommitment


class PlanPublishedV1(_PlanVersionV1):
    """The first plan of its environment."""


class PlanRevisedV1(_PlanVersionV1):
    """The next version of an environment's plan, which may have another name."""


class _RunV1(EventData):
    run_id: str
    model_id: str
    version_id: str
    environment: Environment
    plan: PlanReference
    artifact_sha256: Sha256
    dataset_sha256: Sha256


class RunRequestedV1(_RunV1):
    """This version is to be verified by this plan on this data set."""


class CheckSummaryV1(EventData):
    """One check in short."""

    check_id: Name
    status: CheckStatus
    severity: Severity
    metric: Name
    value: float | None
    ci: tuple[float, float] | None
    comparator: Comparator
    threshold: float
    n: int
    reason_code: ReasonCode | None


class _VerificationV1(_RunV1):
    result_sha256: Sha256
    checks: list[CheckSummaryV1]


class VerificationPassedV1(_VerificationV1):
    """No blocking check failed."""

    status: Literal["passed"]


class VerificationFailedV1(_VerificationV1):
    """At least one blocking check failed or could not be judged."""

    status: Literal["failed"]


class RunErroredV1(_RunV1):
    """The model could not be verified."""

    status: Literal["errored"]
    reason_code: ReasonCode


SUPERSEDED_OF_VERIFICATION: dict[tuple[str, int], type[EventData]] = {
    ("PlanPublished", 1): PlanPublishedV1,
    ("PlanRevised", 1): PlanRevisedV1,
    ("RunRequested", 1): RunRequestedV1,
    ("VerificationPassed", 1): VerificationPassedV1,
    ("VerificationFailed", 1): VerificationFailedV1,
    ("RunErrored", 1): RunErroredV1,
}
