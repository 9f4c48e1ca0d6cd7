"""Events about policies, sign-offs and gate decisions: the `data` that approval-service publishes, by event type.

The subject of each is the model that it is about, except that of `PolicyDefined` (the policy), of a gate decision about no known
version (the environment) and of `GateQuestionsCounted` (whoever asked). A rationale or comment is a commitment; its text is kept
beside the events.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from placet_shared.contracts import EventData, TextCommitment

__all__ = [
    "DECISION_EVENTS",
    "ApprovalGranted",
    "ApprovalRevoked",
    "CommentAdded",
    "GateDecisionMade",
    "GateQuestionsCounted",
    "PolicyDefined",
    "SignOffApproved",
    "SignOffInvalidated",
    "SignOffOpened",
    "SignOffRejected",
    "SignOffRequested",
    "SignOffRevoked",
    "SignOffWithdrawn",
]

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Role = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
Involvement = Literal["requester", "registrar", "trainer", "data_preparer"]
Mode = Literal["prevent", "warn", "allow"]


class SignatureTerm(EventData):
    """So many signatures by distinct people, each in one of the roles."""

    any_of: list[Role]
    count: Annotated[int, Field(ge=1)]


class VerificationTerms(EventData):
    """A passed verification, by the named plan if there is one, not older than that."""

    plan: str | None
    max_age_seconds: Annotated[int, Field(ge=1)]


class EvidenceTerms(EventData):
    """What must be there before people are asked."""

    verification: VerificationTerms | None


class SeparationOfDuties(EventData):
    """Who can't be one of those who agree."""

    exclude: list[Involvement]


class PolicyContent(EventData):
    """One environment's terms, normalised."""

    environment: str
    mode: Mode
    signatures: list[SignatureTerm]
    evidence: EvidenceTerms
    separation_of_duties: SeparationOfDuties
    expires_after_seconds: Annotated[int, Field(ge=1)]
    rationale: Literal["required", "optional"]


class PolicyReference(EventData):
    """One immutable version of a policy."""

    id: str
    version: Annotated[int, Field(ge=1)]
    sha256: Sha256


class PolicyDefined(EventData):
    """From here on this version counts for its environment."""

    policy_id: str
    environment: str
    version: Annotated[int, Field(ge=1)]
    sha256: Annotated[Sha256, Field(description="SHA-256 of `content` as sorted compact JSON")]
    mode: Mode
    content: PolicyContent


class _SignOffEvent(EventData):
    sign_off_id: str
    model_id: str
    version_id: str
    environment: str


class Exclusion(EventData):
    """Somebody who can't sign, and every reason why."""

    person_id: str
    because: list[Involvement]


class _Bound(_SignOffEvent):
    artifact_sha256: Sha256
    run_id: str | None
    result_sha256: Sha256 | None
    policy: PolicyReference


class SignOffOpened(EventData):
    """This sign-off is the one that is open now for its version and environment."""

    sign_off_id: str
    version_id: str
    environment: str


class SignOffRequested(_Bound):
    """People are asked to agree to exactly these bytes, this evidence and these terms.

    `token_issuers` are people who could have acted as the requester, since they issued the token that was used.
    """

    signatures: list[SignatureTerm]
    requester_id: str
    token_issuers: list[str]
    excluded: list[Exclusion]
    rationale: TextCommitment | None


class ApprovalGranted(_SignOffEvent):
    """One person signed; `token_issuers` are people who could have, since they issued the token that was used."""

    person_id: str
    role: Role
    token_issuers: list[str]
    rationale: TextCommitment | None


class ApprovalRevoked(_SignOffEvent):
    """One person took the signature back while the sign-off was pending."""

    person_id: str
    rationale: TextCommitment | None


class Signature(EventData):
    """Who signed, in which role."""

    person_id: str
    role: Role


class SignOffApproved(_Bound):
    """Everybody who is needed has signed."""

    approvals: list[Signature]
    expires_at: str


class SignOffRejected(_SignOffEvent):
    """One person with a signing role said no."""

    person_id: str
    role: Role
    rationale: TextCommitment | None


class SignOffWithdrawn(_SignOffEvent):
    """The requester, or an admin, no longer wants it."""

    withdrawn_by: str
    rationale: TextCommitment | None


class SignOffRevoked(_SignOffEvent):
    """An approved sign-off is no longer valid."""

    person_id: str
    rationale: TextCommitment | None


class SignOffInvalidated(_SignOffEvent):
    """Something that the sign-off is bound to has changed."""

    field: Literal["artifact_sha256", "result_sha256", "policy", "excluded"]
    old: Any
    new: Any


class CommentAdded(_SignOffEvent):
    """Somebody said something about it."""

    author_id: str
    comment: TextCommitment


class GateQuestion(EventData):
    """What was asked."""

    environment: str
    digest: str | None
    number: int | None
    version_id: str | None


class GateDecisionMade(EventData):
    """A durable answer of the gate, with the positions of the sources that it was made on."""

    decision_id: str
    environment: str
    question: GateQuestion
    verdict: Literal["allow", "warn", "deny"]
    allowed: bool
    decided: bool
    reasons: list[str]
    model_id: str | None
    version_id: str | None
    artifact_sha256: Sha256 | None
    sign_off_id: str | None
    policy: PolicyReference | None
    positions: dict[str, str]


class GateQuestions(EventData):
    """So many questions about an environment with the same answer; `environment` is null for names that are none."""

    environment: str | None
    verdict: Literal["allow", "warn", "deny"]
    count: Annotated[int, Field(ge=1)]


class GateQuestionsCounted(EventData):
    """How often the actor of this event asked the gate without a record, since the last such event."""

    until: str
    questions: list[GateQuestions]


DECISION_EVENTS: dict[str, type[EventData]] = {
    model.__name__: model
    for model in (
        PolicyDefined,
        SignOffOpened,
        SignOffRequested,
        ApprovalGranted,
        ApprovalRevoked,
        SignOffApproved,
        SignOffRejected,
        SignOffWithdrawn,
        SignOffRevoked,
        SignOffInvalidated,
        CommentAdded,
        GateDecisionMade,
        GateQuestionsCounted,
    )
}
