"""What decisions need from the other services' side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from placet_shared.event_store import Position

__all__ = ["EverythingArrived", "LogAsked", "LostEvent"]


class EverythingArrived(Protocol):
    """The barrier before a yes."""

    async def wait(self) -> Mapping[str, Position]:
        """Returns when all that was committed anywhere before this call has had its effect here; raises `NotPassed`."""


@dataclass(frozen=True, slots=True)
class LostEvent:
    """An event of this service that it lost in a restore, as the audit log has it."""

    event_id: str
    epoch: int
    position: int
    type: str
    subject: str
    actor: str
    recorded_at: datetime
    data: Mapping[str, Any]


class LogAsked(Protocol):
    """The audit log, asked for what this service has lost."""

    async def lost_events(self) -> Sequence[LostEvent]:
        """All that the log has of branches that are lost; raises `Unavailable`."""
