"""Opens a service's store at its start, after a look at what it would be working on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from placet_shared.event_store.repertoire import Repertoire
from placet_shared.event_store.store import EventStore
from placet_shared.postgres import Migrations, check_schema, connect, refuse_owner

__all__ = ["open_store"]


@asynccontextmanager
async def open_store(url: str, schema: str, repertoire: Repertoire, migrations: Migrations) -> AsyncIterator[EventStore]:
    """The started store; raises `RuntimeError` for a schema that this release does not know or a role that could rewrite history."""
    connection = await connect(url, schema, f"placet {repertoire.source} start")
    try:
        await check_schema(connection, migrations)
        await refuse_owner(connection)
    finally:
        await connection.close()
    store = EventStore(url, schema, repertoire)
    await store.start()
    try:
        yield store
    finally:
        await store.close()
