"""What verification-service publishes: the `data` of its events by type, and the plan document that some of them carry.

The subject of a plan's event is the plan, the subject of a run's or an attestation's event is the model. A run ends in one of four
events; only `VerificationPassed` and `VerificationFailed` have a result, and its digest is what a sign-off binds.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from placet_shared.contracts import EventData, TextCommitment
from placet_shared.contracts.plan_document import Comparator, Environment, Name, PlanDocument, Severity, Sha256

__all__ = [
    "VERIFICATION_EVENTS",
    "AttestationRecorded",
    "Champion",
    "CheckStatus",
    "CheckSummary",
    "PlanPublished",
    "PlanReference",
    "PlanRevised",
    "PlanWithdrawn",
    "ReasonCode",
    "RunCancelled",
    "RunData",
    "RunErrored",
    "RunRequested",
    "VerificationFailed",
    "VerificationPassed",
]

CheckStatus = Literal["PASS", "WARN", "FAIL", "ERROR", "NOT_APPLICABLE", "INSUFFICIENT_DATA"]
ReasonCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")]


class _PlanVersion(EventData):
    SCHEMA_VERSION: ClassVar[int] = 2

    plan_id: str
    name: Name
    version: Annotated[int, Field(ge=1)]
    sha256: Annotated[Sha256, Field(description="SHA-256 of `document` as canonical JSON (RFC 8785)")]
    document: PlanDocument
    text: Annotated[TextCommitment, Field(description="the YAML text as it was sent, comments included")]


class PlanPublished(_PlanVersion):
    """The first version of a plan. It is in force in its environments for the models that its `for` selects, beside every other plan."""


class PlanRevised(_PlanVersion):
    """The next version of a plan; runs that were requested before keep theirs."""


class PlanWithdrawn(EventData):
    """The plan is in force nowhere any more, until another version of it is published."""

    plan_id: str
    name: Name
    version: Annotated[int, Field(ge=1, description="the last one that was in force")]
    reason: TextCommitment


class PlanReference(EventData):
    """One immutable version of a plan."""

    id: str
    name: Name
    version: int
    sha256: Sha256


class RunData(EventData):
    """A data set of a run, and what the plan uses it for."""

    input: Literal["evaluation", "training", "reference"]
    sha256: Sha256


class Champion(EventData):
    """The version that was deployed in the environment when the run was requested; nulls when none was."""

    version_id: str | None
    artifact_sha256: Sha256 | None


class _Run(EventData):
    SCHEMA_VERSION: ClassVar[int] = 2

    run_id: str
    model_id: str
    version_id: str
    environment: Environment
    plan: PlanReference
    artifact_sha256: Sha256
    datasets: Annotated[list[RunData], Field(description="none for a plan that does not run the model")]
    champion: Annotated[Champion | None, Field(description="what the model is compared with; null for a plan that does not compare")]


class RunRequested(_Run):
    """This version is to be verified by this plan on these data; everything is fixed by digest."""


class CheckSummary(EventData):
    """One check in short: its worst record, and how many there are. All of them stand in the result."""

    check_id: Name
    check: Annotated[Name, Field(description="the kind of check")]
    status: CheckStatus
    severity: Severity
    metric: Name | None
    value: float | None
    ci: tuple[float, float] | None
    comparator: Comparator | None
    threshold: float | None
    n: int | None
    reason_code: ReasonCode | None
    records: Annotated[int, Field(ge=1)]


class _Verification(_Run):
    result_sha256: Annotated[Sha256, Field(description="the same inputs and the same engine give the same digest")]
    measured_sha256: Annotated[
        Sha256, Field(description="of every record's status and rounded value: another release of the engine gives the same digest")
    ]
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


class RunCancelled(_Run):
    """A person ended the run before it had a result. It says nothing about the model and is evidence of nothing."""

    SCHEMA_VERSION: ClassVar[int] = 1

    status: Literal["cancelled"]
    reason: TextCommitment


class AttestationRecorded(EventData):
    """An attestation was uploaded, a DSSE envelope: from here on runs consider it. That it came says nothing about who signed it; which
    keys are trusted a plan says.

    It counts for the bytes that it names, whatever versions have them; `model_id` is the model that had them first.
    """

    sha256: Annotated[Sha256, Field(description="of the envelope, as it was uploaded")]
    statement_sha256: Annotated[
        Sha256, Field(description="of what was signed, DSSE's encoding of payload type and payload: the same for all envelopes that say it")
    ]
    predicate_type: Annotated[str, Field(max_length=200)]
    artifacts: Annotated[list[Sha256], Field(min_length=1, description="SHA-256 digests of the statement's subjects")]
    model_id: str


VERIFICATION_EVENTS: dict[str, type[EventData]] = {
    model.__name__: model
    for model in (
        PlanPublished,
        PlanRevised,
        PlanWithdrawn,
        RunRequested,
        VerificationPassed,
        VerificationFailed,
        RunErrored,
        RunCancelled,
        AttestationRecorded,
    )
}
