"""A process of its own that raises counters as fast as it can, some of them shared by all processes, and prints each key that it raised."""

import asyncio
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from shared.tests.event_store.conftest import EVENT_REGISTRY, SCHEMA, metadata, raising

from placet_shared.errors import Unavailable
from placet_shared.event_store import EventStore

AT_ONCE = 16
SHARED = [f"shared-{number}" for number in range(4)]


async def main(url: str, name: str, seconds: float) -> None:
    store = EventStore(url, SCHEMA, EVENT_REGISTRY)
    await store.start()
    until = time.monotonic() + seconds
    keys = [*SHARED, *(f"{name}-{number}" for number in range(50))]

    async def raise_one_after_another() -> None:
        while time.monotonic() < until:
            key = random.choice(SHARED) if random.random() < 0.3 else random.choice(keys)
            try:
                await store.run(raising(key), metadata(name), None, action="raise")
            except Unavailable:
                continue  # too many others were faster: nothing has happened
            sys.stdout.write(key + "\n")

    await asyncio.gather(*[raise_one_after_another() for _ in range(AT_ONCE)])
    await store.close()


asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
