"""Connections that see one service's schema and never wait for ever."""

import asyncio
from typing import Any

import asyncpg

from placet_shared.postgres.errors import DATABASE_ERRORS

__all__ = ["close", "close_pool", "connect", "open_pool"]

CLOSE_SECONDS = 2.0
# After which a session of a pool is given up: longer than a statement may take, which the server ends by itself.
SESSION_SECONDS = 20.0

# A stopped process must not hold locks for long, and a vanished network must be noticed (rule 12).
SESSION = {
    "idle_in_transaction_session_timeout": "5s",
    "statement_timeout": "15s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "timezone": "UTC",
}


def session(schema: str, name: str, **settings: str) -> dict[str, Any]:
    """Arguments of a connection to `schema`; `name` shows in pg_stat_activity."""
    return {
        "server_settings": {**SESSION, "search_path": f'"{schema}", pg_temp', "application_name": name, **settings},
        "timeout": 5,
    }


async def connect(url: str, schema: str, name: str = "placet", **settings: str) -> asyncpg.Connection:
    """One connection; raises `ConnectionError` or `asyncpg.PostgresError` when there is none to be had."""
    return await _reach(url, **session(schema, name, **settings))


async def open_pool(
    url: str, schema: str, name: str = "placet", *, size: int = 8, patience: float = SESSION_SECONDS, **settings: str
) -> asyncpg.Pool:
    """A pool for reading and projecting; a connection of it may raise what `connect` raises, and `TimeoutError` after `patience` seconds.

    A user of a connection leaves its session as it was, but for an open transaction, which is rolled back. So a query costs
    one round trip: by default the driver asks the server to reset everything each time a connection comes back.
    """
    options = session(schema, name, **settings)
    return await asyncpg.create_pool(url, min_size=1, max_size=size, command_timeout=patience, connect=_reach, reset=_as_it_is, **options)


async def close(connection: asyncpg.Connection) -> None:
    """Close the connection, and drop it when the server does not answer."""
    try:
        await connection.close(timeout=CLOSE_SECONDS)
    except DATABASE_ERRORS:
        connection.terminate()


async def close_pool(pool: asyncpg.Pool) -> None:
    """The same for all of its connections, also those that are still in use after a while."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await pool.close()
    except DATABASE_ERRORS:
        pool.terminate()


async def _as_it_is(connection: asyncpg.Connection) -> None:
    """Nothing to reset: no session setting was changed."""


async def _reach(*args: Any, **options: Any) -> asyncpg.Connection:
    """Connect; a socket file that is gone is an absent server like any other."""
    try:
        return await asyncpg.connect(*args, **options)
    except OSError as error:
        raise ConnectionError(f"PostgreSQL is out of reach: {error}") from error
