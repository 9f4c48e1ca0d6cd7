"""Events about sign-offs: the `data` that approval-service publishes, by event type.

The subject of each is the model that it is about. A rationale or comment is a commitment; its text is kept beside the events.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from placet_shared.contracts import EventData, TextCommitment
from placet_shared.contracts.approval_policies import BoundPolicy, FeedbackTerm, Involvement, Role, Sha256, SignatureTerm

__all__ = [
    "DECISION_EVENTS",
    "ApprovalGranted",
    "ApprovalRevoked",
    "ArtifactHeld",
    "ArtifactHoldLifted",
    "ArtifactRejected",
    "CommentAdded",
    "LineageContestDecided",
    "LineageContested",
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
    policy: BoundPolicy


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
    """The requester, or an admin, no longer wants it; or it was part of a release that this person's act, or the service, has ended."""

    withdrawn_by: str
    rationale: TextCommitment | None


class SignOffRevoked(SignOffEvent):
    """An approved sign-off is no longer valid."""

    person_id: str
    rationale: TextCommitment | None


class SignOffInvalidated(SignOffEvent):
    """Something that the sign-off is bound to has changed, or stands against it.

    excluded: people who signed had a part in the bytes; same_bytes: another sign-off of the same bytes was rejected or revoked; signers: a
    signer left office; release: another sign-off of the release that it was approved with has ended.
    """

    SCHEMA_VERSION: ClassVar[int] = 3

    field: Literal["artifact_sha256", "evidence", "policy", "excluded", "same_bytes", "signers", "release"]
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


class ArtifactHeld(EventData):
    """From here on no version with these bytes gets a yes in the environment: an approval of them is suspended."""

    artifact_sha256: Sha256
    environment: str
    sign_off_id: str
    model_id: str
    version_id: str
    person_id: str


class ArtifactHoldLifted(EventData):
    """The hold of this sign-off on the bytes is over. `rationale` is null where the sign-off's own event has it.

    `token_issuers` are people who could have done it, since they issued the token that was used.
    """

    artifact_sha256: Sha256
    environment: str
    sign_off_id: str
    model_id: str
    version_id: str
    person_id: str
    token_issuers: list[str]
    rationale: TextCommitment | None


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


DECISION_EVENTS: dict[str, type[EventData]] = {
    model.__name__: model
    for model in (
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
        ArtifactHeld,
        ArtifactHoldLifted,
        SignOffReassigned,
        CommentAdded,
    )
}
