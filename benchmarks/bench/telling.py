"""Ways in which messages get into a topic: plainly sent, which is the yardstick, or any other that gives its start time."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.topic_readers import IsIt

__all__ = ["IsIt", "Telling", "sending", "topic_is_there"]

PLAIN_TOPIC = "bench.plain"
PLAIN_BYTES = 400
DEADLINE = 60.0
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Telling:
    """A producer of a topic's messages: `tell` sends the message of this number and returns its start time."""

    topic: str
    tell: Callable[[int], Awaitable[float]]
    recognize: Callable[[int], IsIt]


@asynccontextmanager
async def sending(servers: str) -> AsyncIterator[Telling]:
    """The yardstick: no store, no relay. The time starts before it is sent."""
    async with _administering(servers) as admin:
        await admin.create_topics([NewTopic(PLAIN_TOPIC, 1, 1)])
    async with AIOKafkaProducer(bootstrap_servers=servers, acks="all", enable_idempotence=True) as producer:

        async def send(number: int) -> float:
            began = time.monotonic()
            await producer.send_and_wait(PLAIN_TOPIC, bytes(PLAIN_BYTES), key=str(number).encode(), partition=0)
            return began

        yield Telling(PLAIN_TOPIC, send, lambda number: lambda message: message.key == str(number).encode())


@asynccontextmanager
async def _administering(servers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Closed afterwards."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def topic_is_there(servers: str, topic: str) -> None:
    """Wait until the topic exists."""
    async with asyncio.timeout(DEADLINE), _administering(servers) as admin:
        while topic not in await admin.list_topics():  # noqa: ASYNC110 - a broker does not notify
            await asyncio.sleep(LOOK_SECONDS)
