"""One rebuild: a new generation is filled beside the one that serves, catches up with it, and takes its place under the writers' lock.

1. No other rebuild runs in this schema.
2. All that the serving tables were made from is replayed into new ones; consumers go on.
3. What was applied meanwhile is replayed too, until little is missing.
4. In one short transaction: the tables' writers' lock, the last few events, the swap. It waits for no lock longer than 100 ms, since
   all other sessions would wait behind it; while a session still reads, it is given up, and 3 and 4 come again.
5. The old tables are dropped unless a session still reads them; then the next rebuild drops them.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol

import asyncpg

from placet_shared.bus.cursors import Cursor
from placet_shared.postgres.connections import connect
from placet_shared.postgres.errors import LOCK_NOT_AVAILABLE
from placet_shared.rebuilding.generations import Generation

__all__ = ["CannotRebuild", "Progress", "Reached", "Rebuilding", "Replay", "rebuild"]

logger = logging.getLogger(__name__)

Reached = Mapping[str, Cursor]
"""How far tables are in each of what they are made from, by its name."""

Progress = Callable[[Reached, Reached], None]
"""Called with how far the new tables are, and how far those are that serve."""

ONE_AT_A_TIME = "select pg_try_advisory_lock(hashtextextended('placet rebuild ' || $1, 0))"
MAY_MAKE_VIEWS = "select has_database_privilege(current_user, current_database(), 'TEMPORARY')"
OTHERS = """
    select distinct a.application_name || ' (pid ' || a.pid || ')' as who
    from pg_locks l join pg_stat_activity a using (pid)
    where l.relation = any ($1::regclass[]) and a.pid <> pg_backend_pid() order by 1
"""
LOCK_TIMEOUT = "set local lock_timeout = '100ms'"
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
LOCKED_SECONDS = 2.0


class CannotRebuild(RuntimeError):
    """The tables can't be made anew from what there is; those that serve go on serving."""


class Rebuilding(CannotRebuild):
    """Another rebuild is running in this schema."""


class Replay(Protocol):
    """How the tables of a projection are made from what they were made from.

    All statements run in a session in which the tables' names mean the new ones.
    """

    tables: Sequence[str]

    async def reached(self, connection: asyncpg.Connection) -> Reached:
        """How far the tables that serve are."""

    async def lock(self, connection: asyncpg.Connection) -> Reached:
        """Take the lock that writers of the tables take; gives how far the tables that serve are, and stay."""

    async def fill(
        self, connection: asyncpg.Connection, generation: Generation, until: Reached, progress: Callable[[Reached], None]
    ) -> None:
        """From the beginning up to there, in any number of transactions. A replay that needs the new tables' indexes adds them."""

    async def follow(self, connection: asyncpg.Connection, after: Reached, until: Reached) -> None:
        """What came after, in the transaction that runs, which may be undone."""


async def rebuild(url: str, schema: str, replay: Replay, progress: Progress, *, locked_seconds: float = LOCKED_SECONDS) -> Reached:
    """Gives up to where the tables were rebuilt. `url` logs in as a member of the tables' owner. Raises `CannotRebuild`.

    Writers of the tables wait for at most `locked_seconds` at a time.
    """
    settings = {
        "statement_timeout": "0",
        "idle_in_transaction_session_timeout": "0",
        "maintenance_work_mem": "256MB",
        "search_path": f'pg_temp, "{schema}"',
    }
    connection = await connect(url, schema, "placet rebuild", **settings)
    try:
        await connection.execute(f'set role "placet_{schema}_owner"')
        if not await connection.fetchval(ONE_AT_A_TIME, schema):  # 1
            raise Rebuilding(f"another rebuild is running in {schema}")
        if not await connection.fetchval(MAY_MAKE_VIEWS):
            raise CannotRebuild(f"placet_{schema}_owner may make no temporary views: grant it TEMPORARY on the database")
        generation = await Generation.begin(connection, schema, replay.tables)
        reached = await replay.reached(connection)
        await replay.fill(connection, generation, reached, lambda done: progress(done, reached))  # 2
        await generation.add_indexes(connection)
        await connection.execute("; ".join(f'analyze "{schema}"."{generation.table(table)}"' for table in replay.tables))
        reached = await _swap(connection, replay, generation, reached, progress, locked_seconds)
        await _drop_others(connection, generation)  # 5
        return reached
    finally:
        await connection.close()


async def _swap(
    connection: asyncpg.Connection, replay: Replay, generation: Generation, reached: Reached, progress: Progress, locked_seconds: float
) -> Reached:
    attempt = 0
    while True:
        until = await replay.reached(connection)
        async with connection.transaction():
            await replay.follow(connection, reached, until)  # 3
        reached = until
        progress(reached, until)
        with suppress(LOCK_NOT_AVAILABLE, TimeoutError):
            reached, serves = await _take_over(connection, replay, generation, reached, locked_seconds)
            if serves:
                return reached
        logger.info("trying again: what is to be replaced is read or written by %s", await _others_at(connection, generation))
        await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
        attempt += 1


async def _take_over(
    connection: asyncpg.Connection, replay: Replay, generation: Generation, reached: Reached, locked_seconds: float
) -> tuple[Reached, bool]:
    """How far the new tables are, and whether they serve. What was followed stays, whether or not a session reads the old ones.

    Raises `TimeoutError` when the last few take too long: writers must not wait for another service that hangs.
    """
    async with asyncio.timeout(locked_seconds), connection.transaction():  # 4
        await connection.execute(LOCK_TIMEOUT)
        until = await replay.lock(connection)
        await replay.follow(connection, reached, until)
        try:
            async with connection.transaction():
                await generation.serve(connection)
        except LOCK_NOT_AVAILABLE:
            return until, False
    return until, True


async def _others_at(connection: asyncpg.Connection, generation: Generation) -> str:
    """The sessions that an operator would end if they block for long."""
    views = [f'"{generation.schema}"."{table}"' for table in generation.tables]
    return ", ".join(row["who"] for row in await connection.fetch(OTHERS, views)) or "a session that has ended meanwhile"


async def _drop_others(connection: asyncpg.Connection, generation: Generation) -> None:
    for pause in (*PAUSES, 0.0):
        with suppress(LOCK_NOT_AVAILABLE):
            async with connection.transaction():
                await connection.execute(LOCK_TIMEOUT)
                await generation.drop_others(connection)
            return
        await asyncio.sleep(pause)
    logger.warning("a session still reads the old tables; the next rebuild drops them")
