"""One rebuild: a new generation is filled beside the one that serves, catches up with it, and takes its place under the appliers' lock.

1. Nobody else rebuilds in this schema.
2. All that the serving tables were made from is replayed into new ones; who applies events does not notice.
3. What was applied meanwhile is replayed too, until little is missing.
4. In one short transaction: the lock that appliers take, the last few, the swap. It waits for no reader longer than 100 ms, since
   everybody else would wait behind it; when somebody still reads, it is given up, and 3 and 4 come again.
5. The old tables are dropped when nobody reads them any more; else the next rebuild drops them.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import asyncpg

from placet_shared.postgres.connections import connect
from placet_shared.rebuilding.generations import Generation

__all__ = ["Progress", "Rebuilding", "Replay", "rebuild"]

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Gets how far the new tables are, and how far those are that serve."""

ONE_AT_A_TIME = "select pg_try_advisory_lock(hashtextextended('placet rebuild ' || $1, 0))"
LOCK_TIMEOUT = "set local lock_timeout = '100ms'"
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


class Rebuilding(RuntimeError):
    """Somebody else rebuilds here at this moment."""


class Replay(Protocol):
    """How the tables of a projection are made from what they were made from.

    All statements run in a session in which the tables' names mean the new ones.
    """

    tables: Sequence[str]

    async def reached(self, connection: asyncpg.Connection) -> int:
        """How far the tables that serve are."""

    async def lock(self, connection: asyncpg.Connection) -> int:
        """Take the lock that whoever applies takes; gives how far the tables that serve are, and stay."""

    async def fill(self, connection: asyncpg.Connection, generation: Generation, until: int, progress: Callable[[int], None]) -> None:
        """From the beginning up to there, in as many transactions as it likes."""

    async def follow(self, connection: asyncpg.Connection, after: int, until: int) -> None:
        """What came after, in the transaction that runs."""


async def rebuild(url: str, schema: str, replay: Replay, progress: Progress) -> int:
    """Gives up to where the tables were rebuilt. `url` logs in as a member of the tables' owner. Raises `Rebuilding`."""
    settings = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0", "search_path": f'pg_temp, "{schema}"'}
    connection = await connect(url, schema, "placet rebuild", **settings)
    try:
        await connection.execute(f'set role "placet_{schema}_owner"')
        if not await connection.fetchval(ONE_AT_A_TIME, schema):  # 1
            raise Rebuilding(f"another rebuild is at work in {schema}")
        generation = await Generation.begin(connection, schema, replay.tables)
        reached = await replay.reached(connection)
        await replay.fill(connection, generation, reached, lambda done: progress(done, reached))  # 2
        await connection.execute("; ".join(f'analyze "{schema}"."{generation.table(table)}"' for table in replay.tables))
        reached = await _swap(connection, replay, generation, reached, progress)
        await _drop_others(connection, generation)  # 5
        return reached
    finally:
        await connection.close()


async def _swap(connection: asyncpg.Connection, replay: Replay, generation: Generation, reached: int, progress: Progress) -> int:
    attempt = 0
    while True:
        until = await replay.reached(connection)
        async with connection.transaction():
            await replay.follow(connection, reached, until)  # 3
        reached = until
        progress(reached, until)
        with suppress(asyncpg.LockNotAvailableError):
            reached, serves = await _take_over(connection, replay, generation, reached)
            if serves:
                return reached
        logger.info("somebody reads or writes what is to be replaced; trying again")
        await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
        attempt += 1


async def _take_over(connection: asyncpg.Connection, replay: Replay, generation: Generation, reached: int) -> tuple[int, bool]:
    """How far the new tables are, and whether they serve. What was followed stays, whether or not somebody reads the old ones."""
    async with connection.transaction():  # 4
        await connection.execute(LOCK_TIMEOUT)
        until = await replay.lock(connection)
        await replay.follow(connection, reached, until)
        try:
            async with connection.transaction():
                await generation.serve(connection)
        except asyncpg.LockNotAvailableError:
            return until, False
    return until, True


async def _drop_others(connection: asyncpg.Connection, generation: Generation) -> None:
    for pause in (*PAUSES, 0.0):
        with suppress(asyncpg.LockNotAvailableError):
            async with connection.transaction():
                await connection.execute(LOCK_TIMEOUT)
                await generation.drop_others(connection)
            return
        await asyncio.sleep(pause)
    logger.warning("somebody still reads the old tables; the next rebuild drops them")
