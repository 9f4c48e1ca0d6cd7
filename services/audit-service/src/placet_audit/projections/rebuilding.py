"""Rebuilds the views from the log: in memory and by COPY, or else batch by batch as in daily work."""

import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import asyncpg
import msgspec

from placet_audit.domain import marks
from placet_audit.projections import SPANS
from placet_audit.projections.entry import Entry, read_entries, read_entries_of
from placet_audit.projections.marks import lock_mark, read_mark
from placet_audit.projections.names import MODELS
from placet_audit.projections.projector import BATCH, project_entries
from placet_audit.projections.rows import Rows
from placet_audit.projections.timeline import TIMELINE, Timeline, line_of
from placet_audit.projections.views import TableView, View
from placet_shared.bus.cursors import Cursor
from placet_shared.postgres.errors import is_passing
from placet_shared.rebuilding import Generation, Reached

__all__ = ["PAGE", "LogReplay", "all_but_the_timeline", "all_views"]

logger = logging.getLogger(__name__)

PAGE = 5_000
LOG = "log"

Page = Callable[[int], Awaitable[Sequence[Entry]]]
"""Gives the entries after an index."""


class LogReplay:
    """These views, and the timeline when it is among them; all views share one mark, so the views left out stay as they are."""

    def __init__(self, spans: Sequence[TableView[Any]], timeline: Timeline | None = None, *, in_memory: bool = True) -> None:
        self._spans = spans
        self._timeline = timeline
        self._views: Sequence[View] = [*spans, timeline] if timeline else spans
        self._in_memory = in_memory
        self.tables: Sequence[str] = [view.name for view in self._views]

    async def reached(self, connection: asyncpg.Connection) -> Reached:
        """The mark."""
        return _up_to(await read_mark(connection, marks.VIEWS))

    async def lock(self, connection: asyncpg.Connection) -> Reached:
        """The mark's row, as the projector locks it."""
        return _up_to(await lock_mark(connection, marks.VIEWS))

    async def fill(
        self, connection: asyncpg.Connection, generation: Generation, until: Reached, progress: Callable[[Reached], None]
    ) -> None:
        """In memory; if PostgreSQL refuses an entry's row, batch by batch, so that only that row is missing."""
        if self._in_memory:
            try:
                async with connection.transaction():
                    await self._copy_all(connection, generation, _index(until), progress)
                return
            except Exception as error:
                if is_passing(error):
                    raise
                logger.warning("the views can't be copied, so they are built batch by batch: %r", error)
        await generation.add_indexes(connection)
        async for entries in _all(lambda after: read_entries(connection, after, _index(until), BATCH)):
            async with connection.transaction():
                await project_entries(connection, entries, self._views)
            progress(_up_to(entries[-1].index))

    async def follow(self, connection: asyncpg.Connection, after: Reached, until: Reached) -> None:
        """Batch by batch."""
        async for entries in _all(lambda last: read_entries(connection, last, _index(until), BATCH), _index(after)):
            await project_entries(connection, entries, self._views)

    async def _copy_all(
        self, connection: asyncpg.Connection, generation: Generation, until: int, progress: Callable[[Reached], None]
    ) -> None:
        with _no_collection_of_cycles():
            made = {view: Rows(view.table) for view in self._spans}
            types = sorted(set().union(*[view.types for view in self._spans]))
            async for entries in _all(lambda after: read_entries_of(connection, types, after, until, PAGE)):
                for view, rows in made.items():
                    view.fold(rows, entries)
                progress(_up_to(entries[-1].index))
            for view, rows in made.items():
                await _copy(connection, generation, view.name, rows.written())
            if self._timeline:
                await self._copy_lines(connection, generation, until, made[MODELS], progress)
        await generation.add_indexes(connection)

    async def _copy_lines(
        self,
        connection: asyncpg.Connection,
        generation: Generation,
        until: int,
        models: Container[str],
        progress: Callable[[Reached], None],
    ) -> None:
        async for entries in _all(lambda after: read_entries(connection, after, until, PAGE)):
            await _copy(connection, generation, TIMELINE.name, [line_of(entry, models) for entry in entries])
            progress(_up_to(entries[-1].index))


def all_views(*, in_memory: bool = True) -> LogReplay:
    """The timeline, and what it is shown with."""
    return LogReplay(SPANS, TIMELINE, in_memory=in_memory)


def all_but_the_timeline(*, in_memory: bool = True) -> LogReplay:
    """Names, deployments and sign-offs: fewer rows than entries."""
    return LogReplay(SPANS, in_memory=in_memory)


async def _copy(connection: asyncpg.Connection, generation: Generation, table: str, rows: Iterable[msgspec.Struct]) -> None:
    records = map(msgspec.structs.astuple, rows)
    await connection.copy_records_to_table(generation.table(table), schema_name=generation.schema, records=records)


async def _all(page: Page, after: int = -1) -> AsyncIterator[Sequence[Entry]]:
    while entries := await page(after):
        yield entries
        after = entries[-1].index


@contextmanager
def _no_collection_of_cycles() -> Iterator[None]:
    """A million rows make no reference cycles, and the collector's search for them takes long."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _up_to(index: int) -> Reached:
    return {LOG: Cursor(position=index)}


def _index(reached: Reached) -> int:
    return reached[LOG].position
