"""Events about feedback, issues, conditions, holds and deadlines of sign-offs: the `data` that approval-service publishes, by event type.

The subject of each is the model that it is about. A comment or rationale is a commitment; its text is kept beside the events.
"""

from typing import Annotated, Literal

from pydantic import Field

from placet_shared.contracts import EventData, TextCommitment
from placet_shared.contracts.approval_decisions import SignOffEvent
from placet_shared.contracts.approval_policies import Role, Sha256

__all__ = [
    "ROUND_EVENTS",
    "ChangesRequested",
    "ConditionMet",
    "ConditionSet",
    "FeedbackGiven",
    "IssueResolved",
    "IssueWaived",
    "ReviewDue",
    "SignOffEscalated",
    "SignOffExpired",
    "SignOffReminded",
    "SignOffResumed",
    "SignOffSuspended",
]


class FeedbackGiven(SignOffEvent):
    """A person answered for a group, before people sign; an answer takes the place of the same person's earlier one for the group.

    A minor or major issue has an id of its own; a major one holds the approval until it is resolved or waived.
    """

    round: Annotated[int, Field(ge=1)]
    person_id: str
    group: str
    role: Role
    verdict: Literal["approve", "minor_issue", "major_issue"]
    issue_id: str | None
    attachments: Annotated[list[Sha256], Field(description="digests of files")]
    token_issuers: list[str]
    comment: TextCommitment | None


class IssueResolved(SignOffEvent):
    """A person of the group that raised the issue says that it is dealt with."""

    issue_id: str
    person_id: str
    rationale: TextCommitment


class IssueWaived(SignOffEvent):
    """A person in a role that the policy names lets the sign-off go on with the issue, until then; the approval is valid no longer."""

    issue_id: str
    person_id: str
    role: Role
    until: str
    token_issuers: list[str]
    rationale: TextCommitment


class ChangesRequested(SignOffEvent):
    """A reviewer sent it back: nothing is signed until its requester begins a new round."""

    person_id: str
    role: Role
    rationale: TextCommitment


class ConditionSet(SignOffEvent):
    """A signer agrees provided that the owner does this before it is due; an approval whose condition was missed is valid no longer."""

    condition_id: str
    person_id: str
    owner_id: str
    due_at: str
    condition: TextCommitment


class ConditionMet(SignOffEvent):
    """A person who may sign, and is not the condition's owner, says that it was met; once approved, it is valid until `expires_at`."""

    condition_id: str
    person_id: str
    expires_at: str | None
    rationale: TextCommitment


class SignOffSuspended(SignOffEvent):
    """An approved sign-off is held: the gate says no until it goes on."""

    person_id: str
    rationale: TextCommitment


class SignOffResumed(SignOffEvent):
    """A suspended approval goes on, with the validity that it had."""

    person_id: str
    token_issuers: list[str]
    rationale: TextCommitment


class SignOffReminded(SignOffEvent):
    """It has waited for people with these roles for as long as the policy lets it before it reminds them."""

    roles: list[Role]


class SignOffEscalated(SignOffEvent):
    """It has waited for people with these roles for so long that people with the role `to` are told."""

    to: Role
    roles: list[Role]


class SignOffExpired(SignOffEvent):
    """People did not decide in time, which is never a yes."""

    ended_at: str


class ReviewDue(SignOffEvent):
    """The approval ends at `expires_at`; people with these roles are asked to look at the version again before that."""

    expires_at: str
    roles: list[Role]


ROUND_EVENTS: dict[str, type[EventData]] = {
    model.__name__: model
    for model in (
        FeedbackGiven,
        IssueResolved,
        IssueWaived,
        ChangesRequested,
        ConditionSet,
        ConditionMet,
        SignOffSuspended,
        SignOffResumed,
        SignOffReminded,
        SignOffEscalated,
        SignOffExpired,
        ReviewDue,
    )
}
