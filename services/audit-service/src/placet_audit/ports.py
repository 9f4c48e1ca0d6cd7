"""What the service needs of the world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import asyncpg

from placet_shared.bus.cursors import Cursor
from placet_shared.event_store import Position, RecordedEvent

__all__ = ["AuditLog", "Heard", "Said", "SourcesAsked"]


class AuditLog(Protocol):
    """The one log, written and read in the caller's transaction."""

    async def append(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        """More entries, in this order; what they say is not looked at."""

    async def last_of(self, connection: asyncpg.Connection, source: str) -> Cursor | None:
        """The source's event that was logged last."""

    async def highest_of(self, connection: asyncpg.Connection, source: str) -> int:
        """The highest position that the source ever had; 0 when nothing of it was logged."""

    async def all_at(self, connection: asyncpg.Connection, source: str, position: int) -> Sequence[Cursor]:
        """The source's events at a position, the one that was logged last first; several after a restore."""

    async def record_fork(self, connection: asyncpg.Connection, source: str, lost: Cursor, kept: Cursor) -> None:
        """The source lost what it did after `kept`; `lost` was the end of that branch."""


@dataclass(frozen=True, slots=True)
class Said:
    """A source said how far it was, so many seconds ago."""

    head: Position
    seconds_ago: float


@dataclass(frozen=True, slots=True)
class Heard:
    """Whether a source answers just now, and what it said of its head, the latest first; some earlier ones may be kept."""

    reachable: bool
    said: Sequence[Said]


class SourcesAsked(Protocol):
    """Asks the sources how far they are."""

    async def ask(self) -> Mapping[str, Heard]:
        """What each of them says now."""
