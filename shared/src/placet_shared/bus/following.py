"""Opens the feed that a service serves, woken by each append to its store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from placet_shared.bus.feed import Feed
from placet_shared.bus.watcher import StoreWatcher
from placet_shared.event_store import EventStore

__all__ = ["open_feed"]


@asynccontextmanager
async def open_feed(store: EventStore) -> AsyncIterator[Feed]:
    """The feed of a store, woken by what is appended."""
    watcher = StoreWatcher(store.url, store.schema, store.source)
    await watcher.start()
    try:
        yield Feed(store.source, store.pool, watcher, follows=True)
    finally:
        await watcher.close()
