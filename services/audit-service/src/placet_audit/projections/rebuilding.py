"""The views built anew from the log: folded in memory and copied, or else entry by entry as they are built every day."""

import gc
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import asyncpg

from placet_audit.projections import PROJECTIONS
from placet_audit.projections.entry import Entry
from placet_audit.projections.folding import COMPLETE, FOLDED_TYPES, Fold, line_of
from placet_audit.projections.projector import Project, project_entries
from placet_audit.projections.timeline import project_timeline
from placet_shared.bus.cursors import Cursor
from placet_shared.postgres.errors import is_passing
from placet_shared.rebuilding import Generation, Reached

__all__ = ["PAGE", "LogReplay", "all_but_the_timeline", "all_views"]

logger = logging.getLogger(__name__)

TIMELINE = "timeline_rows"
SPANS = ("known_models", "known_versions", "deployment_spans", "sign_off_spans", "approval_spans")
PAGE = 5_000
BATCH = 500
LOG = "log"
SERVING = "select index from projection_marks where name = 'views'"
LOCK = f"{SERVING} for update"
BETWEEN = "select * from entries where index > $1 and index <= $2 order by index limit $3"
FOLDED = """
    select index, type, actor, recorded_at, data from entries
    where index > $1 and index <= $2 and type = any ($4::text[]) order by index limit $3
"""


class LogReplay:
    """Some of the views; one mark stands for all of them, so that whichever are left out stay as they are."""

    def __init__(self, tables: Sequence[str], projections: Sequence[Project], *, folding: bool = True) -> None:
        self.tables = tables
        self._projections = projections
        self._folding = folding

    async def reached(self, connection: asyncpg.Connection) -> Reached:
        """The mark."""
        return _up_to(await connection.fetchval(SERVING))

    async def lock(self, connection: asyncpg.Connection) -> Reached:
        """The mark's row, as the projector locks it."""
        return _up_to(await connection.fetchval(LOCK))

    async def fill(
        self, connection: asyncpg.Connection, generation: Generation, until: Reached, progress: Callable[[Reached], None]
    ) -> None:
        """Folded; if the log has an entry that makes no row that PostgreSQL takes, one by one, so that only that row is missing."""
        if self._folding:
            try:
                async with connection.transaction():
                    await self._fold(connection, generation, _index(until), progress)
                return
            except Exception as error:
                if is_passing(error):
                    raise
                logger.warning("the log can't be folded, so its entries are taken one by one: %r", error)
        await generation.add_indexes(connection)
        async for entries in _pages(connection, -1, _index(until), BATCH):
            async with connection.transaction():
                await project_entries(connection, entries, self._projections)
            progress(_up_to(entries[-1].index))

    async def follow(self, connection: asyncpg.Connection, after: Reached, until: Reached) -> None:
        """Entry by entry."""
        async for entries in _pages(connection, _index(after), _index(until), BATCH):
            await project_entries(connection, entries, self._projections)

    async def _fold(self, connection: asyncpg.Connection, generation: Generation, until: int, progress: Callable[[Reached], None]) -> None:
        with _no_collection_of_cycles():
            if TIMELINE in self.tables:
                async for rows in _rows(connection, BETWEEN, until):
                    await _copy(connection, generation, TIMELINE, [line_of(row) for row in rows])
                    progress(_up_to(rows[-1]["index"]))
            fold = Fold()
            async for rows in _rows(connection, FOLDED, until, FOLDED_TYPES):
                fold.add(rows)
                progress(_up_to(rows[-1]["index"]))
            for table, made in fold.rows().items():
                await _copy(connection, generation, table, made)
        await generation.add_indexes(connection)
        if TIMELINE in self.tables:
            await connection.execute(COMPLETE)


def all_views(*, folding: bool = True) -> LogReplay:
    """The timeline, and what it is shown with."""
    return LogReplay((*SPANS, TIMELINE), PROJECTIONS, folding=folding)


def all_but_the_timeline(*, folding: bool = True) -> LogReplay:
    """Names, deployments and sign-offs: fewer rows than entries."""
    return LogReplay(SPANS, [project for project in PROJECTIONS if project is not project_timeline], folding=folding)


async def _copy(connection: asyncpg.Connection, generation: Generation, table: str, rows: Iterable[Sequence[object]]) -> None:
    await connection.copy_records_to_table(generation.table(table), schema_name=generation.schema, records=rows)


async def _pages(connection: asyncpg.Connection, after: int, until: int, size: int) -> AsyncIterator[Sequence[Entry]]:
    while rows := await connection.fetch(BETWEEN, after, until, size):
        yield [Entry.of(row) for row in rows]
        after = rows[-1]["index"]


async def _rows(connection: asyncpg.Connection, sql: str, until: int, *args: object) -> AsyncIterator[Sequence[asyncpg.Record]]:
    after = -1
    while rows := await connection.fetch(sql, after, until, PAGE, *args):
        yield rows
        after = rows[-1]["index"]


@contextmanager
def _no_collection_of_cycles() -> Iterator[None]:
    """A million rows make none, and looking for them takes long."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _up_to(index: int) -> Reached:
    return {LOG: Cursor(position=index)}


def _index(reached: Reached) -> int:
    return reached[LOG].position
