"""aiokafka's clients, opened, used and closed within bounds.

An idempotent producer of aiokafka 0.14 tries for ever to deliver what it has, also while it is stopped (its issues 712 and 1017 tell of
clients that never come back); so what it still has is taken from it first. For that its inner parts are touched, here and in `fetched`.
While a client is closed, one of its own cancelled tasks may cancel the task that awaits it; so each call runs in a task of its own.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from placet_shared.bus.kafka.connection import KafkaConnection
from placet_shared.bus.kafka.fetched import PassedOver, pass_over_what_no_relay_sends

__all__ = ["BATCH_BYTES", "TROUBLE", "bounded", "close_consumer", "open_consumer", "producing", "topic_range"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

# An event has 64 KiB at most, its headers a few more; a topic takes twice as much as a batch.
BATCH_BYTES = 256 * 1024
# Of one answer; a broker gives a batch that is larger whole, and the topic's `max.message.bytes` bounds that one.
FETCH_BYTES = 1024 * 1024
OPEN_SECONDS = 10.0
CLOSE_SECONDS = 5.0
TROUBLE = (KafkaError, OSError, TimeoutError)


async def bounded(work: Coroutine[Any, Any, T], seconds: float, *, let_finish: float = 0.0) -> T:
    """Wait for a client, within bounds; raises `TimeoutError`, and `KafkaError` when the client cancelled itself.

    A caller that is cancelled gives the client so many seconds to finish: a client that is cancelled while it opens leaks a connection.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.wait([task], timeout=seconds)
    finally:
        if not task.done() and let_finish:
            await asyncio.wait([task], timeout=let_finish)
        if not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=CLOSE_SECONDS)
    if task.cancelled():
        raise KafkaError("a client gave up by itself")
    if not task.done():
        raise TimeoutError(f"a client did not answer within {seconds:.0f} seconds")
    return task.result()


@asynccontextmanager
async def producing(kafka: KafkaConnection, client_id: str) -> AsyncIterator[AIOKafkaProducer]:
    """An idempotent producer that counts a message as sent when all replicas in sync have it."""
    producer = AIOKafkaProducer(**kafka.options(client_id), acks="all", enable_idempotence=True, max_batch_size=BATCH_BYTES)
    try:
        await bounded(producer.start(), OPEN_SECONDS, let_finish=CLOSE_SECONDS)
        yield producer
    finally:
        await _close(_give_up(producer))


async def open_consumer(kafka: KafkaConnection, client_id: str, passed_over: PassedOver = lambda why, number: None) -> AIOKafkaConsumer:
    """A started consumer without a group, which reports what it skipped; close it with `close_consumer`."""
    consumer = AIOKafkaConsumer(
        **kafka.options(client_id),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=500,
        fetch_max_bytes=FETCH_BYTES,
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    try:
        await bounded(consumer.start(), OPEN_SECONDS, let_finish=CLOSE_SECONDS)
        pass_over_what_no_relay_sends(consumer, passed_over)
    except BaseException:
        await close_consumer(consumer)
        raise
    return consumer


async def close_consumer(consumer: AIOKafkaConsumer) -> None:
    """Stop it, and go on after a while when it does not."""
    await _close(consumer.stop())


async def topic_range(consumer: AIOKafkaConsumer, partition: TopicPartition) -> tuple[int, int]:
    """The offsets at which a topic begins and ends now."""
    begins = await bounded(consumer.beginning_offsets([partition]), OPEN_SECONDS)
    ends = await bounded(consumer.end_offsets([partition]), OPEN_SECONDS)
    return begins[partition], ends[partition]


async def _give_up(producer: AIOKafkaProducer) -> None:
    await producer.client.close()
    if producer._sender is not None:
        with suppress(Exception):
            await producer._sender.close()
        producer._message_accumulator._batches.clear()
        producer._message_accumulator._pending_batches.clear()
    await producer.stop()


async def _close(closing: Coroutine[Any, Any, None]) -> None:
    try:
        await bounded(closing, CLOSE_SECONDS)
    except Exception as error:
        logger.info("a client of Kafka did not close as it should: %r", error)
