"""Events that approval-service lost in a restore."""

from datetime import datetime
from typing import Any

from placet_client.answers.answer import Answer, Part

__all__ = ["LostAct", "LostBranch", "LostHistory", "ReviewedHistory"]


class LostBranch(Part, frozen=True, kw_only=True):
    """The event at which a lost branch of the history ended."""

    event_id: str
    epoch: int
    position: int
    told_by: str
    found_at: datetime
    listed: bool


class LostAct(Part, frozen=True, kw_only=True):
    """One event that was lost; `how` is applied or offered."""

    event_id: str
    position: int
    type: str
    subject: str
    actor: str
    recorded_at: datetime
    data: dict[str, Any] = {}
    how: str


class LostHistory(Answer, frozen=True, kw_only=True):
    """Events that approval-service lost in a restore and no admin has reviewed."""

    complete: bool
    branches: tuple[LostBranch, ...] = ()
    events: tuple[LostAct, ...] = ()


class ReviewedHistory(Answer, frozen=True, kw_only=True):
    """The result of applying lost events."""

    branches: tuple[str, ...] = ()
    lost: int
    applied: int
    offered: int
    complete: bool
