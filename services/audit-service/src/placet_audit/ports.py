"""Ports: the audit log, the sources' heads, and the texts to which entries commit."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import asyncpg

from placet_shared.bus.cursors import Cursor
from placet_shared.event_store import Position, RecordedEvent
from placet_shared.telemetry.meters import Meters

__all__ = ["AuditLog", "Heard", "KeptTexts", "Said", "SourcesAsked"]


class AuditLog(Protocol):
    """The one log, written and read in the caller's transaction."""

    async def append(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        """More entries, in this order; their content is not interpreted."""

    async def last_of(self, connection: asyncpg.Connection, source: str) -> Cursor | None:
        """The source's event that was logged last."""

    async def highest_of(self, connection: asyncpg.Connection, source: str) -> int:
        """The highest position that the source ever had; 0 when nothing of it was logged."""

    async def all_at(self, connection: asyncpg.Connection, source: str, position: int) -> Sequence[Cursor]:
        """The source's events at a position, the one that was logged last first; several after a restore."""

    async def record_fork(self, connection: asyncpg.Connection, source: str, lost: Cursor, kept: Cursor) -> None:
        """The source lost its events after `kept`; `lost` was the end of that branch."""


@dataclass(frozen=True, slots=True)
class Said:
    """The head that a source reported, and how many seconds ago."""

    head: Position
    seconds_ago: float


@dataclass(frozen=True, slots=True)
class Heard:
    """Whether a source answers now, and the heads that it reported, latest first; only some earlier ones are kept."""

    reachable: bool
    said: Sequence[Said]


class SourcesAsked(Protocol):
    """Asks the sources for their heads."""

    async def ask(self) -> Mapping[str, Heard]:
        """The head of each source now."""


class KeptTexts(Protocol):
    """Copies of the texts to which the log's entries commit."""

    @property
    def settled(self) -> Collection[str]:
        """Sources whose texts may be shown: their erasures, up to some moment after this process's start, have had their effect here."""

    def measure(self, meters: Meters) -> None:
        """Export what is missing and what was dropped."""
