"""How far the relay has come, as its own database remembers it and as the topic shows it."""

import logging
from dataclasses import dataclass

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from placet_shared.bus.kafka.clients import bounded, topic_range
from placet_shared.bus.kafka.messages import decode
from placet_shared.errors import Malformed
from placet_shared.event_store.records import RecordedEvent

__all__ = ["Place", "TopicReplaced", "place_to_go_on", "remember", "remember_to_fill_again"]

logger = logging.getLogger(__name__)

READ = "select position, event_id::text as event_id, message_offset from relay_checkpoints where topic = $1"
WRITE = """
    insert into relay_checkpoints (topic, position, event_id, message_offset) values ($1, $2, $3, $4)
    on conflict (topic) do update
        set position = excluded.position, event_id = excluded.event_id, message_offset = excluded.message_offset,
            relayed_at = clock_timestamp()
"""
IS_OURS = "select exists (select from events where position = $1 and id = $2)"
BEYOND_ANY_TOPIC = 2**62
READ_WITHIN_MS = 10_000


class TopicReplaced(Exception):
    """The topic ends before what the broker has acknowledged: somebody deleted it and made it again."""


@dataclass(frozen=True, slots=True)
class Place:
    """The position of the last event in the topic, and the offset at which the topic ended with it or later."""

    position: int
    end: int


async def remember(pool: asyncpg.Pool, topic: str, event: RecordedEvent, end: int) -> None:
    """The broker has acknowledged everything up to this event; the topic ends at `end`."""
    await pool.execute(WRITE, topic, event.position, event.id, end)


async def remember_to_fill_again(pool: asyncpg.Pool, topic: str) -> None:
    """Whatever the topic holds, it is filled from the first event."""
    await pool.execute(WRITE, topic, 0, None, BEYOND_ANY_TOPIC)


async def place_to_go_on(pool: asyncpg.Pool, consumer: AIOKafkaConsumer, topic: str) -> Place:
    """After which event to go on. The topic itself says, unless it was made again or ends with something that is not the store's."""
    kept = await pool.fetchrow(READ, topic)
    begin, end = await topic_range(consumer, TopicPartition(topic, 0))
    if kept is not None and end < kept["message_offset"]:
        logger.warning("%s was made again; it is filled from the first event", topic)
        return Place(0, end)
    last = await _last(consumer, topic, end) if end > begin else None
    if last is not None and await pool.fetchval(IS_OURS, last.position, last.id):
        return Place(last.position, end)
    if kept is not None and kept["event_id"] and await pool.fetchval(IS_OURS, kept["position"], kept["event_id"]):
        return Place(kept["position"], end)
    return Place(0, end)


async def _last(consumer: AIOKafkaConsumer, topic: str, end: int) -> RecordedEvent | None:
    """The topic's last event; None when what stands there is none."""
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    try:
        consumer.seek(partition, end - 1)
        found = await bounded(consumer.getmany(partition, timeout_ms=READ_WITHIN_MS, max_records=1), READ_WITHIN_MS / 500)
    finally:
        consumer.unsubscribe()
    for message in found.get(partition, ()):
        try:
            return decode(message.headers, message.value)
        except Malformed as error:
            logger.warning("%s ends with a message that is not ours: %s", topic, error.detail)
    return None
