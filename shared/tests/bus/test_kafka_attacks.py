"""Who can write to a topic can delay what is in it, and nothing else: readers take what the feed has, relays go on, memory stays small."""

import asyncio
import logging
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from msgspec.structs import replace

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.envelope import encode
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.kafka import KafkaConnection, KafkaSubscription, Relay
from placet_shared.bus.kafka.following import Patience
from placet_shared.bus.kafka.reader import Reader as KafkaReader
from placet_shared.event_store import RecordedEvent
from placet_shared.testing import eventually
from placet_shared.workers import in_background

from .attacking import MIB, attacking, forged_after
from .conftest import SCHEMA, Counters, MakeReader, Reader
from .over_kafka import PATIENCE, TOPIC, make_topic, with_checkpoints

pytestmark = [pytest.mark.postgres, pytest.mark.kafka]

# The clock alone asks the feed, and not within a test: what is taken here was decided by the message that came.
BY_MESSAGES = Patience(heartbeat_seconds=600.0, stalled_seconds=1200.0, retry_seconds=0.2)


@pytest.fixture
def read_by_kafka(monkeypatch: pytest.MonkeyPatch) -> list[RecordedEvent]:
    """What Kafka clients took from the topic, in order."""
    taken: list[RecordedEvent] = []
    read = KafkaReader.events

    async def noting(self: KafkaReader, seconds: float) -> Any:
        events = await read(self, seconds)
        taken.extend(events or ())
        return events

    monkeypatch.setattr(KafkaReader, "events", noting)
    return taken


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> list[KafkaReader]:
    """Those that wait for messages, and so stand where the topic ended."""
    waiting: list[KafkaReader] = []
    read = KafkaReader.events

    async def noting(self: KafkaReader, seconds: float) -> Any:
        if self not in waiting:
            waiting.append(self)
        return await read(self, seconds)

    monkeypatch.setattr(KafkaReader, "events", noting)
    return waiting


PARK_FORGED = """
    insert into parked_events (source, position, epoch, event_id, type, subjects, event, reason)
    values ($1, 6, $2, $3, 'PersonAdded', '{mallory}', $4, 'an earlier release could not apply it')
"""


async def has_left(reader: Reader, event_id: str) -> bool:
    """Whether its mark is at another event by now."""
    return (await reader.mark()).event_id != event_id


@asynccontextmanager
async def repeating(act: Callable[[], Any], seconds: float) -> AsyncIterator[None]:
    async def repeat() -> None:
        while True:
            await act()
            await asyncio.sleep(seconds)

    task = asyncio.create_task(repeat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def stored(feed_client: FeedClient) -> list[RecordedEvent]:
    return list((await feed_client.read(Cursor(), 1000)).events)


async def effects(reader: Reader) -> list[str]:
    return [str(row["event_id"]) for row in await reader.pool.fetch("select event_id from effects order by number")]


FORGED: dict[str, Callable[[RecordedEvent], list[RecordedEvent]]] = {
    "a verification that never ran": lambda last: [forged_after(last, "VerificationPassed", run_id="run-1")],
    "an administrator with a token": lambda last: [
        person := forged_after(last, "PersonAdded", person_id="mallory", roles=["admin"]),
        forged_after(person, "TokenIssued", holder_id="mallory"),
    ],
    "an epoch that no cursor can name": lambda last: [replace(forged_after(last, "TokenRevoked"), epoch=2**31 - 1)],
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_forged_event_with_the_right_predecessor_has_no_effect(
    counters: Counters, kafka: KafkaConnection, feed_client: FeedClient, make_reader: MakeReader, clients: list[KafkaReader], forge: Any
) -> None:
    """With no relay at work, so that only the forged ones come by Kafka, and with the clock switched off."""
    await make_topic(kafka)
    await counters.raise_("a")
    reader = await make_reader(KafkaSubscription(feed_client, kafka, BY_MESSAGES), feed_client)
    async with reader.running(), attacking(kafka) as attacker:
        await reader.until(2)
        await eventually(lambda: clients)
        last = (await stored(feed_client))[-1]
        await counters.raise_("b")
        await attacker.send_batch(forge(last))
        await reader.until(4)
    assert await effects(reader) == [event.id for event in await stored(feed_client)]


@pytest.mark.parametrize("change", [{"data": b"{}"}, {"actor": "person-2"}, {"stream": "another"}, {"type": "Lowered"}])
async def test_true_event_that_was_changed_has_the_effect_of_the_true_one(
    counters: Counters, kafka: KafkaConnection, feed_client: FeedClient, make_reader: MakeReader, clients: list[KafkaReader], change: Any
) -> None:
    await make_topic(kafka)
    await counters.raise_("a")
    reader = await make_reader(KafkaSubscription(feed_client, kafka, BY_MESSAGES), feed_client)
    async with reader.running(), attacking(kafka) as attacker:
        await reader.until(2)
        await eventually(lambda: clients)
        await counters.raise_("a")
        true = (await stored(feed_client))[-1]
        await attacker.send(replace(true, **change))
        await reader.until(true.position)
    rows = await reader.pool.fetch("select type, stream from effects order by number")
    assert [(row["type"], row["stream"]) for row in rows] == [(event.type, event.stream) for event in await stored(feed_client)]


async def test_forged_events_are_dropped_and_counted(
    counters: Counters, kafka: KafkaConnection, feed_client: FeedClient, make_reader: MakeReader, caplog: pytest.LogCaptureFixture,
    clients: list[KafkaReader],
) -> None:  # fmt: skip
    await make_topic(kafka)
    await counters.raise_("a")
    reader = await make_reader(KafkaSubscription(feed_client, kafka, PATIENCE), feed_client)
    async with reader.running(), attacking(kafka) as attacker:
        await reader.until(2)
        await eventually(lambda: clients)
        last = (await stored(feed_client))[-1]

        async def forge() -> None:
            await attacker.send(forged_after(last, "PersonAdded"))

        async with repeating(forge, 0.02):
            await eventually(lambda: "not in the feed of counters" in caplog.text)
            await counters.raise_("b")
            await reader.until(4)
    assert await effects(reader) == [event.id for event in await stored(feed_client)]
    assert caplog.text.count("not in the feed of counters") == 1


async def test_junk_does_not_keep_the_feed_from_being_asked(
    counters: Counters, kafka: KafkaConnection, feed_client: FeedClient, make_reader: MakeReader, caplog: pytest.LogCaptureFixture,
    clients: list[KafkaReader],
) -> None:  # fmt: skip
    """No relay is at work: only the feed has the events, and the topic is never silent for as long as a heartbeat takes."""
    await make_topic(kafka)
    seldom = Patience(heartbeat_seconds=0.5, stalled_seconds=60.0, retry_seconds=0.2)
    reader = await make_reader(KafkaSubscription(feed_client, kafka, seldom), feed_client)
    async with reader.running(), attacking(kafka) as attacker, repeating(attacker.send_junk, 0.1):
        await eventually(lambda: clients)
        for number in range(3):
            await counters.raise_(f"key-{number}")
            await reader.until(2 * number + 2)
    assert await reader.positions() == [1, 2, 3, 4, 5, 6]
    assert caplog.text.count("are skipped") == 1


async def test_whole_source_twice_in_the_topic_has_each_effect_once(
    counters: Counters, kafka: KafkaConnection, relay: Relay, kafka_subscription: KafkaSubscription, make_reader: MakeReader,
    feed_client: FeedClient, clients: list[KafkaReader], read_by_kafka: list[RecordedEvent],
) -> None:  # fmt: skip
    """As it is, and as of an epoch to come, which once made a reader begin again."""
    reader = await make_reader(kafka_subscription)
    async with reader.running(), attacking(kafka) as attacker:
        await counters.raise_("a", "b", "c")
        await reader.until(6)
        await eventually(lambda: clients)
        copies = await stored(feed_client)
        to_come = [replace(event, epoch=event.epoch + 1) for event in copies]
        await attacker.send_batch([*copies, *to_come])
        await eventually(lambda: (to_come[-1].id, to_come[-1].epoch) in [(event.id, event.epoch) for event in read_by_kafka])
        await counters.raise_("d")
        await reader.until(8)
    assert await effects(reader) == [event.id for event in await stored(feed_client)]


@pytest.mark.parametrize("change", [{"ce_epoch": b"-5"}, {"ce_epoch": b"2147483648"}, {"ce_position": b"9223372036854775808"}])
async def test_event_beyond_the_columns_is_passed_over(
    counters: Counters, kafka: KafkaConnection, feed_client: FeedClient, make_reader: MakeReader, clients: list[KafkaReader],
    caplog: pytest.LogCaptureFixture, change: dict[str, bytes],
) -> None:  # fmt: skip
    await make_topic(kafka)
    await counters.raise_("a")
    reader = await make_reader(KafkaSubscription(feed_client, kafka, PATIENCE), feed_client)
    async with reader.running(), attacking(kafka) as attacker:
        await reader.until(2)
        await eventually(lambda: clients)
        await attacker.send_headers(forged_after((await stored(feed_client))[-1], "TokenRevoked"), **change)
        await eventually(lambda: "are skipped" in caplog.text)
        await counters.raise_("b")
        await reader.until(4)
    assert await effects(reader) == [event.id for event in await stored(feed_client)]


async def test_header_name_that_is_no_utf8_stops_neither_reader_nor_relay(
    counters: Counters, kafka: KafkaConnection, feed_client: FeedClient, make_reader: MakeReader, clients: list[KafkaReader],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    await with_checkpoints(counters)
    reader = await make_reader(KafkaSubscription(feed_client, kafka, BY_MESSAGES), feed_client)
    async with reader.running(), attacking(kafka) as attacker:
        first = Relay(counters.store, counters.watcher, kafka)
        async with in_background(first.run()):
            await counters.raise_("a")
            await eventually(lambda: first.sent == 2)
        await eventually(lambda: clients)
        await attacker.send_name_that_is_no_utf8()
        await eventually(lambda: "can't be read: UnicodeDecodeError" in caplog.text)
        second = Relay(counters.store, counters.watcher, kafka)
        async with in_background(second.run()):
            await counters.raise_("b")
            await eventually(lambda: second.sent == 4)
            await reader.until(4)
    assert len(clients) == 1, "the reader went on with the client that it had"


async def test_bomb_is_passed_over_unopened(
    counters: Counters, kafka: KafkaConnection, feed_client: FeedClient, make_reader: MakeReader, clients: list[KafkaReader],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """64 MiB of nothing, which gzip makes small enough for the topic; what the process takes meanwhile is counted by allocations."""
    await make_topic(kafka)
    await counters.raise_("a")
    reader = await make_reader(KafkaSubscription(feed_client, kafka, BY_MESSAGES), feed_client)
    async with reader.running():
        await reader.until(2)
        await eventually(lambda: clients)
        async with attacking(kafka, compression_type="gzip", max_request_size=128 * MIB, max_batch_size=128 * MIB) as attacker:
            await attacker.send_junk(bytes(64 * MIB))
        tracemalloc.start()
        try:
            async with attacking(kafka) as attacker:
                await eventually(lambda: "its batch is compressed" in caplog.text)
                await counters.raise_("b")
                await attacker.send_batch((await stored(feed_client))[2:])
                await reader.until(4)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert most < 16 * MIB
    assert await effects(reader) == [event.id for event in await stored(feed_client)]


async def test_batch_of_more_messages_than_a_relay_sends_is_passed_over_unread(
    counters: Counters, kafka: KafkaConnection, feed_client: FeedClient, make_reader: MakeReader, clients: list[KafkaReader],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    await make_topic(kafka)
    reader = await make_reader(KafkaSubscription(feed_client, kafka, PATIENCE), feed_client)
    async with reader.running(), attacking(kafka, max_batch_size=MIB) as attacker:
        await eventually(lambda: clients)
        producer = attacker._producer
        batch = producer.create_batch()
        while batch.record_count() < 501:
            assert batch.append(timestamp=None, key=None, value=b"x")
        await (await producer.send_batch(batch, TOPIC, partition=0))
        await eventually(lambda: "holds 501 messages" in caplog.text)
        await counters.raise_("a")
        await reader.until(2)
    assert len(clients) == 1


@pytest.mark.parametrize("epoch", [-5, 2**31 - 1, 1])
@pytest.mark.parametrize("over_kafka", [True, False])
async def test_mark_that_leads_nowhere_heals_by_itself(
    counters: Counters, kafka: KafkaConnection, feed_client: FeedClient, make_reader: MakeReader, caplog: pytest.LogCaptureFixture,
    epoch: int, over_kafka: bool,
) -> None:  # fmt: skip
    """As an earlier release left it, which believed a forged event: with that event's epoch and its id."""
    await make_topic(kafka)
    await counters.raise_("a", "b")
    reader = await make_reader(KafkaSubscription(feed_client, kafka, PATIENCE) if over_kafka else None, feed_client)
    await reader.consumer.catch_up()
    forged = forged_after((await stored(feed_client))[-1], "PersonAdded")
    await reader.pool.execute("insert into effects (event_id, position, stream, type) values ($1, 5, 'x', 'PersonAdded')", forged.id)
    await reader.pool.execute("update marks set epoch = $1, position = 6, event_id = $2", epoch, forged.id)
    await reader.pool.execute(PARK_FORGED, SCHEMA, epoch, forged.id, encode(replace(forged, position=6, epoch=epoch)))
    with caplog.at_level(logging.WARNING):
        async with reader.running():
            await eventually(lambda: f"does not know the mark {epoch}:6:{forged.id}" in caplog.text)
            await eventually(lambda: has_left(reader, forged.id))
            await eventually(reader.is_whole)
            await counters.raise_("c")
            await reader.until(6)
            assert await reader.has_nothing_parked()
    assert await effects(reader) == [event.id for event in await stored(feed_client)]
