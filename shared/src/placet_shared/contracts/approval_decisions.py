"""Events about policies, sign-offs and gate decisions: the `data` that approval-service publishes, by event type.

The subject of each is the model that it is about, except that of `PolicyDefined` (the policy), of a gate decision about no known
version (the environment) and of `GateQuestionsCounted` (the caller). A rationale or comment is a commitment; its text is kept
beside the events.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from placet_shared.contracts import EventData, TextCommitment

__all__ = [
    "DECISION_EVENTS",
    "ApprovalGranted",
    "ApprovalRevoked",
    "ArtifactRejected",
    "CommentAdded",
    "GateDecisionMade",
    "GateQuestionsCounted",
    "LineageContestDecided",
    "LineageContested",
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


def _is_none(value: object) -> bool:
    return value is None


class SignatureTerm(EventData):
    """So many signatures by distinct people, each in one of the roles."""

    any_of: list[Role]
    count: Annotated[int, Field(ge=1)]


class VerificationTerms(EventData):
    """A passed verification, by the named plan if there is one, not older than that."""

    plan: str | None
    max_age_seconds: Annotated[int, Field(ge=1)]
    held_out: Annotated[Literal["required"] | None, Field(exclude_if=_is_none, description="left out: optional")] = None


class EvidenceTerms(EventData):
    """What must be there before people are asked."""

    verification: VerificationTerms | None


class SeparationOfDuties(EventData):
    """Which people can't sign."""

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
    lineage: Annotated[Literal["optional"] | None, Field(exclude_if=_is_none, description="left out: required")] = None
    signers_must_stay: Annotated[Literal[True] | None, Field(exclude_if=_is_none, description="left out: false")] = None
    decision_valid_for_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none, description="left out: 900 (15 minutes)")] = None
    previous_environment: Annotated[Literal["required"] | None, Field(exclude_if=_is_none, description="left out: optional")] = None
    soak_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none, description="left out: none")] = None


class PolicyReference(EventData):
    """One immutable version of a policy."""

    id: str
    version: Annotated[int, Field(ge=1)]
    sha256: Sha256


class PolicyDefined(EventData):
    """From here on this version counts for its environment. Fields of `content` that are newer than version 1 are left out where they have
    their default, so that a release changes no digest."""

    SCHEMA_VERSION: ClassVar[int] = 4

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
    """A person who can't sign, and every reason why."""

    person_id: str
    because: list[Involvement]


class Evidence(EventData):
    """A result that is bound: of which run, by which version of which plan (`sha256` is the plan version's). The plan is null in what
    was bound before plans stood here."""

    plan_id: str | None
    plan: str | None
    version: int | None
    sha256: Sha256 | None
    run_id: str
    result_sha256: Sha256


class EarlierNo(EventData):
    """A sign-off of the same bytes for the same environment that was rejected or revoked, when, by whom."""

    sign_off_id: str
    kind: Literal["rejected", "revoked"]
    model_id: str
    version_id: str
    person_id: str
    at: str


class LineageClaim(EventData):
    """`person_id` had a part in the bytes, says `claimed_by`."""

    person_id: str
    because: Involvement
    claimed_by: str


class _Bound(_SignOffEvent):
    SCHEMA_VERSION: ClassVar[int] = 2

    artifact_sha256: Sha256
    evidence: Annotated[list[Evidence], Field(description="one for each plan in force")]
    policy: PolicyReference


class SignOffOpened(EventData):
    """This sign-off is the one that is open now for its version and environment."""

    sign_off_id: str
    version_id: str
    environment: str


class SignOffRequested(_Bound):
    """People are asked to agree to exactly these bytes, this evidence and these terms.

    `token_issuers` are people who could have acted as the requester, since they issued the token that was used. `excluded` has the first
    hundred of `excluded_in_all` people who can't sign, `earlier_noes` the newest twenty noes on the same bytes. `noes_answered` is the
    version of the artifact's stream up to which noes are answered by this request; null in requests from before there was one.
    """

    signatures: list[SignatureTerm]
    requester_id: str
    token_issuers: list[str]
    excluded: list[Exclusion]
    excluded_in_all: Annotated[int, Field(ge=0)]
    earlier_noes: list[EarlierNo]
    noes_answered: Annotated[int, Field(ge=0)] | None
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
    """The person who signed, in which role."""

    person_id: str
    role: Role


class SignOffApproved(_Bound):
    """All required signatures are there; `approvals` are those that counted."""

    approvals: list[Signature]
    earlier_noes: list[EarlierNo]
    expires_at: str


class SignOffRejected(_SignOffEvent):
    """One person with a signing role said no: to the bytes, whichever version they are, or to this request alone."""

    SCHEMA_VERSION: ClassVar[int] = 2

    person_id: str
    role: Role
    scope: Literal["bytes", "request"]
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
    """Something that the sign-off is bound to has changed, or stands against it.

    excluded: people who signed had a part in the bytes; same_bytes: another sign-off of the same bytes was rejected or revoked; signers: a
    signer left office.
    """

    SCHEMA_VERSION: ClassVar[int] = 2

    field: Literal["artifact_sha256", "evidence", "policy", "excluded", "same_bytes", "signers"]
    old: Any
    new: Any


class LineageContested(_SignOffEvent):
    """After the approval it was claimed that signers had a part in the bytes; until an admin has decided the gate says no."""

    claims: list[LineageClaim]


class LineageContestDecided(_SignOffEvent):
    """An admin confirmed what was claimed, which ends the sign-off, or set it aside for this sign-off."""

    person_id: str
    verdict: Literal["confirmed", "set_aside"]
    claims: list[LineageClaim]
    rationale: TextCommitment


class ArtifactRejected(EventData):
    """From here on the bytes are rejected in the environment, for every version of them that no later sign-off of its own sets free."""

    artifact_sha256: Sha256
    environment: str
    sign_off_id: str
    kind: Literal["rejected", "revoked"]
    model_id: str
    version_id: str
    person_id: str


class CommentAdded(_SignOffEvent):
    """A person commented on the sign-off."""

    author_id: str
    comment: TextCommitment


class GateQuestion(EventData):
    """What was asked."""

    environment: str
    digest: str | None
    number: int | None
    version_id: str | None


class GateDecisionMade(EventData):
    """A durable answer of the gate, with the positions of the sources that it was made on; a yes may be used until `valid_until`."""

    SCHEMA_VERSION: ClassVar[int] = 2

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
    valid_until: str | None
    positions: dict[str, str]


class GateQuestions(EventData):
    """So many questions about an environment with the same answer; `environment` is null for unknown names."""

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
        LineageContested,
        LineageContestDecided,
        ArtifactRejected,
        CommentAdded,
        GateDecisionMade,
        GateQuestionsCounted,
    )
}
