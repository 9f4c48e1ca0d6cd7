"""Brings the views up to the log: entries in order, rows and mark in one transaction."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import groupby

import asyncpg

from placet_audit.projections import PROJECTIONS
from placet_audit.projections.entry import Entry
from placet_shared.event_store import Statement
from placet_shared.postgres.errors import is_passing
from placet_shared.telemetry.spans import TRACER, Attributes, sampled_parent_of

__all__ = ["ENTRIES", "POLL_SECONDS", "Project", "Projector", "project_entries"]

logger = logging.getLogger(__name__)

BATCH = 500
POLL_SECONDS = 1.0
LOCK_MARK = "select index from projection_marks where name = 'views' for update"
MOVE_MARK = "update projection_marks set index = $1 where name = 'views'"
ENTRIES = "select * from entries where index > $1 order by index limit $2"

Project = Callable[[Entry], Iterable[Statement]]


class Projector:
    """Of one process; with several processes the mark's row lock lets one work at a time."""

    def __init__(self, pool: asyncpg.Pool, projections: Sequence[Project] = PROJECTIONS) -> None:
        self._pool = pool
        self._projections = projections

    async def project_all(self) -> None:
        """Up to the end of the log."""
        while await self.project_some():
            pass

    async def project_some(self) -> int:
        """One batch; says how many entries it was."""
        began = time.time_ns()
        async with self._pool.acquire() as connection, connection.transaction():
            mark = await connection.fetchval(LOCK_MARK)
            entries = [Entry.of(row) for row in await connection.fetch(ENTRIES, mark, BATCH)]
            if not entries:
                return 0
            await project_entries(connection, entries, self._projections)
            await connection.execute(MOVE_MARK, entries[-1].index)
        _trace(entries, began)
        return len(entries)


async def project_entries(connection: asyncpg.Connection, entries: Sequence[Entry], projections: Sequence[Project]) -> None:
    """In the transaction that runs. A view that can't take an entry goes without it: the entry itself stands in the log."""

    def together() -> Iterable[Statement]:
        return [statement for entry in entries for project in projections for statement in project(entry)]

    if await _tried(connection, together):
        return
    for entry in entries:
        for project in projections:
            if not await _tried(connection, partial(project, entry)):
                logger.error("entry %s (%s) is not understood by %s", entry.index, entry.type, project.__name__)


def _trace(entries: Sequence[Entry], began: int) -> None:
    """A span for each entry of a sampled trace, over the transaction that all of them share; `began` in nanoseconds."""
    for entry in entries:
        if parent := sampled_parent_of(entry.traceparent):
            attributes: Attributes = {"placet.event.type": entry.type, "placet.batch.size": len(entries), "placet.audit.index": entry.index}
            TRACER.start_span("project views", parent, attributes=attributes, start_time=began).end()


async def _tried(connection: asyncpg.Connection, statements: Callable[[], Iterable[Statement]]) -> bool:
    """Execute all or nothing; False when it is the statements' fault that they can't be."""
    try:
        async with connection.transaction():
            for sql, group in groupby(statements(), key=lambda statement: statement.sql):
                await connection.executemany(sql, [statement.args for statement in group])
    except Exception as error:
        if is_passing(error):
            raise
        logger.debug("not to be projected: %r", error)
        return False
    return True
