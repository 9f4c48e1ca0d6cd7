"""What verification-service publishes: the `data` of its events by type, and the plan document that one of them carries.

The subject of a plan's event is its environment, the subject of a run's event is the model. A run ends in one of three events;
only `VerificationPassed` and `VerificationFailed` have a result, and its digest is what a sign-off binds.
"""

from typing import Annotated, Literal

from pydantic import Field

from placet_shared.contracts import EventData, TextCommitment
from placet_shared.contracts.plan_document import Comparator, Environment, Name, PlanDocument, Severity, Sha256

__all__ = [
    "VERIFICATION_EVENTS",
    "CheckSummary",
    "PlanPublished",
    "PlanReference",
    "PlanRevised",
    "ReasonCode",
    "RunErrored",
    "RunRequested",
    "VerificationFailed",
    "VerificationPassed",
]

Status = Literal["PASS", "WARN", "FAIL", "ERROR", "NOT_APPLICABLE", "INSUFFICIENT_DATA"]
ReasonCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")]


class _PlanVersion(EventData):
    plan_id: str
    environment: Environment
    name: Name
    version: Annotated[int, Field(ge=1)]
    sha256: Annotated[Sha256, Field(description="SHA-256 of `document` as canonical JSON (RFC 8785)")]
    document: PlanDocument
    text: Annotated[TextCommitment, Field(description="the YAML text as it was sent, comments included")]


class PlanPublished(_PlanVersion):
    """The first plan of its environment."""


class PlanRevised(_PlanVersion):
    """The next version of an environment's plan; runs that were requested before keep theirs."""


class PlanReference(EventData):
    """One immutable version of a plan."""

    id: str
    name: Name
    version: int
    sha256: Sha256


class _Run(EventData):
    run_id: str
    model_id: str
    version_id: str
    environment: Environment
    plan: PlanReference
    artifact_sha256: Sha256
    dataset_sha256: Sha256


class RunRequested(_Run):
    """This version is to be verified by this plan on this data set; everything is fixed by digest."""


class CheckSummary(EventData):
    """One check in short; the whole record stands in the result."""

    check_id: Name
    status: Status
    severity: Severity
    metric: Name
    value: float | None
    ci: tuple[float, float] | None
    comparator: Comparator
    threshold: float
    n: int
    reason_code: ReasonCode | None


class _Verification(_Run):
    result_sha256: Annotated[Sha256, Field(description="the same inputs and the same engine give the same digest")]
    checks: list[CheckSummary]


class VerificationPassed(_Verification):
    """No blocking check failed."""

    status: Literal["passed"]


class VerificationFailed(_Verification):
    """At least one blocking check failed or could not be judged."""

    status: Literal["failed"]


class RunErrored(_Run):
    """The model could not be verified: the artifact, the data set or the machinery is the reason. There is no result."""

    status: Literal["errored"]
    reason_code: ReasonCode


VERIFICATION_EVENTS: dict[str, type[EventData]] = {
    model.__name__: model for model in (PlanPublished, PlanRevised, RunRequested, VerificationPassed, VerificationFailed, RunErrored)
}
