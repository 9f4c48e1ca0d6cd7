"""Ingest: every event of a source becomes an entry of the log, in the source's order, with any content. Nothing is ever parked."""

from collections.abc import Sequence

import asyncpg

from placet_audit.ports import AuditLog
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.ports import Source
from placet_shared.errors import OutOfRange
from placet_shared.event_store import RecordedEvent

__all__ = ["Ingest"]


class Ingest:
    """A consumer's projection that only logs events."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    async def apply(self, connection: asyncpg.Connection, event: RecordedEvent) -> None:
        """One more entry."""
        await self._log.append(connection, [event])

    async def apply_page(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        """In one call: the log's lock is taken last and held until the commit, so that sources hardly wait for each other."""
        await self._log.append(connection, events)

    def subjects(self, event: RecordedEvent) -> Sequence[str]:
        """None: no event waits behind another."""
        return ()

    def never_parks(self, event: RecordedEvent) -> bool:
        """None: events are not interpreted, so none can fail."""
        return True

    async def reset(self, connection: asyncpg.Connection, source: Source) -> Cursor:
        """The source was restored: keep the events that it lost, record the fork, and continue after the last common event."""
        kept = await self._fork(connection, source)
        lost = await self._log.last_of(connection, source.name)
        if lost is not None:
            await self._log.record_fork(connection, source.name, lost, kept)
        return kept

    async def _fork(self, connection: asyncpg.Connection, source: Source) -> Cursor:
        """The last of our events, of any branch, that the source has too: found by binary search, by position and id.

        Each event names the one before it, here and there: a source that has one of our events has all that led to it. So what
        both have ends somewhere, and nothing behind that end is common.
        """
        common, least, most = Cursor(), 1, min((await source.head()).position, await self._log.highest_of(connection, source.name))
        while least <= most:
            middle = (least + most) // 2
            if found := await self._common_at(connection, source, middle):
                common, least = found, middle + 1
            else:
                most = middle - 1
        return common

    async def _common_at(self, connection: asyncpg.Connection, source: Source, position: int) -> Cursor | None:
        for cursor in await self._log.all_at(connection, source.name, position):
            if await _has(source, cursor):
                return cursor
        return None


async def _has(source: Source, cursor: Cursor) -> bool:
    try:
        await source.read(cursor, limit=1)
    except OutOfRange:
        return False
    return True
