"""A process of its own that relays the counters' events until it is killed."""

import asyncio
import sys

from placet_shared.bus.kafka import KafkaConnection, Relay
from placet_shared.bus.watcher import StoreWatcher
from placet_shared.event_store import EventRegistry, EventStore


async def main(database_url: str, servers: str) -> None:
    store = EventStore(database_url, "counters", EventRegistry("counters", ()))
    await store.start()
    watcher = StoreWatcher(store.url, store.schema, store.source)
    await watcher.start()
    await Relay(store, watcher, KafkaConnection(servers)).run()


asyncio.run(main(*sys.argv[1:]))
