"""What waits for a person, as approval-service knows it."""

from placet_client.answers.inbox import Inbox
from placet_client.calls import Call

__all__ = ["inbox"]


def inbox(limit: int = 20) -> Call[Inbox]:
    """The token's holder's own; at most so many to sign, the most urgent first."""
    return Call("approval", "GET", "/v1/inbox", Inbox, {"limit": limit})
