"""One process at a time: a session lock in the store's own database, on a connection that has nothing else to do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg

from placet_shared.postgres.connections import connect
from placet_shared.postgres.errors import DATABASE_ERRORS

__all__ = ["LeadershipLost", "leading", "while_leading"]

# Per schema: the key of an advisory lock is the database's, which services may share (rule 12).
TRY_LOCK = "select pg_try_advisory_lock(hashtextextended('placet ' || $1 || ' ' || current_schema(), 0))"
STILL_THERE = "select 1"
ASK_EVERY = 1.0
PATIENCE_SECONDS = 2.0


class LeadershipLost(Exception):
    """The connection that holds the lock is gone; another process may have it by now."""


@asynccontextmanager
async def leading(url: str, schema: str, source: str, lock: str) -> AsyncIterator[asyncpg.Connection]:
    """Wait for the lock of this name and hold it; gives the connection that does. Raises what `connect` raises."""
    connection = await connect(url, schema, f"placet {source} {lock}", idle_session_timeout="0")
    try:
        while True:
            if await connection.fetchval(TRY_LOCK, lock, timeout=PATIENCE_SECONDS):
                break
            await asyncio.sleep(ASK_EVERY)
        yield connection
    finally:
        connection.terminate()


async def while_leading(connection: asyncpg.Connection, work: Awaitable[None]) -> None:
    """Do the work, and stop it at once when the lock is lost; raises `LeadershipLost` and what the work raises."""
    tasks: list[asyncio.Future[Any]] = [asyncio.ensure_future(work), asyncio.create_task(_watch(connection))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _watch(connection: asyncpg.Connection) -> None:
    gone = asyncio.Event()
    connection.add_termination_listener(lambda _: gone.set())
    try:
        while not gone.is_set() and not connection.is_closed():
            await connection.fetchval(STILL_THERE, timeout=PATIENCE_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(gone.wait(), ASK_EVERY)
    except DATABASE_ERRORS as error:
        raise LeadershipLost(repr(error)) from error
    raise LeadershipLost("the connection to the database ended")
