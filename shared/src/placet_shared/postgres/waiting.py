"""Waiting for a database that is not there yet, or can only be read yet, before a process begins to work."""

import asyncio
import logging

from placet_shared.postgres.connections import close, connect
from placet_shared.postgres.errors import DATABASE_ERRORS, is_passing

__all__ = ["wait_for_database"]

logger = logging.getLogger(__name__)

RETRY_SECONDS = 0.5
IN_RECOVERY = "select pg_is_in_recovery()"


async def wait_for_database(url: str, schema: str, name: str, *, retry_seconds: float = RETRY_SECONDS) -> None:
    """Return once it answers and takes writes; one line in the log for what is waited for, and one when that is over."""
    told: str | None = None
    while (missing := await _missing(url, schema, name)) is not None:
        if told is None or told.partition(":")[0] != missing.partition(":")[0]:
            logger.warning("waiting for the database: %s", missing)
            told = missing
        await asyncio.sleep(retry_seconds)
    if told is not None:
        logger.info("the database is there")


async def _missing(url: str, schema: str, name: str) -> str | None:
    try:
        connection = await connect(url, schema, name)
        try:
            if await connection.fetchval(IN_RECOVERY):
                return "it is in recovery and can only be read until it is promoted"
        finally:
            await close(connection)
    except DATABASE_ERRORS as error:
        # Once it answers, the code that uses it reports errors better.
        return f"it does not answer: {error}" if is_passing(error) else None
    return None
