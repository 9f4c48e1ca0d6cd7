"""How far the relay has come, as its own database remembers it."""

import logging
from dataclasses import dataclass

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from placet_shared.bus.kafka.clients import topic_range
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


class TopicReplaced(Exception):
    """The topic ends before the last acknowledged offset: it was deleted and created again."""


@dataclass(frozen=True, slots=True)
class Place:
    """The position of the last event that the topic is known to have, and the offset at which the topic ended with it or later."""

    position: int
    end: int


async def remember(pool: asyncpg.Pool, topic: str, event: RecordedEvent, end: int) -> None:
    """Record that the broker has acknowledged everything up to this event; the topic ends at `end`."""
    await pool.execute(WRITE, topic, event.position, event.id, end)


async def remember_to_fill_again(pool: asyncpg.Pool, topic: str) -> None:
    """Fill the topic again from the first event, whatever it holds."""
    await pool.execute(WRITE, topic, 0, None, BEYOND_ANY_TOPIC)


async def place_to_go_on(pool: asyncpg.Pool, consumer: AIOKafkaConsumer, topic: str) -> Place:
    """The event after which to continue, by the store's own database.

    Only the topic's end is read, never its messages: another client may have written them, and a copy of a later event would make the
    relay skip all before it. So what was sent and not recorded is sent again, and a reader meets it twice.
    """
    kept = await pool.fetchrow(READ, topic)
    _, end = await topic_range(consumer, TopicPartition(topic, 0))
    if kept is not None and end < kept["message_offset"]:
        logger.warning("%s was made again; it is filled from the first event", topic)
    elif kept is not None and kept["event_id"] and await pool.fetchval(IS_OURS, kept["position"], kept["event_id"]):
        return Place(kept["position"], end)
    return Place(0, end)
