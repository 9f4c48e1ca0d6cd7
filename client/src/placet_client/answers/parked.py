"""Events that a service could not apply: the same at each of the four."""

from datetime import datetime
from typing import Any

from placet_client.answers.answer import Answer

__all__ = ["Parked", "ParkedSummary", "ResolvedEvent"]


class ParkedSummary(Answer, frozen=True, kw_only=True):
    """An event that could not be applied, or that waits behind one."""

    consumer: str
    position: int
    epoch: int
    event_id: str
    type: str
    source: str
    subject: str
    subjects: tuple[str, ...] = ()
    reason: str | None = None
    attempts: int
    parked_at: datetime
    blocks: bool
    behind: tuple[int, ...] = ()
    holds_up: int


class Parked(ParkedSummary, frozen=True, kw_only=True):
    """The same with the event itself."""

    event: dict[str, Any] = {}


class ResolvedEvent(Answer, frozen=True, kw_only=True):
    """The result of a retry or a skip."""

    consumer: str
    event_source: str
    event_epoch: int
    event_position: int
    event_id: str
    event_type: str
    attempts: int
    applied: int | None = None
    parked: bool | None = None
