"""An inbox, and how its person is told of it, as approval-service answers."""

from datetime import datetime
from typing import Any

from placet_client.answers.answer import Answer, Document, Part
from placet_client.answers.sign_offs import Holder, SignOffSummary

__all__ = [
    "ChangedNotifications",
    "EndedSignOff",
    "ForOther",
    "Inbox",
    "Notifications",
    "SignOffToAnswer",
    "SignOffToSign",
    "StepToComplete",
]


class ForOther(Part, frozen=True, kw_only=True):
    """A person in whose place the sign-off may be signed; no delegation when it was reassigned."""

    person: Holder
    roles: tuple[str, ...] = ()
    delegation_id: str | None = None


class SignOffToSign(Part, frozen=True, kw_only=True):
    """A sign-off that the person may sign now, in which roles, and how urgent it is."""

    sign_off: SignOffSummary
    roles: tuple[str, ...] = ()
    for_others: tuple[ForOther, ...] = ()
    policy_version: int
    runs_now: bool
    approved_until: datetime | None = None
    due_at: datetime | None = None


class SignOffToAnswer(Part, frozen=True, kw_only=True):
    """A sign-off that waits for feedback that the person could give, for these groups."""

    sign_off: SignOffSummary
    groups: tuple[str, ...] = ()


class StepToComplete(Part, frozen=True, kw_only=True):
    """A policy's step of a version that the person could complete, in this role."""

    model_id: str
    model: str | None = None
    version_id: str
    number: int
    environment: str
    step: str
    owner: str
    role: str
    since: datetime
    due_at: datetime | None = None
    overdue: bool = False


class EndedSignOff(Part, frozen=True, kw_only=True):
    """A sign-off that the person signed and that has ended."""

    sign_off: SignOffSummary
    ended_at: datetime


class ChangedNotifications(Answer, frozen=True, kw_only=True):
    """How a person is told of what waits; hours are those of the time zone."""

    mail: str
    daily_at: int
    time_zone: str
    quiet_from: int | None = None
    quiet_until: int | None = None


class Notifications(ChangedNotifications, frozen=True, kw_only=True):
    """The same, and where to; None when no address is known."""

    email: str | None = None
    version: int


class Inbox(Answer, frozen=True, kw_only=True):
    """What waits for the person, the most urgent first, what they requested, and what they signed that ended."""

    to_sign: tuple[SignOffToSign, ...] = ()
    more_to_sign: bool
    to_answer: tuple[SignOffToAnswer, ...] = ()
    to_complete: tuple[StepToComplete, ...] = ()
    requested: tuple[SignOffSummary, ...] = ()
    ended: tuple[EndedSignOff, ...] = ()

    def keep(self, raw: Document) -> None:
        """Gives each sign-off its own part of it."""
        super().keep(raw)
        waiting = [*(one.sign_off for one in self.to_sign), *(one.sign_off for one in self.to_answer)]
        told = [*waiting, *self.requested, *(one.sign_off for one in self.ended)]
        parts = [one["sign_off"] for name in ("to_sign", "to_answer") for one in _listed(raw, name)] + _listed(raw, "requested")
        for summary, of_one in zip(told, parts + [one["sign_off"] for one in _listed(raw, "ended")], strict=True):
            summary.keep(of_one)


def _listed(raw: Document, name: str) -> list[Any]:
    found: list[Any] = raw.get(name, [])
    return found
