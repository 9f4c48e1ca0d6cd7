"""A read model from the service's own events, whose rows are written in the append's transaction: replayed from the store itself."""

from collections.abc import Callable

import asyncpg

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.envelope import from_row
from placet_shared.event_store import EventRegistry, Part, projection_of
from placet_shared.event_store.inline_rows import in_few_calls
from placet_shared.rebuilding.generations import Generation
from placet_shared.rebuilding.rebuild import Reached

__all__ = ["OwnEvents"]

HEAD = "select epoch, position, id::text from events order by position desc limit 1"
LOCK = "select pg_advisory_xact_lock(append_lock())"
PAGE = "select * from events where position > $1 and position <= $2 order by position limit $3"
PAGE_SIZE = 1_000


class OwnEvents:
    """A part of the read model of the service that `event_registry` is about."""

    def __init__(self, event_registry: EventRegistry, part: Part) -> None:
        self.tables = part.tables
        self._event_registry = event_registry
        self._project = projection_of(part)

    async def reached(self, connection: asyncpg.Connection) -> Reached:
        """The head: an event and its rows commit together."""
        row = await connection.fetchrow(HEAD)
        return {self._event_registry.source: Cursor(*row) if row else Cursor()}

    async def lock(self, connection: asyncpg.Connection) -> Reached:
        """Take the append lock: no process appends until the transaction ends."""
        await connection.execute(LOCK)
        return await self.reached(connection)

    async def fill(
        self, connection: asyncpg.Connection, generation: Generation, until: Reached, progress: Callable[[Reached], None]
    ) -> None:
        """A page a transaction."""
        await generation.add_indexes(connection)
        at, end = Cursor(), self._of(until)
        while at.position < end.position:
            async with connection.transaction():
                at = await self._replay_page(connection, at, end)
            progress({self._event_registry.source: at})

    async def follow(self, connection: asyncpg.Connection, after: Reached, until: Reached) -> None:
        """Page by page."""
        at, end = self._of(after), self._of(until)
        while at.position < end.position:
            at = await self._replay_page(connection, at, end)

    def _of(self, reached: Reached) -> Cursor:
        return reached[self._event_registry.source]

    async def _replay_page(self, connection: asyncpg.Connection, after: Cursor, until: Cursor) -> Cursor:
        rows = await connection.fetch(PAGE, after.position, until.position, PAGE_SIZE)
        events = [from_row(self._event_registry.source, row) for row in rows]
        statements = [row for event in events for row in self._project(self._event_registry.newest(event))]
        for sql, values in in_few_calls([statements], commuting=()):  # a page has many events of one stream, whose order counts
            await connection.executemany(sql, values)
        return Cursor(events[-1].epoch, events[-1].position, events[-1].id)
