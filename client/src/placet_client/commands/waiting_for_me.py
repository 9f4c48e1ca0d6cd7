"""What waits for the holder of a token: sign-offs that the holder may sign now, and those that the holder requested."""

from collections.abc import Sequence
from dataclasses import dataclass

from placet_client import Client
from placet_client.answers.people import Identity
from placet_client.answers.sign_offs import SignOffSummary
from placet_client.printing.page import Column, note, show_line, show_table
from placet_client.printing.words import plain, when

__all__ = ["Waiting", "find_waiting", "show_waiting"]

TO_SIGN = 20
LOOKED_THROUGH = 200
REQUESTED = 5

COLUMNS: tuple[Column[SignOffSummary], ...] = (
    ("model", lambda one: f"{plain(one.model or one.model_id)}/{one.number}"),
    ("environment", lambda one: plain(one.environment)),
    ("state", lambda one: "expired" if one.expired else plain(one.state)),
    ("signed", lambda one: f"{one.have} of {one.need}"),
    ("requested", lambda one: f"{when(one.requested_at)} by {plain(one.requester.name)}"),
    ("id", lambda one: plain(one.id)),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The newest first: what the holder may sign, and the holder's own last requests."""

    to_sign: Sequence[SignOffSummary]
    requested: Sequence[SignOffSummary]


def find_waiting(placet: Client, identity: Identity) -> Waiting:
    """The requests are found among the newest sign-offs of all."""
    newest = placet.approval.sign_offs(LOOKED_THROUGH).items
    own = [one for one in newest if one.requester.id == identity.id]
    return Waiting(placet.approval.sign_offs(TO_SIGN, open=True, mine=True).items, own[:REQUESTED])


def show_waiting(waiting: Waiting) -> None:
    """Both, with the command that comes next."""
    if waiting.to_sign:
        show_line("You may sign", "bold")
        show_table(COLUMNS, waiting.to_sign, "")
        note(f"Look at one with all of its evidence: placet signoff show {waiting.to_sign[0].id}")
    else:
        note("No sign-off waits for you.")
    if waiting.requested:
        show_line("You requested", "bold")
        show_table(COLUMNS, waiting.requested, "")
