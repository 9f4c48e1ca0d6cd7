"""An inbox, and how its person is told of it, as approval-service answers."""

from datetime import datetime
from typing import Any

from placet_client.answers.answer import Answer, Document, Part
from placet_client.answers.sign_offs import SignOffSummary

__all__ = ["ChangedNotifications", "EndedSignOff", "Inbox", "Notifications", "SignOffToSign"]


class SignOffToSign(Part, frozen=True, kw_only=True):
    """A sign-off that the person may sign now, in which roles, and how urgent it is."""

    sign_off: SignOffSummary
    roles: tuple[str, ...] = ()
    policy_version: int
    runs_now: bool
    approved_until: datetime | None = None


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
    requested: tuple[SignOffSummary, ...] = ()
    ended: tuple[EndedSignOff, ...] = ()

    def keep(self, raw: Document) -> None:
        """Gives each sign-off its own part of it."""
        super().keep(raw)
        told = [*(one.sign_off for one in self.to_sign), *self.requested, *(one.sign_off for one in self.ended)]
        parts = [one["sign_off"] for one in _listed(raw, "to_sign")] + _listed(raw, "requested")
        for summary, of_one in zip(told, parts + [one["sign_off"] for one in _listed(raw, "ended")], strict=True):
            summary.keep(of_one)


def _listed(raw: Document, name: str) -> list[Any]:
    found: list[Any] = raw.get(name, [])
    return found
