"""Opens a service's store at its start, after a check of its schema and role."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from placet_shared.event_store.event_registry import EventRegistry
from placet_shared.event_store.store import EventStore
from placet_shared.postgres import Migrations, check_schema, refuse_owner

__all__ = ["open_store"]


@asynccontextmanager
async def open_store(url: str, schema: str, event_registry: EventRegistry, migrations: Migrations) -> AsyncIterator[EventStore]:
    """The started store; raises `RuntimeError` for a schema that this release does not know or a role that could rewrite history."""

    async def check(connection: asyncpg.Connection) -> None:
        await check_schema(connection, migrations)
        await refuse_owner(connection)

    store = EventStore(url, schema, event_registry)
    try:
        await store.start(check)
        yield store
    finally:
        await store.close()
