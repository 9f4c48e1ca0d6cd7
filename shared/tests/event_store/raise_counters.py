"""A process of its own that raises counters, one command a key, and prints each key that it was told is durable."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from shared.tests.event_store.conftest import EVENT_REGISTRY, SCHEMA, metadata, raising

from placet_shared.event_store import EventStore, RequestKey


async def main(url: str, keys: list[str]) -> None:
    store = EventStore(url, SCHEMA, EVENT_REGISTRY)
    await store.start()

    async def one(key: str) -> None:
        await store.run(raising(key), metadata(), None, action="raise", request_key=RequestKey(key, b"h" * 32))
        sys.stdout.write(key + "\n")
        sys.stdout.flush()

    await asyncio.gather(*[one(key) for key in keys])
    await store.close()


asyncio.run(main(sys.argv[1], sys.argv[2:]))
