"""aiokafka's clients, opened and closed within bounds.

An idempotent producer of aiokafka 0.14 tries for ever to deliver what it has, also while it is stopped; so it is made to give up
first (its issues 712 and 1017 tell of clients that never come back). For that its inner parts have to be touched: here and nowhere else.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, ProducerClosed

from placet_shared.bus.kafka.connection import KafkaConnection
from placet_shared.bus.kafka.topics import BATCH_BYTES

__all__ = ["TROUBLE", "close_consumer", "open_consumer", "producing", "topic_range"]

logger = logging.getLogger(__name__)

OPEN_SECONDS = 10.0
CLOSE_SECONDS = 5.0
TROUBLE = (KafkaError, OSError, TimeoutError)


@asynccontextmanager
async def producing(kafka: KafkaConnection, client_id: str) -> AsyncIterator[AIOKafkaProducer]:
    """An idempotent producer that counts a message as sent when all replicas in sync have it."""
    producer = AIOKafkaProducer(**kafka.options(client_id), acks="all", enable_idempotence=True, max_batch_size=BATCH_BYTES)
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            await producer.start()
        yield producer
    finally:
        await _bounded(_give_up(producer), "a producer")


async def open_consumer(kafka: KafkaConnection, client_id: str) -> AIOKafkaConsumer:
    """A started consumer without a group; close it with `close_consumer`."""
    consumer = AIOKafkaConsumer(
        **kafka.options(client_id), group_id=None, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=500
    )
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            await consumer.start()
    except BaseException:
        await close_consumer(consumer)
        raise
    return consumer


async def close_consumer(consumer: AIOKafkaConsumer) -> None:
    """Stop it, and go on after a while when it does not."""
    await _bounded(consumer.stop(), "a consumer")


async def topic_range(consumer: AIOKafkaConsumer, partition: TopicPartition) -> tuple[int, int]:
    """The offsets at which a topic begins and ends now."""
    async with asyncio.timeout(OPEN_SECONDS):
        begins = await consumer.beginning_offsets([partition])
        ends = await consumer.end_offsets([partition])
    return begins[partition], ends[partition]


async def _give_up(producer: AIOKafkaProducer) -> None:
    await producer.client.close()
    if producer._sender is not None and producer._sender.sender_task is not None:
        with suppress(Exception):
            await producer._sender.close()
        producer._message_accumulator.fail_all(ProducerClosed())
    await producer.stop()


async def _bounded(closing: Awaitable[None], what: str) -> None:
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await closing
    except TROUBLE as error:
        logger.warning("%s of Kafka did not close as it should: %r", what, error)
