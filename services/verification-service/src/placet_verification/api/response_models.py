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
Sha256 = Annotated[
    str, Field(description="64 hexadecimal digits.", examples=["6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090"])
]
RunStatus = Literal["queued", "running", "passed", "failed", "errored", "cancelled"]


class Shape(BaseModel):
    """Exactly these fields."""

    model_config = ConfigDict(extra="forbid")


class PlanPublishedAnswer(PlanReference):
    """The version in force; `changed` says whether it is new."""

    environments: list[str] = Field(description="Where it is in force.")
    takes_effect: TakesEffect = Field(description="Whether approvals that were given before are held against it at once.")
    changed: bool = Field(description="False when the version in force says the same.")


class PlanAnswer(Shape):
    """One version of a plan. `text` is the document as it was written, null when it was erased."""

    id: Id
    name: str = Field(description="Unique among plans.")
    version: int = Field(description="Counts from 1 within the plan.")
    environments: list[str] = Field(description="Where it is in force.")
    sha256: str = Field(description="Digest of the document, which runs and sign-offs are bound to.")
    in_force: bool = Field(description="Whether this version counts now.")
    withdrawn_at: datetime | None = Field(description="When the plan was withdrawn; null while it was not.")
    document: PlanDocument = Field(description="In its full form, with every default.")
    text: str | None = Field(description="As it was written; null when that was erased.")
    published_by: str = Field(description="Id of who published it.")
    published_at: datetime = Field(description="When it was recorded.")


class ConcernedModel(Shape):
    """A model that the plan is for, and by which entry of its `for`."""

    id: Id
    name: str = Field(description="The model's.")
    latest_number: int = Field(description="Of its newest version; 0 without one.")
    because: str = Field(description="The entry of its `for` that fits the model.")


class PlanPreviewAnswer(Shape):
    """What publishing would change. `models` are the first 50 of `models_in_all`; `complete` is false when the registry has too many."""

    name: str = Field(description="The plan's.")
    environments: list[str] = Field(description="Where it would be in force.")
    takes_effect: TakesEffect = Field(description="Whether approvals that were given before would be held against it at once.")
    sha256: str = Field(description="Digest that the version would have.")
    changed: bool = Field(description="False when the version in force says the same.")
    document: PlanDocument = Field(description="In its full form, with every default.")
    current: PlanAnswer | None = Field(description="The version in force; null for a new plan.")
    models: list[ConcernedModel] = Field(description="The first 50 that it would be for.")
    models_in_all: int = Field(description="How many it would be for.")
    complete: bool = Field(description="False when the registry has too many models to look at.")


class PlanWithdrawnAnswer(Shape):
    """The last version that was in force."""

    id: Id
    name: str = Field(description="The plan's.")
    version: int = Field(description="The last one that was in force.")


class PlanInForceAnswer(PlanReference):
    """A plan that a version must pass."""

    because: str = Field(description="The entry of its `for` that fits the model.", examples=["every model", "tag governance/risk=high"])
    document: PlanDocument = Field(description="In its full form, with every default.")


class PlansInForce(Shape):
    """All of them, by name."""

    items: list[PlanInForceAnswer]


class RunRequestedAnswer(Shape):
    """The new run and what it is bound to; `dataset_sha256` is the evaluation data among `datasets`."""

    id: Id
    model_id: Id
    version_id: Id
    environment: str = Field(description="Whose plan it is by.")
    plan: PlanReference = Field(description="The version of the plan that it is by.")
    artifact_sha256: Sha256 = Field(description="SHA-256 of the version's bytes.")
    datasets: list[RunData] = Field(description="Each with what the plan uses it for.")
    dataset_sha256: Sha256 | None = Field(description="The data that the model is measured on; null where the plan does not run it.")
    champion: Champion | None = Field(description="The version that was deployed when it was requested; null where no check compares.")


class VerificationAnswer(Shape):
    """The new runs, one by each plan in force."""

    model_id: Id
    version_id: Id
    environment: str = Field(description="Whose plans they are by.")
    runs: list[RunRequestedAnswer] = Field(description="One by each plan in force for the version.")


class RunAnswer(RunRequestedAnswer):
    """A run as it is now. `detail` and `resolve` say why there is no result; `cancel_reason` is null too when the text was erased."""

    status: RunStatus = Field(description="`errored`: the model could not be evaluated, which says nothing about it.")
    result_sha256: Sha256 | None = Field(description="Digest of the result, which a sign-off binds; null without a result.")
    measured_sha256: Sha256 | None = Field(
        description="Digest of what was measured, rounded, apart from the engine; null without a result."
    )
    reason_code: str | None = Field(description="Why there is no result; null with one. `placet explain` has each.")
    detail: str | None = Field(description="The same in words.")
    resolve: str | None = Field(description="What would help.")
    checks: list[CheckSummary] | None = Field(description="Each in short; null without a result.")
    requested_by: str = Field(description="Id of who asked for it.")
    requested_at: datetime = Field(description="When the request was recorded.")
    ended_at: datetime | None = Field(description="Null until it has ended.")
    cancelled_by: str | None = Field(description="Id of who cancelled it; null when it was not.")
    cancel_reason: str | None = Field(description="What was said; null when nothing was, or when it was erased.")
    revision: int = Field(description="Version of the run's own stream: its ETag.")


class RunCancelledAnswer(Shape):
    """The run that was cancelled."""

    id: Id
    status: Literal["cancelled"] = Field(description="As it is now.")


class CheckKindAnswer(Shape):
    """A kind of check; `parameters` is a JSON schema, `needs` what a plan must name beside the data."""

    name: str = Field(description="As plans write it.")
    version: int = Field(description="Counts from 1; another one measures in another way.")
    purpose: str = Field(description="What it finds.")
    runs_the_model: bool = Field(description="Whether it needs a model that can be run.")
    needs: list[Need] = Field(description="What a plan must name beside the data.")
    parameters: dict[str, Any] = Field(description="A JSON schema.")


class CheckKinds(Shape):
    """All that are installed."""

    items: list[CheckKindAnswer]


class CheckHistoryAnswer(Shape):
    """One run's worst record of a check."""

    run_id: Id
    version_id: Id
    environment: str = Field(description="Whose plan the run was by.")
    plan: str = Field(description="The plan's name.")
    plan_version: int = Field(description="The plan's version.")
    outcome: Literal["passed", "failed"] = Field(description="Of the run as a whole.")
    ended_at: datetime = Field(description="When the run ended.")
    status: CheckStatus = Field(description="Of this check.")
    metric: str | None = Field(description="What was measured; null where the check measures nothing.")
    value: float | None = Field(description="Null where there is none.")
    ci: list[float] | None = Field(description="Its confidence interval; null without one.")
    comparator: str | None = Field(description="How value and threshold are compared; null without a threshold.")
    threshold: float | None = Field(description="What the plan asks for; null when it asks for nothing.")
    n: int | None = Field(description="Rows that it was measured on; null where it is not about rows.")
    reason_code: str | None = Field(description="Why it was not met or not measured; null when there is nothing to say.")


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

    number: int = Field(description="Counts from 1.")
    worker: str = Field(description="The worker that took it.")
    started_at: datetime = Field(description="When it was taken.")
    heartbeat_at: datetime = Field(description="When the worker last said that it is at it.")
    ended_at: datetime | None = Field(description="Null while it runs.")
    outcome: Literal["passed", "failed", "errored", "cancelled", "interrupted", "lost"] | None = Field(
        description="`lost`: the worker said nothing any more; null while it runs."
    )
    reason_code: str | None = Field(description="Why there is no result; null with one.")
    facts: dict[str, Any] = Field(description="What is known about a failure, by name.")


class RunDetail(RunAnswer):
    """A run, its attempts, and its place in the queue."""

    attempts: list[AttemptAnswer] = Field(description="The first one first.")
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
    status: RunStatus = Field(description="Of the run.")
    reason_code: str | None = Field(description="Why there is no result; null with one.")
    detail: str | None = Field(description="The same in words.")
    resolve: str | None = Field(description="What would help.")
    result_sha256: Sha256 | None = Field(description="Digest of `result`, which a sign-off binds.")
    result: dict[str, Any] | None = Field(
        description="What was found, the same for each repetition; null when the model could not be evaluated."
    )
    observations: dict[str, Any] = Field(description="What differs from one repetition to the next: durations, memory, host.")
