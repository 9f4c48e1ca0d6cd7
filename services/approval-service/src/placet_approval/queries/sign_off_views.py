"""Views of sign-offs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from placet_approval.domain.feedback import FeedbackVerdict, IssueState, Severity
from placet_approval.domain.known_sign_off import SignOffState
from placet_approval.domain.policy_terms import Involvement
from placet_approval.domain.sign_off_binding import Bound
from placet_approval.domain.sign_off_phases import Phase
from placet_approval.queries.people_and_texts import Holder, SaidText
from placet_approval.queries.step_views import StepView

__all__ = [
    "Act",
    "ActKind",
    "Binds",
    "BoundResult",
    "Claim",
    "ConditionView",
    "Evidence",
    "GivenFeedback",
    "GroupProgress",
    "Holder",
    "Invalidation",
    "IssueView",
    "PossibleSigner",
    "SaidText",
    "SameBytes",
    "SignOffSummary",
    "SignOffView",
    "Signature",
    "StandingNo",
    "TermProgress",
]

ActKind = Literal[
    "requested", "approved", "approval_revoked", "rejected", "withdrawn", "revoked", "invalidated", "commented",
    "lineage_contested", "lineage_confirmed", "lineage_set_aside", "feedback_approve", "feedback_minor_issue", "feedback_major_issue",
    "issue_resolved", "issue_waived", "changes_requested", "reset", "condition_set", "condition_met", "suspended", "resumed", "expired",
    "reminded", "escalated", "review_due",
    "lineage_contested", "lineage_confirmed", "lineage_set_aside", "reassigned",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class TermProgress:
    """`have` of `need` people have signed in one of the roles."""

    any_of: Sequence[str]
    have: int
    need: int


@dataclass(frozen=True, slots=True)
class SignOffSummary:
    """A sign-off in short; `expired` as of the moment at which it was read."""

    id: str
    state: SignOffState
    expired: bool
    model_id: str
    model: str | None
    version_id: str
    number: int | None
    environment: str
    requester: Holder
    have: int
    need: int
    progress: Sequence[TermProgress]
    requested_at: datetime
    changed_at: datetime
    expires_at: datetime | None
    phase: Phase | None
    round: int
    ends_at: datetime | None
    release_id: str | None


@dataclass(frozen=True, slots=True)
class GroupProgress:
    """`have` of `need` people of the group have answered in this round."""

    group: str
    any_of: Sequence[str]
    have: int
    need: int


@dataclass(frozen=True, slots=True)
class GivenFeedback:
    """A person's newest answer for a group in this round; it counts while the person is active and holds the role."""

    by: Holder
    group: str
    role: str
    verdict: FeedbackVerdict
    attachments: Sequence[str]
    counts: bool


@dataclass(frozen=True, slots=True)
class IssueView:
    """What a group found; a major one holds the approval while it is open, or once its waiver has ended."""

    id: str
    group: str
    severity: Severity
    state: IssueState
    raised_by: Holder | None
    waived_until: datetime | None
    holds: bool
    carried_from: str | None
    finding: str | None
    said: SaidText | None


@dataclass(frozen=True, slots=True)
class ConditionView:
    """What the owner must do before it is due."""

    id: str
    set_by: Holder
    owner: Holder
    due_at: datetime
    met: bool
    said: SaidText | None


@dataclass(frozen=True, slots=True)
class BoundResult:
    """The result of one run, by one version of a plan; the plan is null in what was bound before plans stood here."""

    plan_id: str | None
    plan: str | None
    version: int | None
    sha256: str | None
    run_id: str
    result_sha256: str


@dataclass(frozen=True, slots=True)
class Binds:
    """What people agree to; when one of these changes, the sign-off is invalidated."""

    artifact_sha256: str
    evidence: Sequence[BoundResult]
    policy: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The newest verification run by the plan version and with the result that the sign-off is bound to.

    `dataset_sha256` is the data that it measured the model on; they are not `held_out` when lineage names them as training data by now.
    """

    run_id: str
    plan: str
    plan_version: int
    passed: bool
    result_sha256: str
    finished_at: datetime
    dataset_sha256: str | None
    held_out: bool | None


@dataclass(frozen=True, slots=True)
class SameBytes:
    """A version with exactly the same bytes, of this or another model: a person with a part in any of them can't sign."""

    version_id: str
    model_id: str
    model: str | None
    number: int


@dataclass(frozen=True, slots=True)
class StandingNo:
    """A sign-off of the same bytes for the same environment that was rejected or revoked; `answered` when it stood at the request."""

    sign_off_id: str
    kind: Literal["rejected", "revoked", "suspended"]
    version_id: str
    model_id: str
    model: str | None
    number: int | None
    by: Holder
    at: datetime
    said: SaidText | None
    answered: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """`person_id` had a part in the bytes, says `claimed_by`."""

    person_id: str
    because: Involvement
    claimed_by: str


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature; before the quorum is complete it counts only while its signer is active and holds the role."""

    by: Holder
    role: str
    counts: bool
    on_behalf_of: Holder | None = None
    delegation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """An act or a comment; `token_issuers` could have acted with the token that was used."""

    act: ActKind
    by: Holder
    on_behalf_of: Holder | None
    role: str | None
    token_issuers: Sequence[Holder]
    at: datetime
    said: SaidText | None


@dataclass(frozen=True, slots=True)
class PossibleSigner:
    """A person who could sign now, in their own name or in another person's place; `back_at` is null when nothing was said of it."""

    person: Holder
    roles: Sequence[str]
    on_behalf_of: Holder | None
    absent: bool
    back_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invalidation:
    """What changed, from what to what."""

    field: Bound
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class SignOffView(SignOffSummary):
    """A sign-off with all that signers need for their decision; versions and noes are the newest hundred."""

    binds: Binds
    evidence: Sequence[Evidence]
    signatures: Sequence[Signature]
    excluded: Mapping[str, Sequence[Involvement]]
    same_bytes: Sequence[SameBytes]
    same_bytes_in_all: int
    noes: Sequence[StandingNo]
    contested: Sequence[Claim]
    invalidated: Invalidation | None
    can_sign: Sequence[PossibleSigner]
    acts: Sequence[Act]
    groups: Sequence[GroupProgress]
    feedback: Sequence[GivenFeedback]
    issues: Sequence[IssueView]
    conditions: Sequence[ConditionView]
    in_sequence: bool
    steps: Sequence[StepView]
    version_of_stream: int
