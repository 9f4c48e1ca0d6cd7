"""The relay brings every event to its topic, in order, whatever happens to the topic, to other relays and to its own process."""

import asyncio
import logging
import os
import signal
import sys
from itertools import count
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from placet_shared.bus.envelope import from_row
from placet_shared.bus.kafka import KafkaConnection, Relay
from placet_shared.bus.kafka.backlog import Backlog
from placet_shared.bus.kafka.messages import encode
from placet_shared.bus.kafka.topics import SETTINGS
from placet_shared.free_ports import free_port
from placet_shared.testing import eventually
from placet_shared.workers import in_background

from .conftest import SCHEMA, Counters
from .over_kafka import TOPIC, administering, delete_topic, first_times, messages, relayed, until_relayed, with_checkpoints

pytestmark = [pytest.mark.postgres, pytest.mark.kafka]

PROGRAM = Path(__file__).with_name("relay_counters.py")
LOCK_HOLDER = "select pid from pg_stat_activity where application_name = 'placet counters relay'"


async def positions(kafka: KafkaConnection) -> list[int]:
    return [event.position for event in await relayed(kafka)]


async def test_topic_holds_the_stores_events_in_order(counters: Counters, kafka: KafkaConnection, relay: Relay) -> None:
    await counters.raise_("a", "b", "a")
    await until_relayed(kafka, 5)
    await counters.raise_("c")
    await until_relayed(kafka, 7)
    assert await relayed(kafka) == [from_row(SCHEMA, row) for row in await counters.site.events()]
    assert {message.partition for message in await messages(kafka)} == {0}


async def test_more_than_a_batch_holds_comes_without_a_gap(counters: Counters, kafka: KafkaConnection, relay: Relay) -> None:
    await asyncio.gather(*[counters.raise_(f"key-{number}") for number in range(700)])
    await until_relayed(kafka, 1400)
    assert await positions(kafka) == list(range(1, 1401))


async def test_relay_goes_on_where_another_one_ended(counters: Counters, kafka: KafkaConnection) -> None:
    await with_checkpoints(counters)
    for number in range(3):
        async with in_background(Relay(counters.store, counters.watcher, kafka).run()):
            await counters.raise_(f"key-{number}")
            await until_relayed(kafka, 2 * number + 2)
    assert first_times(await positions(kafka)) == [1, 2, 3, 4, 5, 6]


async def test_of_two_relays_one_works_and_the_other_takes_over(counters: Counters, kafka: KafkaConnection) -> None:
    await with_checkpoints(counters)
    relays = [Relay(counters.store, counters.watcher, kafka) for _ in range(2)]
    async with in_background(*[relay.run() for relay in relays]):
        await counters.raise_("a", "b")
        await until_relayed(kafka, 4)
        await eventually(lambda: sorted(relay.sent for relay in relays) == [0, 4])
        await counters.site.fetch(f"select pg_terminate_backend(pid) from ({LOCK_HOLDER}) r order by random()")
        await counters.raise_("c")
        await until_relayed(kafka, 6)
    assert first_times(await positions(kafka)) == [1, 2, 3, 4, 5, 6]


async def test_two_relays_at_once_keep_the_order(counters: Counters, kafka: KafkaConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a connection that hung: the old relay does not know yet that its lock is another one's."""
    monkeypatch.setattr("placet_shared.workers.leadership.TRY_LOCK", "select $1::text is not null")
    await with_checkpoints(counters)
    relays = [Relay(counters.store, counters.watcher, kafka, look_every=0.5) for _ in range(2)]
    keys = (f"key-{number}" for number in count())

    async def both_are_at_work() -> bool:
        """One that begins late goes on from where the other is, and needs something new to send."""
        await counters.raise_(next(keys))
        return all(relay.sent for relay in relays)

    async with in_background(*[relay.run() for relay in relays]):
        await eventually(both_are_at_work)
        for _ in range(40):
            last = await counters.raise_(next(keys))
        assert last
        await until_relayed(kafka, last.position)
    assert first_times(await positions(kafka)) == list(range(1, last.position + 1))


async def test_topic_that_was_deleted_is_made_again_and_filled(counters: Counters, kafka: KafkaConnection, relay: Relay) -> None:
    await counters.raise_("a", "b")
    await until_relayed(kafka, 4)
    await delete_topic(kafka)
    await until_relayed(kafka, 4)
    assert first_times(await positions(kafka)) == [1, 2, 3, 4]


async def test_topic_that_was_made_again_is_filled(counters: Counters, kafka: KafkaConnection) -> None:
    await with_checkpoints(counters)
    async with in_background(Relay(counters.store, counters.watcher, kafka).run()):
        await counters.raise_("a", "b", "c")
        await until_relayed(kafka, 6)
    await delete_topic(kafka)
    async with administering(kafka) as admin:
        await admin.create_topics([NewTopic(TOPIC, 1, 1, topic_configs=dict(SETTINGS))])
    async with in_background(Relay(counters.store, counters.watcher, kafka).run()):
        await until_relayed(kafka, 6)
        await counters.raise_("d")
        await until_relayed(kafka, 8)
    assert await positions(kafka) == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_message_of_another_producer_at_the_end_changes_nothing(counters: Counters, kafka: KafkaConnection) -> None:
    await with_checkpoints(counters)
    first = Relay(counters.store, counters.watcher, kafka)
    async with in_background(first.run()):
        await counters.raise_("a")
        await eventually(lambda: first.sent == 2)  # and noted, without which it would begin again
    async with AIOKafkaProducer(bootstrap_servers=kafka.servers) as producer:
        await producer.send_and_wait(TOPIC, b"not an event")
    async with in_background(Relay(counters.store, counters.watcher, kafka).run()):
        await counters.raise_("b")
        await eventually(ends_with_position_4, kafka)
    values = [message.headers and dict(message.headers)["ce_position"] for message in await messages(kafka)]
    assert [value for value in values if value] == [b"1", b"2", b"3", b"4"]


async def test_copy_of_a_later_event_at_the_end_makes_the_relay_skip_nothing(counters: Counters, kafka: KafkaConnection) -> None:
    """Word for word, as a client that reads the feed and may write to the topic can."""
    await with_checkpoints(counters)
    first = Relay(counters.store, counters.watcher, kafka)
    async with in_background(first.run()):
        await counters.raise_("a")
        await eventually(lambda: first.sent == 2)
    await counters.raise_("b", "c", "d")
    last = encode(from_row(SCHEMA, (await counters.site.events())[-1]))
    async with AIOKafkaProducer(bootstrap_servers=kafka.servers) as producer:
        await producer.send_and_wait(TOPIC, last.value, last.key, headers=last.headers)
    second = Relay(counters.store, counters.watcher, kafka)
    async with in_background(second.run()):
        await eventually(lambda: second.sent == 8)
    assert await positions(kafka) == [1, 2, 8, 3, 4, 5, 6, 7, 8]


async def ends_with_position_4(kafka: KafkaConnection) -> bool:
    last = (await messages(kafka))[-1]
    return dict(last.headers).get("ce_position") == b"4"


async def test_broker_that_refuses_an_event_is_heard_of_and_all_goes_on_when_it_is_mended(
    counters: Counters, kafka: KafkaConnection, relay: Relay, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("placet_shared.bus.kafka.relay.REFUSED_RETRY_SECONDS", 0.2)
    await counters.raise_("a")
    await until_relayed(kafka, 2)
    await alter(kafka, "100")
    await counters.raise_("b")
    with caplog.at_level(logging.ERROR):
        await eventually(lambda: "--add-config max.message.bytes=1048576" in caplog.text)
    assert "position 3" in caplog.text
    await alter(kafka, SETTINGS["max.message.bytes"])
    await until_relayed(kafka, 4)
    assert await positions(kafka) == [1, 2, 3, 4]


async def alter(kafka: KafkaConnection, largest: str) -> None:
    async with administering(kafka) as admin:
        settings = {**SETTINGS, "max.message.bytes": largest}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, TOPIC, settings)])


async def test_source_that_was_restored_goes_on_in_its_topic(counters: Counters, kafka: KafkaConnection) -> None:
    await with_checkpoints(counters)
    async with in_background(Relay(counters.store, counters.watcher, kafka).run()):
        await counters.raise_("a", "b", "c")
        await until_relayed(kafka, 6)
    await counters.restore_backup(after=4)
    async with in_background(Relay(counters.store, counters.watcher, kafka).run()):
        await counters.raise_("x", "y")
        await until_relayed(kafka, 8)
    events = await relayed(kafka)
    assert [event.position for event in events if event.epoch == 1][:6] == [1, 2, 3, 4, 5, 6]
    assert first_times([event.position for event in events if event.epoch == 2]) == [5, 6, 7, 8]


@pytest.mark.parametrize("point", ["relay.before_send:2", "relay.before_checkpoint:2", "relay.after_checkpoint:2"])
async def test_killed_relay_loses_nothing(counters: Counters, kafka: KafkaConnection, point: str) -> None:
    await with_checkpoints(counters)
    await asyncio.gather(*[counters.raise_(f"key-{number}") for number in range(800)])
    environment = {**os.environ, "PLACET_CRASH_AT": point}
    arguments = [sys.executable, str(PROGRAM), counters.site.url, kafka.servers]
    process = await asyncio.create_subprocess_exec(*arguments, env=environment)
    assert await process.wait() == -signal.SIGKILL
    async with in_background(Relay(counters.store, counters.watcher, kafka).run()):
        await until_relayed(kafka, 1600)
    assert first_times(await positions(kafka)) == list(range(1, 1601))


async def test_backlog_is_what_the_topic_lacks_whichever_replica_relays(counters: Counters, kafka: KafkaConnection) -> None:
    await with_checkpoints(counters)
    working, idle = (Relay(counters.store, counters.watcher, kafka) for _ in range(2))
    assert await idle.backlog() == Backlog(0, 0.0)
    await counters.raise_("a", "b")
    lacking = await idle.backlog()
    assert lacking.events == 4
    assert lacking.seconds > 0
    async with in_background(working.run()):
        await eventually(lambda: working.sent == 4)
    assert await idle.backlog() == Backlog(0, 0.0)
    await counters.raise_("a")
    assert (await idle.backlog()).events == 1
    await counters.site.fetch("update relay_checkpoints set position = 1000")  # of a branch that was lost
    assert await idle.backlog() == Backlog(0, 0.0)


async def test_relay_without_a_broker_waits_for_one_and_warns_once(
    counters: Counters, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("placet_shared.bus.kafka.relay.RETRY_SECONDS", 0.01)
    await with_checkpoints(counters)
    caplog.set_level(logging.INFO, "placet_shared.bus.kafka.relay")

    def said() -> list[int]:
        return [record.levelno for record in caplog.records if "begins again" in record.getMessage()]

    async with in_background(Relay(counters.store, counters.watcher, KafkaConnection(f"127.0.0.1:{free_port()}")).run()):
        await eventually(lambda: len(said()) >= 3)
    assert said()[0] == logging.WARNING
    assert set(said()[1:]) == {logging.INFO}
