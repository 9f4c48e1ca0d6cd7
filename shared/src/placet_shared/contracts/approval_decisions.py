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
    "Role",
    "Sha256",
    "SignOffApproved",
    "SignOffEvent",
    "SignOffInvalidated",
    "SignOffOpened",
    "SignOffReassigned",
    "SignOffRejected",
    "SignOffRequested",
    "SignOffReset",
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


class FeedbackTerm(EventData):
    """Before people sign, so many people of the group answer, each in one of the roles."""

    group: str
    any_of: list[Role]
    count: Annotated[int, Field(ge=1)]


class WaiverTerms(EventData):
    """People with one of these roles may waive an issue, for at most so long."""

    any_of: list[Role]
    for_at_most_seconds: Annotated[int, Field(ge=1)]


class WorkingDays(EventData):
    """The calendar of deadlines: days of the week without holidays (ISO 8601 dates), in a time zone (IANA name)."""

    working_days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]]
    holidays: list[str]
    time_zone: str


class DeadlineTerms(EventData):
    """How long after its request an open sign-off is brought to mind, goes to a role, and ends; in time of working days."""

    remind_after_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none, description="left out: never")] = None
    escalate_after_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none, description="left out: never")] = None
    expire_after_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none, description="left out: never")] = None
    escalate_to: Annotated[Role | None, Field(exclude_if=_is_none)] = None
    calendar: Annotated[WorkingDays | None, Field(exclude_if=_is_none, description="left out: every day, UTC")] = None


class BreakGlassTerms(EventData):
    """People with one of the roles may let a version in without a yes, at most so long."""

    roles: list[Role]
    for_at_most_seconds: Annotated[int, Field(ge=1)]
    overrides_rejection: Annotated[Literal[True] | None, Field(exclude_if=_is_none, description="left out: false")] = None


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
    feedback: Annotated[list[FeedbackTerm] | None, Field(exclude_if=_is_none, description="left out: none is asked for")] = None
    in_sequence: Annotated[Literal[True] | None, Field(exclude_if=_is_none, description="left out: signatures in any order")] = None
    waivers: Annotated[WaiverTerms | None, Field(exclude_if=_is_none, description="left out: no issue can be waived")] = None
    deadlines: Annotated[DeadlineTerms | None, Field(exclude_if=_is_none, description="left out: none")] = None
    review_before_seconds: Annotated[int | None, Field(ge=1, exclude_if=_is_none, description="left out: no review is asked for")] = None
    findings: Annotated[Literal["held"] | None, Field(exclude_if=_is_none, description="left out: shown, and holding nothing")] = None
    owner: Annotated[Role | None, Field(exclude_if=_is_none, description="left out: no person reassigns sign-offs")] = None
    when_a_yes_ends: Annotated[
        Literal["drain", "shadow", "roll_back"] | None, Field(exclude_if=_is_none, description="left out: alert")
    ] = None
    break_glass: Annotated[BreakGlassTerms | None, Field(exclude_if=_is_none, description="left out: no person may")] = None
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


class SignOffEvent(EventData):
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


class Deadlines(EventData):
    """The moments that were fixed at the request; what is null never comes."""

    remind_at: str | None
    escalate_at: str | None
    ends_at: str | None
    escalate_to: Role | None


class CarriedIssue(EventData):
    """A major issue that was raised in another sign-off of the same bytes, and holds this one too until it is resolved or waived."""

    issue_id: str
    group: str
    raised_by: str
    sign_off_id: str


class Finding(EventData):
    """An advisory check that was not met; it holds the approval, as a major issue does, until it is waived."""

    issue_id: str
    run_id: str
    plan: str
    check_id: str


class _Bound(SignOffEvent):
    SCHEMA_VERSION: ClassVar[int] = 3

    artifact_sha256: Sha256
    evidence: Annotated[list[Evidence], Field(description="one for each plan in force")]
    policy: PolicyReference


class SignOffOpened(EventData):
    """This sign-off is the one that is open now for its version and environment."""

    sign_off_id: str
    version_id: str
    environment: str


class _Asked(_Bound):
    signatures: list[SignatureTerm]
    requester_id: str
    token_issuers: list[str]
    excluded: list[Exclusion]
    excluded_in_all: Annotated[int, Field(ge=0)]
    earlier_noes: list[EarlierNo]
    noes_answered: Annotated[int, Field(ge=0)] | None
    rationale: TextCommitment | None
    feedback: Annotated[list[FeedbackTerm], Field(description="who must answer before people sign")]
    in_sequence: Annotated[bool, Field(description="whether signatures are given in the order of their terms")]
    deadlines: Deadlines | None
    carried_issues: Annotated[list[CarriedIssue], Field(description="major issues on the same bytes that no group has resolved")]
    findings: Annotated[list[Finding], Field(description="advisory checks that were not met, where the policy lets them hold the approval")]


class SignOffRequested(_Asked):
    """People are asked to agree to exactly these bytes, this evidence and these terms.

    `token_issuers` are people who could have acted as the requester, since they issued the token that was used. `excluded` has the first
    hundred of `excluded_in_all` people who can't sign, `earlier_noes` the newest twenty noes on the same bytes. `noes_answered` is the
    version of the artifact's stream up to which noes are answered by this request; null in requests from before there was one.
    """


class SignOffReset(_Asked):
    """A new round of the same sign-off: people are asked anew, for how things are now. What was said stays, and issues stay open."""

    SCHEMA_VERSION: ClassVar[int] = 1

    round: Annotated[int, Field(ge=2)]
    noes_answered: Annotated[int, Field(ge=0)]


class ApprovalGranted(SignOffEvent):
    """One person signed; `token_issuers` are people who could have, since they issued the token that was used, or gave the right to sign.

    `on_behalf_of` is the person in whose place it was, by the delegation of this id; both null for a signature in one's own name.
    """

    SCHEMA_VERSION: ClassVar[int] = 2

    person_id: str
    role: Role
    token_issuers: list[str]
    on_behalf_of: str | None
    delegation_id: str | None
    rationale: TextCommitment | None


class ApprovalRevoked(SignOffEvent):
    """The signature of this person was taken back while the sign-off was pending, by the person or by the one in whose place it was."""

    person_id: str
    rationale: TextCommitment | None


class Signature(EventData):
    """The person who signed, in which role."""

    person_id: str
    role: Role


class SignOffApproved(_Bound):
    """All required signatures are there; `approvals` are those that counted.

    It is valid until `expires_at`: `longest_until`, or earlier while it rests on `conditions` that are not met yet or on waived issues.
    """

    approvals: list[Signature]
    earlier_noes: list[EarlierNo]
    expires_at: str
    longest_until: Annotated[str, Field(description="until when the policy lets it be valid")]
    review_at: Annotated[str | None, Field(description="when a review is asked for; null: never")]
    conditions: Annotated[list[str], Field(description="ids of those that are not met")]
    waived_issues: Annotated[list[str], Field(description="ids of issues that were waived")]


class SignOffRejected(SignOffEvent):
    """One person with a signing role said no: to the bytes, whichever version they are, or to this request alone."""

    SCHEMA_VERSION: ClassVar[int] = 3

    person_id: str
    role: Role
    scope: Literal["bytes", "request"]
    on_behalf_of: Annotated[str | None, Field(description="the person in whose place it was said")]
    delegation_id: str | None
    rationale: TextCommitment | None


class SignOffWithdrawn(SignOffEvent):
    """The requester, or an admin, no longer wants it."""

    withdrawn_by: str
    rationale: TextCommitment | None


class SignOffRevoked(SignOffEvent):
    """An approved sign-off is no longer valid."""

    person_id: str
    rationale: TextCommitment | None


class SignOffInvalidated(SignOffEvent):
    """Something that the sign-off is bound to has changed, or stands against it.

    excluded: people who signed had a part in the bytes; same_bytes: another sign-off of the same bytes was rejected or revoked; signers: a
    signer left office.
    """

    SCHEMA_VERSION: ClassVar[int] = 2

    field: Literal["artifact_sha256", "evidence", "policy", "excluded", "same_bytes", "signers"]
    old: Any
    new: Any


class LineageContested(SignOffEvent):
    """After the approval it was claimed that signers had a part in the bytes; until an admin has decided the gate says no."""

    claims: list[LineageClaim]


class LineageContestDecided(SignOffEvent):
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


class SignOffReassigned(SignOffEvent):
    """The policy's owner lets `person_id` sign this one in the place of `absent_id`, in this role.

    `token_issuers` are people who could have done it, since they issued the owner's token.
    """

    absent_id: str
    person_id: str
    role: Role
    reassigned_by: str
    token_issuers: list[str]
    reason: TextCommitment


class CommentAdded(SignOffEvent):
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
    """A durable answer of the gate, with the positions of the sources that it was made on; a yes may be used until `valid_until`.

    `break_glass` is the id of the one by which it is allowed in spite of the reasons; null where none was needed.
    """

    SCHEMA_VERSION: ClassVar[int] = 3

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
    break_glass: str | None
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
        SignOffReset,
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
        SignOffReassigned,
        CommentAdded,
        GateDecisionMade,
        GateQuestionsCounted,
    )
}
