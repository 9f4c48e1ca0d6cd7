"""Following over Kafka: what comes by the broker and what by the feed, and how a client that brings nothing is replaced."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace

from placet_shared.bus.arrivals import arrivals
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.kafka import KafkaConnection, KafkaSubscription, Relay
from placet_shared.bus.kafka.following import Patience
from placet_shared.bus.kafka.messages import encode
from placet_shared.bus.kafka.reader import Reader
from placet_shared.bus.ports import Arrived, Digest
from placet_shared.errors import Unavailable
from placet_shared.event_store import Epoch, Position, RecordedEvent
from placet_shared.free_ports import free_port
from placet_shared.testing import eventually
from placet_shared.workers import in_background

from .conftest import Counters, MakeReader
from .over_kafka import PATIENCE, TOPIC, make_topic, until_relayed

pytestmark = [pytest.mark.postgres, pytest.mark.kafka]

T = TypeVar("T")
SELDOM = Patience(heartbeat_seconds=30.0, stalled_seconds=60.0, retry_seconds=0.2)


@dataclass
class Listened:
    """A source that notes what it is asked."""

    source: FeedClient
    asked: list[str] = field(default_factory=list)
    refused: int = 0

    @property
    def name(self) -> str:
        return self.source.name

    def follow(self, after: Cursor) -> AsyncIterator[Arrived]:
        raise AssertionError("a reader that has Kafka does not follow the feed")

    async def read(self, after: Cursor, limit: int = 500) -> Arrived:
        self.asked.append(f"read after {after.position}, {limit}")
        return await self._counting(self.source.read(after, limit))

    async def digest(self, after: Cursor, until: int) -> Digest:
        self.asked.append(f"digest after {after.position} until {until}")
        return await self._counting(self.source.digest(after, until))

    async def _counting(self, answer: Awaitable[T]) -> T:
        try:
            return await answer
        except Unavailable:
            self.refused += 1
            raise

    async def head(self) -> Position:
        self.asked.append("head")
        return await self.source.head()

    async def epochs(self) -> Sequence[Epoch]:
        return await self.source.epochs()


async def send(kafka: KafkaConnection, *events: RecordedEvent | bytes) -> None:
    """Into the topic, past the relay."""
    async with AIOKafkaProducer(bootstrap_servers=kafka.servers) as producer:
        for event in events:
            if isinstance(event, bytes):
                await producer.send_and_wait(TOPIC, event)
            else:
                message = encode(event)
                await producer.send_and_wait(TOPIC, message.value, message.key, headers=message.headers)


class Follower:
    """Keeps what comes; its client stands at the topic's end once `is_ready`."""

    def __init__(self, source: Any, kafka: KafkaConnection, patience: Patience) -> None:
        self.subscription = KafkaSubscription(source, kafka, patience)
        self.came: list[Arrived] = []

    async def run(self) -> None:
        async with arrivals(self.subscription, Cursor()) as coming:
            async for arrived in coming:
                self.came.append(arrived)

    @property
    def positions(self) -> list[int]:
        return [event.position for arrived in self.came for event in arrived.events]

    def has(self, *positions: int) -> bool:
        return self.positions == list(positions)


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> list[Reader]:
    """The clients that were asked for messages; a follower that asks has all that the feed had."""
    waited: list[Reader] = []
    read = Reader.events

    async def noting(self: Reader, seconds: float) -> Sequence[RecordedEvent] | None:
        if self not in waited:
            waited.append(self)
        return await read(self, seconds)

    monkeypatch.setattr(Reader, "events", noting)
    return waited


async def test_events_come_by_kafka_and_the_feed_is_left_alone(
    counters: Counters, kafka: KafkaConnection, relay: Relay, feed_client: FeedClient, readers: list[Reader]
) -> None:
    source = Listened(feed_client)
    follower = Follower(source, kafka, SELDOM)
    await counters.raise_("a")
    await until_relayed(kafka, 2)
    async with in_background(follower.run()):
        await eventually(lambda: follower.has(1, 2) and readers)
        asked, came = len(source.asked), len(follower.came)
        await counters.raise_("b", "c")
        await eventually(lambda: follower.has(1, 2, 3, 4, 5, 6))
    assert all(question.startswith("digest ") for question in source.asked[asked:])
    assert len(source.asked) - asked == len(follower.came) - came
    assert {arrived.system for arrived in follower.came[came:]} == {"kafka"}
    assert follower.came[-1].head is not None
    assert follower.came[-1].head.place == "counters:1:6"


async def test_without_the_source_nothing_is_taken_from_kafka_alone(
    counters: Counters, kafka: KafkaConnection, relay: Relay, feed_client: FeedClient, make_reader: MakeReader, readers: list[Reader]
) -> None:
    source = Listened(feed_client)
    reader = await make_reader(KafkaSubscription(source, kafka, SELDOM), source)
    async with reader.running():
        await counters.raise_("a")
        await reader.until(2)
        await eventually(lambda: readers)
        await counters.stop()
        await counters.raise_("b")
        await eventually(lambda: "digest after 2 until 4" in source.asked or "digest after 2 until 3" in source.asked)
        await eventually(lambda: source.refused >= 3)
        assert await reader.positions() == [1, 2]
        await counters.serve()
        await reader.until(4)
    assert await reader.positions() == [1, 2, 3, 4]


async def test_without_a_broker_events_come_by_the_feed(counters: Counters, feed_client: FeedClient, make_reader: MakeReader) -> None:
    nowhere = KafkaConnection(f"127.0.0.1:{free_port()}")
    reader = await make_reader(KafkaSubscription(feed_client, nowhere, PATIENCE), feed_client)
    async with reader.running():
        for number in range(3):
            await counters.raise_(f"key-{number}")
            await reader.until(2 * number + 2)
    assert await reader.positions() == [1, 2, 3, 4, 5, 6]


async def test_gap_is_read_from_the_feed_up_to_what_arrived(
    counters: Counters, kafka: KafkaConnection, feed_client: FeedClient, readers: list[Reader]
) -> None:
    source = Listened(feed_client)
    follower = Follower(source, kafka, SELDOM)
    await make_topic(kafka)
    async with in_background(follower.run()):
        await eventually(lambda: readers)
        await counters.raise_("a", "b", "c")
        stored = (await feed_client.read(Cursor())).events
        await send(kafka, stored[4], stored[1], stored[5], stored[5])
        await eventually(lambda: follower.has(1, 2, 3, 4, 5, 6))
    assert [question for question in source.asked if question.startswith("read")][-1] == "read after 0, 4"


async def test_event_that_claims_another_predecessor_is_not_believed(
    counters: Counters, kafka: KafkaConnection, feed_client: FeedClient, readers: list[Reader]
) -> None:
    source = Listened(feed_client)
    follower = Follower(source, kafka, SELDOM)
    await make_topic(kafka)
    async with in_background(follower.run()):
        await eventually(lambda: readers)
        await counters.raise_("a", "b")
        stored = (await feed_client.read(Cursor())).events
        forged = replace(stored[2], prev=stored[0].id, id=stored[0].id)
        await send(kafka, stored[0], stored[1], forged, stored[3])
        await eventually(lambda: follower.has(1, 2, 3, 4))
    assert [event.id for arrived in follower.came for event in arrived.events] == [event.id for event in stored]


async def test_messages_that_are_no_events_of_the_source_are_passed_over(
    counters: Counters, kafka: KafkaConnection, relay: Relay, kafka_subscription: KafkaSubscription, make_reader: MakeReader
) -> None:
    reader = await make_reader(kafka_subscription)
    async with reader.running():
        await counters.raise_("a")
        await reader.until(2)
        await send(kafka, b"not an event", b'{"specversion":"1.0"}')
        await counters.raise_("b")
        await reader.until(4)
    assert await reader.positions() == [1, 2, 3, 4]


async def test_client_that_brings_nothing_is_made_anew(
    counters: Counters, kafka: KafkaConnection, relay: Relay, feed_client: FeedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As aiokafka's issues 712 and 1017 tell: connected, and silent for ever."""
    readers: list[Reader] = []
    read = Reader.events

    async def first_is_silent(self: Reader, seconds: float) -> Sequence[RecordedEvent] | None:
        if self not in readers:
            readers.append(self)
        if self is readers[0]:
            await asyncio.sleep(seconds)
            return None
        return await read(self, seconds)

    monkeypatch.setattr(Reader, "events", first_is_silent)
    follower = Follower(feed_client, kafka, Patience(heartbeat_seconds=0.1, stalled_seconds=0.5, retry_seconds=0.1))
    async with in_background(follower.run()):
        await eventually(lambda: readers)
        await counters.raise_("a")
        await eventually(lambda: follower.has(1, 2))  # by the feed, meanwhile
        await eventually(lambda: len(readers) >= 2)
        await counters.raise_("b")
        await eventually(lambda: follower.has(1, 2, 3, 4))


async def test_consumer_on_a_branch_that_the_source_lost_begins_again(
    counters: Counters, kafka: KafkaConnection, relay: Relay, kafka_subscription: KafkaSubscription, make_reader: MakeReader
) -> None:
    reader = await make_reader(kafka_subscription)
    async with reader.running():
        await counters.raise_("a", "b", "c")
        await reader.until(6)
        await counters.restore_backup(after=4)
        await counters.raise_("x", "y")
        await eventually(has_ids_of, reader, counters)
    assert await reader.positions() == [1, 2, 3, 4, 5, 6, 7, 8]


async def has_ids_of(reader: Any, counters: Counters) -> bool:
    rows = await reader.pool.fetch("select event_id::text as id from effects order by number")
    return [row["id"] for row in rows] == [str(row["id"]) for row in await counters.site.events()]
