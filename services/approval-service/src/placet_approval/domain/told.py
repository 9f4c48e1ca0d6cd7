"""What people are told of a sign-off that waits: what, why them, by when, and whether it is the first time. Mails and posts say it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

__all__ = ["Told", "What", "details", "headline", "how_many", "printable"]

What = Literal["sign", "answer", "look"]

TEXT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Told:
    """A sign-off that waits for a person or a group; `for_whom` are people in whose place they may sign.

    `times` counts what has told of it anew since it was requested: new rounds, reminders, escalations.
    """

    sign_off_id: str
    model: str
    environment: str
    what: What
    roles: Sequence[str]
    policy_version: int
    runs_now: bool
    approved_until: datetime | None
    ends_at: datetime | None = None
    for_whom: Sequence[str] = ()
    times: int = 0

    @property
    def occasion(self) -> str:
        """Each is told of once."""
        return f"{self.what} {self.times}"


def headline(one: Told) -> str:
    """What it is about, in one line."""
    return f"{printable(one.model)} → {printable(one.environment)}"


def details(one: Told, *, by_name: bool) -> Iterator[str]:
    """Why it is told and by when, a line each; without `by_name` no person is named."""
    yield _why(one, by_name)
    if one.runs_now:
        until = f"approved until {_time(one.approved_until)}" if one.approved_until else "without a yes"
        yield f"it runs there, {until}"
    if one.ends_at:
        yield f"to be decided until {_time(one.ends_at)}, or it expires"
    if one.times:
        yield "told again: it still waits"


def how_many(told: Sequence[Told]) -> str:
    """For a subject; nothing in it was written by people."""
    return "a sign-off waits" if len(told) == 1 else f"{len(told)} sign-offs wait"


def printable(text: str, most: int = TEXT_LENGTH) -> str:
    """One line, without what steers a terminal or turns text around."""
    return "".join(character if character.isprintable() else " " for character in text[:most])


def _why(one: Told, by_name: bool) -> str:
    roles = printable(" or ".join(one.roles))
    if one.what == "look":
        return f"escalated to {roles}: people have not decided in time"
    does = "asked for feedback" if one.what == "answer" else "asked to sign"
    others = printable(" or ".join(one.for_whom)) if by_name else "another person"
    places = [f"as {roles}"] if roles else []
    places += [f"in the place of {others}"] if one.for_whom else []
    return f"{does} {', or '.join(places)}, by policy version {one.policy_version}"


def _time(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC" if time else ""
