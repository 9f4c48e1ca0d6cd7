"""Response models, for the OpenAPI document; a test checks real answers against them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from placet_shared.contracts.plan_document import PlanDocument, TakesEffect
from placet_shared.contracts.verification import Champion, CheckStatus, CheckSummary, PlanReference, RunData
from placet_verification.checks import Need

__all__ = [
    "AttestationAnswer",
    "AttestationRecordedAnswer",
    "CheckHistoryAnswer",
    "CheckKinds",
    "PlanAnswer",
    "PlanPreviewAnswer",
    "PlanPublishedAnswer",
    "PlanWithdrawnAnswer",
    "PlansInForce",
    "ReportAnswer",
    "RunAnswer",
    "RunCancelledAnswer",
    "RunDetail",
    "RunRequestedAnswer",
    "VerificationAnswer",
]

Id = Annotated[str, Field(description="UUIDv7.", examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])]
Sha256 = Annotated[str, Field(examples=["6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090"])]
RunStatus = Literal["queued", "running", "passed", "failed", "errored", "cancelled"]


class Shape(BaseModel):
    """Exactly these fields."""

    model_config = ConfigDict(extra="forbid")


class PlanPublishedAnswer(PlanReference):
    """The version in force; `changed` says whether it is new."""

    environments: list[str]
    takes_effect: TakesEffect
    changed: bool


class PlanAnswer(Shape):
    """One version of a plan. `text` is the document as it was written, null when it was erased."""

    id: Id
    name: str
    version: int
    environments: list[str]
    sha256: str
    in_force: bool
    withdrawn_at: datetime | None
    document: PlanDocument
    text: str | None
    published_by: str
    published_at: datetime


class ConcernedModel(Shape):
    """A model that the plan is for, and by which entry of its `for`."""

    id: Id
    name: str
    latest_number: int = Field(description="Of its newest version; 0 without one.")
    because: str


class PlanPreviewAnswer(Shape):
    """What publishing would change. `models` are the first 50 of `models_in_all`; `complete` is false when the registry has too many."""

    name: str
    environments: list[str]
    takes_effect: TakesEffect
    sha256: str
    changed: bool
    document: PlanDocument
    current: PlanAnswer | None
    models: list[ConcernedModel]
    models_in_all: int
    complete: bool


class PlanWithdrawnAnswer(Shape):
    """The last version that was in force."""

    id: Id
    name: str
    version: int


class PlanInForceAnswer(PlanReference):
    """A plan that a version must pass."""

    because: str = Field(description="The entry of its `for` that fits the model.", examples=["every model", "tag governance/risk=high"])
    document: PlanDocument


class PlansInForce(Shape):
    """All of them, by name."""

    items: list[PlanInForceAnswer]


class RunRequestedAnswer(Shape):
    """The new run and what it is bound to; `dataset_sha256` is the evaluation data among `datasets`."""

    id: Id
    model_id: Id
    version_id: Id
    environment: str
    plan: PlanReference
    artifact_sha256: Sha256
    datasets: list[RunData]
    dataset_sha256: Sha256 | None
    champion: Champion | None


class VerificationAnswer(Shape):
    """The new runs, one by each plan in force."""

    model_id: Id
    version_id: Id
    environment: str
    runs: list[RunRequestedAnswer]


class RunAnswer(RunRequestedAnswer):
    """A run as it is now. `detail` and `resolve` say why there is no result; `cancel_reason` is null too when the text was erased."""

    status: RunStatus
    result_sha256: Sha256 | None
    measured_sha256: Sha256 | None
    reason_code: str | None
    detail: str | None
    resolve: str | None
    checks: list[CheckSummary] | None
    requested_by: str
    requested_at: datetime
    ended_at: datetime | None
    cancelled_by: str | None
    cancel_reason: str | None
    revision: int


class RunCancelledAnswer(Shape):
    """The run that was cancelled."""

    id: Id
    status: Literal["cancelled"]


class CheckKindAnswer(Shape):
    """A kind of check; `parameters` is a JSON schema, `needs` what a plan must name beside the data."""

    name: str
    version: int
    purpose: str
    runs_the_model: bool
    needs: list[Need]
    parameters: dict[str, Any]


class CheckKinds(Shape):
    """All that are installed."""

    items: list[CheckKindAnswer]


class CheckHistoryAnswer(Shape):
    """One run's worst record of a check."""

    run_id: Id
    version_id: Id
    environment: str
    plan: str
    plan_version: int
    outcome: Literal["passed", "failed"]
    ended_at: datetime
    status: CheckStatus
    metric: str | None
    value: float | None
    ci: list[float] | None
    comparator: str | None
    threshold: float | None
    n: int | None
    reason_code: str | None


class AttestationRecordedAnswer(Shape):
    """`sha256` is that of the envelope, `statement_sha256` of what was signed; `artifacts` are the digests of the subjects."""

    sha256: Sha256
    statement_sha256: Sha256
    predicate_type: str = Field(examples=["https://in-toto.io/attestation/test-result/v0.1"])
    artifacts: list[Sha256]
    model_id: Id


class AttestationAnswer(AttestationRecordedAnswer):
    """An attestation that was uploaded, by any account; only a plan says whose signatures count."""

    recorded_by: str
    recorded_at: datetime


class AttemptAnswer(Shape):
    """One attempt; more than one means that a worker or another service failed in between."""

    number: int
    worker: str
    started_at: datetime
    heartbeat_at: datetime
    ended_at: datetime | None
    outcome: Literal["passed", "failed", "errored", "cancelled", "interrupted", "lost"] | None
    reason_code: str | None
    facts: dict[str, Any]


class RunDetail(RunAnswer):
    """A run, its attempts, and its place in the queue."""

    attempts: list[AttemptAnswer]
    held_out: bool | None = Field(
        description="False when the lineage of a version with the same bytes named the evaluation data as training data as the run ended; "
        "null without such data, and until it has ended. What was added to the lineage since, sign-offs show."
    )
    place: int | None = Field(
        description="How many runs begin until this one does, itself included, if no more are requested; null unless it is queued."
    )


class ReportAnswer(Shape):
    """The result (null when the model could not be evaluated) and the observations."""

    id: Id
    status: RunStatus
    reason_code: str | None
    detail: str | None
    resolve: str | None
    result_sha256: Sha256 | None
    result: dict[str, Any] | None
    observations: dict[str, Any]
