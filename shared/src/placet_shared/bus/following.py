"""Runs a service's side of the bus: its feed for others, and its consumers of others."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

from placet_shared.bus.consumer import Consumer
from placet_shared.bus.feed import Feed
from placet_shared.bus.watcher import StoreWatcher
from placet_shared.event_store import EventStore

__all__ = ["at_work", "open_feed", "running"]


@asynccontextmanager
async def open_feed(store: EventStore) -> AsyncIterator[Feed]:
    """The feed of a store, woken by what is appended."""
    watcher = StoreWatcher(store.url, store.schema, store.source)
    await watcher.start()
    try:
        yield Feed(store.source, store.pool, watcher)
    finally:
        await watcher.close()


@asynccontextmanager
async def running(consumers: Sequence[Consumer]) -> AsyncIterator[None]:
    """All of them at work until the end of the block."""
    async with at_work(*[consumer.run() for consumer in consumers]):
        yield


@asynccontextmanager
async def at_work(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Endless work beside the block, ended with it."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
