"""The counters' events on their way over a real broker: a topic, a relay, a subscription, and what the topic holds."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError
from aiokafka.structs import ConsumerRecord

from kafka_broker import Broker
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.kafka import KafkaConnection, KafkaSubscription, Relay, topic_of
from placet_shared.bus.kafka.following import Patience
from placet_shared.bus.kafka.messages import decode
from placet_shared.bus.kafka.topics import ensure_topic
from placet_shared.event_store import RecordedEvent
from placet_shared.postgres import Migrations, migrate
from placet_shared.testing import eventually
from placet_shared.workers import in_background

from ..event_store.conftest import SCHEMA, SERVICE_ROLE

if TYPE_CHECKING:
    from .conftest import Counters

TOPIC = topic_of(SCHEMA)
PARTITION = TopicPartition(TOPIC, 0)
PATIENCE = Patience(heartbeat_seconds=0.2, stalled_seconds=3.0, retry_seconds=0.2)


@asynccontextmanager
async def administering(kafka: KafkaConnection) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**kafka.options("test"))
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def reading(kafka: KafkaConnection) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(**kafka.options("test"), group_id=None, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([PARTITION])
        yield consumer
    finally:
        await consumer.stop()


async def delete_topic(kafka: KafkaConnection) -> None:
    """And wait until it is gone."""
    async with administering(kafka) as admin:
        if TOPIC in await admin.list_topics():
            await admin.delete_topics([TOPIC])

        async def is_gone() -> bool:
            return TOPIC not in await admin.list_topics()

        await eventually(is_gone)


async def make_topic(kafka: KafkaConnection) -> None:
    """As a relay makes it; a broker under load may know a topic before its settings."""

    async def is_made() -> bool:
        try:
            await ensure_topic(kafka, TOPIC)
        except UnknownTopicOrPartitionError:
            return False
        return True

    await eventually(is_made)


async def messages(kafka: KafkaConnection) -> Sequence[ConsumerRecord]:
    """Everything that the topic holds now."""
    async with reading(kafka) as consumer:
        end = (await consumer.end_offsets([PARTITION]))[PARTITION]
        await consumer.seek_to_beginning(PARTITION)
        found: list[ConsumerRecord] = []
        while await consumer.position(PARTITION) < end:
            for some in (await consumer.getmany(PARTITION, timeout_ms=1000)).values():
                found += some
        return found


async def relayed(kafka: KafkaConnection) -> list[RecordedEvent]:
    """The events that the topic holds now, doubles too."""
    return [decode(message.headers, message.value) for message in await messages(kafka)]


async def until_relayed(kafka: KafkaConnection, position: int) -> None:
    """Until the topic ends with this position."""

    async def is_there() -> bool:
        try:
            events = await relayed(kafka) if await has_topic(kafka) else []
        except KafkaError:
            return False  # a broker is down just now
        return bool(events) and events[-1].position >= position

    await eventually(is_there)


async def has_topic(kafka: KafkaConnection) -> bool:
    async with administering(kafka) as admin:
        return TOPIC in await admin.list_topics()


def first_times(positions: Sequence[int]) -> list[int]:
    """Each position where it comes first: a topic may repeat, and may neither skip nor go ahead."""
    return list(dict.fromkeys(positions))


async def with_checkpoints(counters: "Counters") -> None:
    """The table in which a relay remembers."""
    await migrate(
        counters.site.superuser_url, SCHEMA, Migrations("placet_shared.event_store", "placet_shared.bus"), service_role=SERVICE_ROLE
    )


@pytest.fixture
async def kafka(kafka_broker: Broker) -> KafkaConnection:
    """The broker of this process, without the counters' topic."""
    connection = KafkaConnection(kafka_broker.address)
    await delete_topic(connection)
    return connection


@pytest.fixture
async def relay(counters: "Counters", kafka: KafkaConnection) -> AsyncIterator[Relay]:
    """At work until the test ends."""
    await with_checkpoints(counters)
    relay = Relay(counters.store, counters.watcher, kafka, look_every=0.5)
    async with in_background(relay.run()):
        yield relay


@pytest.fixture
async def kafka_subscription(relay: Relay, kafka: KafkaConnection, feed_client: FeedClient) -> KafkaSubscription:
    return KafkaSubscription(feed_client, kafka, PATIENCE)
