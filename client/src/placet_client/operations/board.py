"""The board of approval-service."""

from placet_client.answers.answer import Page
from placet_client.answers.board import BoardRow
from placet_client.calls import Flow
from placet_client.operations.paths import pages

__all__ = ["board"]


def board(
    limit: int = 50, *, model: str | None = None, environment: str | None = None, waits_for: str | None = None, **search: str | None
) -> Flow[Page[BoardRow]]:
    """Models by name: `model` is a name, or its beginning and `*`; `waits_for` is what comes next, such as signatures.

    `search` may have step and owner, of a policy's step whose turn it is, and risk_tier.
    """
    return pages("approval", "/v1/board", Page[BoardRow], limit, model=model, environment=environment, waits_for=waits_for, **search)
