"""A transaction on a queue in PostgreSQL, and its failure in the words of the port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from placet_shared.errors import Unavailable
from placet_shared.postgres.errors import DATABASE_ERRORS

__all__ = ["queue_transaction"]


@asynccontextmanager
async def queue_transaction(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """Committed at the end of the block; raises `Unavailable` without a database."""
    try:
        async with pool.acquire() as connection, connection.transaction():
            yield connection
    except DATABASE_ERRORS as error:
        raise Unavailable(f"The queue can't be reached ({type(error).__name__}).", code="queue_unavailable") from error
