"""Sign-offs, as approval-service answers."""

from datetime import datetime
from typing import Any

from placet_client.answers.answer import Answer, Part
from placet_client.answers.people_and_texts import Holder, SaidText
from placet_client.answers.steps import Step

__all__ = [
    "Act",
    "AwaitedSignOff",
    "Binding",
    "BoundResult",
    "Claim",
    "Condition",
    "Evidence",
    "GivenFeedback",
    "GroupProgress",
    "Holder",
    "Invalidation",
    "Issue",
    "MissingSignatures",
    "Obstacle",
    "PossibleSigner",
    "RequestedSignOff",
    "SaidText",
    "SameBytes",
    "SignOff",
    "SignOffProgress",
    "SignOffSummary",
    "Signature",
    "StandingNo",
    "Term",
]


class Term(Part, frozen=True, kw_only=True):
    """How many signatures of these roles there are, and how many it needs."""

    any_of: tuple[str, ...] = ()
    have: int
    need: int


class MissingSignatures(Part, frozen=True, kw_only=True):
    """How many signatures of these roles are missing."""

    any_of: tuple[str, ...] = ()
    count: int


class BoundResult(Part, frozen=True, kw_only=True):
    """A result that the sign-off binds."""

    plan_id: str | None = None
    plan: str | None = None
    version: int | None = None
    sha256: str | None = None
    run_id: str
    result_sha256: str


class Binding(Part, frozen=True, kw_only=True):
    """What the sign-off binds: bytes, results, policy."""

    artifact_sha256: str
    evidence: tuple[BoundResult, ...] = ()
    policy: dict[str, Any] = {}


class Evidence(Part, frozen=True, kw_only=True):
    """The run that counts for a bound result. `held_out` is false when lineage names the data by now as training data."""

    run_id: str
    plan: str
    plan_version: int
    passed: bool
    result_sha256: str
    finished_at: datetime
    dataset_sha256: str | None = None
    held_out: bool | None = None


class Signature(Part, frozen=True, kw_only=True):
    """A signature, perhaps in another person's place; one that does not count is shown too."""

    by: Holder
    role: str
    counts: bool
    on_behalf_of: Holder | None = None
    delegation_id: str | None = None


class SameBytes(Part, frozen=True, kw_only=True):
    """Another version with the same bytes."""

    version_id: str
    model_id: str
    model: str | None = None
    number: int


class StandingNo(Part, frozen=True, kw_only=True):
    """A rejection or a revocation that stands against these bytes."""

    sign_off_id: str
    kind: str
    version_id: str
    model_id: str
    model: str | None = None
    number: int | None = None
    by: Holder
    at: datetime
    said: SaidText | None = None
    answered: bool


class Claim(Part, frozen=True, kw_only=True):
    """A claim about a signer that a person has to decide."""

    person_id: str
    because: str
    claimed_by: str


class Invalidation(Part, frozen=True, kw_only=True):
    """What changed, from what to what."""

    field: str
    old: Any = None
    new: Any = None


class Act(Part, frozen=True, kw_only=True):
    """An act or a comment."""

    act: str
    by: Holder
    on_behalf_of: Holder | None = None
    role: str | None = None
    token_issuers: tuple[Holder, ...] = ()
    at: datetime
    said: SaidText | None = None


class PossibleSigner(Part, frozen=True, kw_only=True):
    """A person who could sign now, perhaps in another person's place; of an absent one `back_at` says until when, if it was said."""

    person: Holder
    roles: tuple[str, ...] = ()
    on_behalf_of: Holder | None = None
    absent: bool = False
    back_at: datetime | None = None


class Obstacle(Part, frozen=True, kw_only=True):
    """Why it can't be completed as things are now, and what would help."""

    code: str
    detail: str
    resolve: str


class RequestedSignOff(Answer, frozen=True, kw_only=True):
    """A sign-off that was requested now."""

    id: str
    state: str
    model_id: str
    version_id: str
    environment: str
    missing: tuple[MissingSignatures, ...] = ()
    earlier_noes: tuple[dict[str, Any], ...] = ()
    obstacles: tuple[Obstacle, ...] = ()


class GroupProgress(Part, frozen=True, kw_only=True):
    """How many people of a group have answered in this round, and how many must."""

    group: str
    any_of: tuple[str, ...] = ()
    have: int
    need: int


class GivenFeedback(Part, frozen=True, kw_only=True):
    """A person's answer for a group; `verdict` is approve, minor_issue or major_issue."""

    by: Holder
    group: str
    role: str
    verdict: str
    attachments: tuple[str, ...] = ()
    counts: bool


class Issue(Part, frozen=True, kw_only=True):
    """What a group found; `state` is open, resolved or waived."""

    id: str
    group: str
    severity: str
    state: str
    raised_by: Holder | None = None
    waived_until: datetime | None = None
    holds: bool
    carried_from: str | None = None
    finding: str | None = None
    said: SaidText | None = None


class Condition(Part, frozen=True, kw_only=True):
    """What the owner must do before it is due."""

    id: str
    set_by: Holder
    owner: Holder
    due_at: datetime
    met: bool
    said: SaidText | None = None


class SignOffSummary(Answer, frozen=True, kw_only=True):
    """A sign-off in a listing; `state` is pending, approved, suspended, rejected, withdrawn, expired, invalidated or revoked.

    `phase`, of a pending one, is in_feedback, in_approval or changes_requested. People may decide until `ends_at`.
    """

    id: str
    state: str
    expired: bool
    model_id: str
    model: str | None = None
    version_id: str
    number: int | None = None
    environment: str
    requester: Holder
    have: int
    need: int
    progress: tuple[Term, ...] = ()
    requested_at: datetime
    changed_at: datetime
    expires_at: datetime | None = None
    phase: str | None = None
    round: int = 1
    ends_at: datetime | None = None
    release_id: str | None = None


class SignOff(SignOffSummary, frozen=True, kw_only=True):
    """A sign-off with its evidence, its signatures and all comments."""

    binds: Binding
    evidence: tuple[Evidence, ...] = ()
    signatures: tuple[Signature, ...] = ()
    excluded: dict[str, tuple[str, ...]] = {}
    same_bytes: tuple[SameBytes, ...] = ()
    same_bytes_in_all: int
    noes: tuple[StandingNo, ...] = ()
    contested: tuple[Claim, ...] = ()
    invalidated: Invalidation | None = None
    acts: tuple[Act, ...] = ()
    groups: tuple[GroupProgress, ...] = ()
    feedback: tuple[GivenFeedback, ...] = ()
    issues: tuple[Issue, ...] = ()
    conditions: tuple[Condition, ...] = ()
    in_sequence: bool = False
    steps: tuple[Step, ...] = ()
    can_sign: tuple[PossibleSigner, ...] = ()
    version_of_stream: int


class SignOffProgress(Answer, frozen=True, kw_only=True):
    """Its state after a command."""

    id: str
    state: str
    have: int
    need: int
    missing: tuple[MissingSignatures, ...] = ()
    expires_at: datetime | None = None


class AwaitedSignOff(Answer, frozen=True, kw_only=True):
    """Its state when it has ended, or after the time-out; `traceparent` is of the act that ended it."""

    id: str
    state: str
    expired: bool
    stream_version: int
    model_id: str
    version_id: str
    environment: str
    changed_at: datetime
    expires_at: datetime | None = None
    traceparent: str | None = None
    ended: bool
