"""Views of an inbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from placet_approval.queries.sign_off_views import Holder, SignOffSummary

__all__ = ["Ended", "ForOther", "Inbox", "ToAnswer", "ToComplete", "ToSign"]


@dataclass(frozen=True, slots=True)
class ForOther:
    """A person in whose place it may be signed, in which of their roles; no delegation when the sign-off was reassigned."""

    person: Holder
    roles: Sequence[str]
    delegation_id: str | None


@dataclass(frozen=True, slots=True)
class ToSign:
    """A sign-off that waits for the person, and why: in which roles, by which version of the environment's policy.

    `runs_now`: exactly these bytes are deployed there. `approved_until`: until when the version has a yes there already. `due_at`: by
    when it matters.
    """

    sign_off: SignOffSummary
    roles: Sequence[str]
    for_others: Sequence[ForOther]
    policy_version: int
    runs_now: bool
    approved_until: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class ToAnswer:
    """A sign-off of which groups wait for an answer that the person could give."""

    sign_off: SignOffSummary
    groups: Sequence[str]


@dataclass(frozen=True, slots=True)
class ToComplete:
    """A policy's step of a version that waits for the person, in the role that completes it."""

    model_id: str
    model: str | None
    version_id: str
    number: int
    environment: str
    step: str
    owner: str
    role: str
    since: datetime
    due_at: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """A sign-off that the person signed and that has ended; `ended_at` is when it expired, or when it was ended."""

    sign_off: SignOffSummary
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Inbox:
    """Of one person; `more_to_sign` when not all are listed that wait."""

    to_sign: Sequence[ToSign]
    more_to_sign: bool
    to_answer: Sequence[ToAnswer]
    to_complete: Sequence[ToComplete]
    requested: Sequence[SignOffSummary]
    ended: Sequence[Ended]
