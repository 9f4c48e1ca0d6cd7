"""Applies the log's entries to the views in order, rows and mark in one transaction."""

import logging
import time
from collections.abc import Callable, Sequence

import asyncpg

from placet_audit.domain import marks
from placet_audit.projections import VIEWS
from placet_audit.projections.entry import Entry, read_entries
from placet_audit.projections.marks import lock_mark, move_mark
from placet_audit.projections.views import View
from placet_shared.postgres.errors import is_passing
from placet_shared.telemetry.spans import TRACER, Attributes, sampled_parent_of

__all__ = ["BATCH", "POLL_SECONDS", "Projector", "project_entries"]

logger = logging.getLogger(__name__)

BATCH = 500
POLL_SECONDS = 1.0


class Projector:
    """The projector of one process; of several processes, the mark's row lock lets one work at a time."""

    def __init__(self, pool: asyncpg.Pool, views: Sequence[View] = VIEWS, moved: Callable[[], None] = lambda: None) -> None:
        """`moved` is called when the views may include more, whichever process has projected it."""
        self._pool = pool
        self._views = views
        self._moved = moved

    async def project_all(self) -> None:
        """Up to the end of the log."""
        while await self.project_some():
            pass

    async def project_some(self) -> int:
        """One batch; returns its number of entries."""
        number = await self._project_batch()
        self._moved()
        return number

    async def _project_batch(self) -> int:
        began = time.time_ns()
        async with self._pool.acquire() as connection, connection.transaction():
            mark = await lock_mark(connection, marks.VIEWS)
            entries = await read_entries(connection, mark, mark + BATCH, BATCH)
            if not entries:
                return 0
            await project_entries(connection, entries, self._views)
            await move_mark(connection, marks.VIEWS, entries[-1].index)
        _trace(entries, began)
        return len(entries)


async def project_entries(connection: asyncpg.Connection, entries: Sequence[Entry], views: Sequence[View]) -> None:
    """In the running transaction. A view skips an entry that it can't apply: the entry itself stands in the log."""
    if await _took(connection, views, entries):
        return
    for view in views:
        if not await _took(connection, [view], entries):
            for entry in entries:
                if not await _took(connection, [view], [entry]):
                    logger.error("entry %s (%s) can't be shown in %s", entry.index, entry.type, view.name)


def _trace(entries: Sequence[Entry], began: int) -> None:
    """A span for each entry of a sampled trace, over the transaction that all of them share; `began` in nanoseconds."""
    for entry in entries:
        if parent := sampled_parent_of(entry.traceparent):
            attributes: Attributes = {"placet.event.type": entry.type, "placet.batch.size": len(entries), "placet.audit.index": entry.index}
            TRACER.start_span("project views", parent, attributes=attributes, start_time=began).end()


async def _took(connection: asyncpg.Connection, views: Sequence[View], entries: Sequence[Entry]) -> bool:
    """All or nothing; False when the entries themselves can't be applied."""
    try:
        async with connection.transaction():
            for view in views:
                await view.project(connection, entries)
    except Exception as error:
        if is_passing(error):
            raise
        logger.debug("not to be shown: %r", error)
        return False
    return True
