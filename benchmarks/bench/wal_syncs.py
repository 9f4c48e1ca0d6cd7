"""How often the server made its log durable for a contestant: `pg_stat_io`, PostgreSQL 18."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import asyncpg

from bench.database import Database, Server
from bench.measuring import Contestant

__all__ = ["syncs_of"]

SYNCS = "select coalesce(sum(fsyncs), 0) from pg_stat_io where object = 'wal'"


async def syncs_of(
    server: Server, opening: Callable[[Database], AbstractAsyncContextManager[Contestant]], name: str, seconds: float
) -> float:
    """For each thousand pieces of work, on a database of its own and alone: a session reliably reports its statistics when it ends."""
    database = await server.database(name)
    async with opening(database) as contestant:
        before = await _syncs(database)
        figure = await contestant.measure(seconds)
    return round(1000 * (await _syncs(database) - before) / max(figure.done, 1), 1)


async def _syncs(database: Database) -> int:
    connection = await asyncpg.connect(database.superuser_url)
    try:
        return int(await connection.fetchval(SYNCS))
    finally:
        await connection.close()
