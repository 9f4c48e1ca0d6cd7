"""One consistent look at the views, and how complete it is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import Request

from placet_audit.api.parts import audit_of
from placet_audit.queries.completeness import Completeness, completeness

__all__ = ["snapshot"]

PATIENCE_SECONDS = 0.25


@asynccontextmanager
async def snapshot(request: Request) -> AsyncIterator[tuple[asyncpg.Connection, Completeness]]:
    """Rows and their completeness from the same snapshot, taken after the sources reported their heads.

    The views get a moment to catch up with the log; if they do not, the answer says how far they are.
    """
    parts = audit_of(request)
    heard = await parts.heads.ask()
    await parts.views.wait_for_log(PATIENCE_SECONDS)
    async with parts.pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        yield connection, await completeness(connection, heard)
