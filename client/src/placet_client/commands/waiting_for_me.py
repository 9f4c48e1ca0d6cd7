"""What waits for the holder of a token: sign-offs that the holder may sign now, and those that the holder requested."""

from placet_client.answers.inbox import Inbox, SignOffToSign
from placet_client.answers.sign_offs import SignOffSummary
from placet_client.printing.page import Column, note, show_line, show_table
from placet_client.printing.words import plain, when

__all__ = ["TO_SIGN", "how_many", "show_waiting"]

TO_SIGN = 20
REQUESTED = 5

COLUMNS: tuple[Column[SignOffSummary], ...] = (
    ("model", lambda one: f"{plain(one.model or one.model_id)}/{one.number}"),
    ("environment", lambda one: plain(one.environment)),
    ("state", lambda one: "expired" if one.expired else plain(one.state)),
    ("signed", lambda one: f"{one.have} of {one.need}"),
    ("requested", lambda one: f"{when(one.requested_at)} by {plain(one.requester.name)}"),
    ("id", lambda one: plain(one.id)),
)


def show_waiting(inbox: Inbox) -> None:
    """Both, with the command that comes next."""
    if inbox.to_sign:
        show_line(f"You may sign {how_many(inbox)}", "bold")
        show_table(COLUMNS, [one.sign_off for one in inbox.to_sign], "")
        note(f"Look at one with all of its evidence: placet signoff show {_first(inbox.to_sign)}; why you: placet inbox")
    elif not inbox.to_answer and not inbox.to_complete:
        note("No sign-off waits for you.")
    if inbox.to_answer:
        note(
            f"{len(inbox.to_answer)} {'sign-off waits' if len(inbox.to_answer) == 1 else 'sign-offs wait'} for your feedback: placet inbox"
        )
    if inbox.to_complete:
        several = len(inbox.to_complete) > 1
        note(f"{len(inbox.to_complete)} {'steps of policies wait' if several else 'step of a policy waits'} for you: placet inbox")
    if inbox.requested:
        show_line("You requested", "bold")
        show_table(COLUMNS, inbox.requested[:REQUESTED], "")


def how_many(inbox: Inbox) -> str:
    """How many wait; the service counts no further than it lists."""
    return f"more than {len(inbox.to_sign)}" if inbox.more_to_sign else f"{len(inbox.to_sign)}"


def _first(to_sign: tuple[SignOffToSign, ...]) -> str:
    return to_sign[0].sign_off.id
