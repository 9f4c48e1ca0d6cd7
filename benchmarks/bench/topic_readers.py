"""Plain consumers of a topic, each with a connection of its own and without a group, as a pipeline has one."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

__all__ = ["TopicReaders", "reading"]

DEADLINE = 60.0

IsIt = Callable[[Any], bool]


class TopicReaders:
    """All at the same place of partition 0."""

    def __init__(self, consumers: list[AIOKafkaConsumer]) -> None:
        self._consumers = consumers

    async def first(self, is_it: IsIt) -> list[float]:
        """When each of them received the message, by the machine's monotonic clock."""
        async with asyncio.timeout(DEADLINE):
            return await asyncio.gather(*[_first(consumer, is_it) for consumer in self._consumers])


@asynccontextmanager
async def reading(servers: str, topic: str, number: int) -> AsyncIterator[TopicReaders]:
    """So many, at the topic's end."""
    partition = TopicPartition(topic, 0)
    async with AsyncExitStack() as stack:
        consumers = []
        for _ in range(number):
            consumer = await stack.enter_async_context(AIOKafkaConsumer(bootstrap_servers=servers))
            consumer.assign([partition])
            await consumer.seek_to_end(partition)
            await consumer.position(partition)
            consumers.append(consumer)
        yield TopicReaders(consumers)


async def _first(consumer: AIOKafkaConsumer, is_it: IsIt) -> float:
    while True:
        for messages in (await consumer.getmany(timeout_ms=60_000)).values():
            at = time.monotonic()
            if any(map(is_it, messages)):
                return at
