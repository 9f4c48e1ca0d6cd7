"""Ingest: every event of a source becomes an entry of the log, in the source's order, whatever it says. Nothing is ever parked."""

from collections.abc import Sequence

import asyncpg

from placet_audit.ports import AuditLog
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.ports import Source
from placet_shared.errors import OutOfRange
from placet_shared.event_store import RecordedEvent

__all__ = ["Ingest"]


class Ingest:
    """A consumer's projection that only keeps."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    async def apply(self, connection: asyncpg.Connection, event: RecordedEvent) -> None:
        """One more entry."""
        await self._log.append(connection, [event])

    def subjects(self, event: RecordedEvent) -> Sequence[str]:
        """Nothing queues behind anything."""
        return ()

    def never_parks(self, event: RecordedEvent) -> bool:
        """What is not interpreted can't fail to be."""
        return True

    async def reset(self, connection: asyncpg.Connection, source: Source) -> Cursor:
        """The source was restored: keep what it lost, record the fork, and read on from the last event that both have."""
        kept = await self._fork(connection, source)
        lost = await self._log.last_of(connection, source.name)
        if lost is not None:
            await self._log.record_fork(connection, source.name, lost, kept)
        return kept

    async def _fork(self, connection: asyncpg.Connection, source: Source) -> Cursor:
        """The newest of our events that the source still has at its place, tried at its head and before each of its epochs."""
        places = {(await source.head()).position, *(first - 1 for _, first in await source.epochs())}
        for place in sorted(places, reverse=True):
            for cursor in await self._log.all_at(connection, source.name, place):
                if await _has(source, cursor):
                    return cursor
        return Cursor()


async def _has(source: Source, cursor: Cursor) -> bool:
    try:
        await source.read(cursor, limit=1)
    except OutOfRange:
        return False
    return True
