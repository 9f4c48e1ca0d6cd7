"""A process of its own that follows a source, over Kafka when it is given brokers, until it has had so many events."""

import asyncio
import sys
from collections.abc import Sequence

import asyncpg

from placet_shared.bus.consumer import Consumer
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.kafka import KafkaConnection, KafkaSubscription
from placet_shared.bus.ports import Source
from placet_shared.event_store import RecordedEvent
from placet_shared.postgres.connections import open_pool

KEEP = "insert into effects (event_id, position, stream, type) values ($1, $2, $3, $4)"


class Effects:
    """One row an event; what is to be parked is the counter of this name."""

    async def apply(self, connection: asyncpg.Connection, event: RecordedEvent) -> None:
        if event.subject == "unreadable":
            raise ValueError("this reader has a defect")
        await connection.execute(KEEP, event.id, event.position, event.stream, event.type)

    def subjects(self, event: RecordedEvent) -> Sequence[str]:
        return [event.subject]

    def never_parks(self, event: RecordedEvent) -> bool:
        return False

    async def reset(self, connection: asyncpg.Connection, source: Source) -> Cursor:
        raise AssertionError("nothing was restored")


async def main(feed_url: str, database_url: str, token: str, number: int, servers: str | None) -> None:
    source = FeedClient("counters", feed_url, lambda: token)
    subscription = KafkaSubscription(source, KafkaConnection(servers)) if servers else None
    pool = await open_pool(database_url, "readers", "placet reader")
    moved = asyncio.Event()
    consumer = Consumer(source, pool, Effects(), subscription, moved=moved.set)
    running = asyncio.create_task(consumer.run())
    while (await consumer.mark()).position < number:
        await moved.wait()
        moved.clear()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await source.aclose()
    await pool.close()


asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5] if len(sys.argv) > 5 else None))
