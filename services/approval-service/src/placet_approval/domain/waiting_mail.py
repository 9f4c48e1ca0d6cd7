"""What a mail says of the sign-offs that wait for a person: what, why them, by when, and the one command."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

__all__ = ["Told", "WaitingMail", "waiting_mail"]

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Told:
    """A sign-off that waits for the person."""

    sign_off_id: str
    model: str
    environment: str
    roles: Sequence[str]
    policy_version: int
    runs_now: bool
    approved_until: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """Plain text: nothing in it is interpreted by a reader."""

    subject: str
    body: str


def waiting_mail(told: Sequence[Told], link: str | None) -> WaitingMail:
    """The most urgent first, as the inbox has them; the subject has nothing that other people wrote."""
    number = len(told)
    subject = "Placet: a sign-off waits for you" if number == 1 else f"Placet: {number} sign-offs wait for you"
    lines = [line for one in told[:SHOWN] for line in _lines(one)]
    more = [f"and {number - SHOWN} more", ""] if number > SHOWN else []
    end = ["See them all: placet inbox", *([link] if link else [])]
    settings = "You can have these mails once a day, or none: placet notifications. What waits stays in your inbox."
    return WaitingMail(subject, "\n".join([*lines, *more, *end, "", settings, ""]))


def _lines(one: Told) -> Iterator[str]:
    yield f"{_printable(one.model)} → {_printable(one.environment)}"
    yield f"  you as {' or '.join(one.roles)}, by policy version {one.policy_version}"
    if one.runs_now:
        until = f"approved until {one.approved_until:%Y-%m-%d %H:%M} UTC" if one.approved_until else "without a yes"
        yield f"  it runs there, {until}"
    yield f"  placet signoff show {one.sign_off_id}"
    yield ""


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)[:200]
