"""Response models, for the OpenAPI document; a test checks real answers against them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from placet_shared.contracts.plan_document import PlanDocument
from placet_shared.contracts.verification import CheckSummary, PlanReference

__all__ = ["PlanAnswer", "PlanPublishedAnswer", "Plans", "ReportAnswer", "RunAnswer", "RunDetail", "RunRequestedAnswer"]

Id = Annotated[str, Field(description="UUIDv7.", examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])]
Sha256 = Annotated[str, Field(examples=["6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090"])]
RunStatus = Literal["queued", "running", "passed", "failed", "errored"]


class Shape(BaseModel):
    """Exactly these fields."""

    model_config = ConfigDict(extra="forbid")


class PlanPublishedAnswer(PlanReference):
    """The version in force; `changed` says whether it is new."""

    environment: str
    changed: bool


class PlanAnswer(Shape):
    """One version of a plan. `text` is the document as it was written, null when it was erased."""

    id: Id
    environment: str
    version: int
    name: str
    sha256: Sha256
    document: PlanDocument
    text: str | None
    published_by: str
    published_at: datetime


class Plans(Shape):
    """Several plans."""

    items: list[PlanAnswer]


class RunRequestedAnswer(Shape):
    """The new run and what it is bound to."""

    id: Id
    model_id: Id
    version_id: Id
    environment: str
    plan: PlanReference
    artifact_sha256: Sha256
    dataset_sha256: Sha256


class RunAnswer(RunRequestedAnswer):
    """A run as it is now. `detail` and `resolve` put `reason_code` into words."""

    status: RunStatus
    result_sha256: Sha256 | None
    reason_code: str | None
    detail: str | None
    resolve: str | None
    checks: list[CheckSummary] | None
    requested_by: str
    requested_at: datetime
    ended_at: datetime | None
    revision: int


class AttemptAnswer(Shape):
    """One attempt; more than one means that a worker or another service failed in between."""

    number: int
    worker: str
    started_at: datetime
    heartbeat_at: datetime
    ended_at: datetime | None
    outcome: Literal["passed", "failed", "errored", "interrupted", "lost"] | None
    reason_code: str | None
    facts: dict[str, Any]


class RunDetail(RunAnswer):
    """A run and its attempts."""

    attempts: list[AttemptAnswer]


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
