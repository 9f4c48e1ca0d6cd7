"""What a mail says of the sign-offs that wait for a person: what, why them, by when, and the one command."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from placet_approval.domain.told import Told, details, headline, how_many

__all__ = ["WaitingMail", "address_mail", "waiting_mail"]

SHOWN = 20


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """Plain text: nothing in it is interpreted by a reader."""

    subject: str
    body: str


def waiting_mail(told: Sequence[Told], link: str | None) -> WaitingMail:
    """The most urgent first, as the inbox has them; the subject has nothing that other people wrote."""
    number = len(told)
    lines = [line for one in told[:SHOWN] for line in _lines(one)]
    more = [f"and {number - SHOWN} more", ""] if number > SHOWN else []
    end = ["See them all: placet inbox", *([link] if link else [])]
    settings = "You can have these mails once a day, or none: placet notifications. What waits stays in your inbox."
    return WaitingMail(f"Placet: {how_many(told)} for you", "\n".join([*lines, *more, *end, "", settings, ""]))


def address_mail() -> WaitingMail:
    """To the address that a person had: another person may have asked for the change."""
    lines = ["The address to which Placet sends mails for you was changed, or taken away.", ""]
    lines += ["If you did not ask for that, tell an admin of Placet; what waits for you is in your inbox: placet inbox", ""]
    return WaitingMail("Placet: the address of your mails was changed", "\n".join(lines))


def _lines(one: Told) -> Iterator[str]:
    yield headline(one)
    yield from (f"  {line}" for line in details(one, by_name=True))
    yield f"  placet signoff show {one.sign_off_id}"
    yield ""
