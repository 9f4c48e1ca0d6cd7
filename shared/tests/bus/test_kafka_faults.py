"""Broker, relay, consumer or database killed under load: nothing is lost, nothing has its effect twice, all heals by itself."""

import asyncio
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from kafka_broker import Broker
from placet.embedded import Cluster, DataFolder, open_cluster
from placet.embedded.parent_death import ending_with_parent
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.kafka import KafkaConnection, KafkaSubscription, Relay
from placet_shared.event_store import EventStore, RecordedEvent
from placet_shared.postgres import connect
from placet_shared.testing import eventually, traversable_folder
from placet_shared.workers import in_background

from ..event_store.conftest import metadata, raising
from .conftest import READERS, SERVICE_TOKEN, Counters, MakeReader, prepared_with_readers
from .over_kafka import PATIENCE, delete_topic, first_times, relayed, until_relayed, with_checkpoints

pytestmark = [pytest.mark.postgres, pytest.mark.kafka]

HERE = Path(__file__).parent


async def load(counters: Counters, numbers: range) -> None:
    """New counters, one after the other; each makes two events, however often it has to be tried."""
    for number in numbers:
        await raise_patiently(counters.store, f"key-{number}")


async def load_until(counters: Counters, enough: asyncio.Event) -> int:
    """New counters until there are enough; how many."""
    number = 0
    while not enough.is_set():
        await raise_patiently(counters.store, f"key-{number}")
        number += 1
        await asyncio.sleep(0.005)
    return number


async def raise_patiently(store: EventStore, key: str) -> None:
    async def is_done() -> bool:
        try:
            await store.run(raising(key), metadata(), None, action="raise")
        except Exception:  # whatever a database that is killed makes of it
            return False
        return True

    await eventually(is_done)


async def restart(broker: Broker) -> None:
    """Killed as by `kill -9`, and there again."""
    broker.kill()
    broker.start()
    await asyncio.to_thread(broker.wait_until_ready)


@pytest.fixture
def own_kafka(own_kafka_broker: Broker) -> KafkaConnection:
    return KafkaConnection(own_kafka_broker.address)


async def test_broker_that_is_killed_under_load_costs_nothing(
    counters: Counters, own_kafka_broker: Broker, own_kafka: KafkaConnection, feed_client: FeedClient, make_reader: MakeReader
) -> None:
    await with_checkpoints(counters)
    relay = Relay(counters.store, counters.watcher, own_kafka, look_every=0.5)
    reader = await make_reader(KafkaSubscription(feed_client, own_kafka, PATIENCE))
    async with in_background(relay.run()), reader.running():
        await counters.raise_("first")
        await until_relayed(own_kafka, 2)
        await load(counters, range(100))
        await reader.until(100)
        await asyncio.gather(restart(own_kafka_broker), load(counters, range(100, 300)))
        head = (await counters.feed.head()).position
        await reader.until(head)
        await until_relayed(own_kafka, head)
    assert head == 602
    assert await reader.positions() == list(range(1, head + 1))
    assert first_times([event.position for event in await relayed(own_kafka)]) == list(range(1, head + 1))


async def test_slow_consumer_gets_everything_in_order(
    counters: Counters, own_kafka: KafkaConnection, feed_client: FeedClient, make_reader: MakeReader
) -> None:
    await with_checkpoints(counters)
    relay = Relay(counters.store, counters.watcher, own_kafka)
    reader = await make_reader(KafkaSubscription(feed_client, own_kafka, PATIENCE))
    apply = reader.projection.apply
    appended = [0]

    async def produce(key: str) -> None:
        position = await counters.raise_(key)
        assert position
        appended.append(position.position)

    async def behind(connection: asyncpg.Connection, event: RecordedEvent) -> None:
        await eventually(lambda: max(appended) >= min(event.position + 200, 800))
        await apply(connection, event)

    reader.projection.apply = behind  # type: ignore[method-assign]
    async with in_background(relay.run()), reader.running():
        await asyncio.gather(*[produce(f"key-{number}") for number in range(400)])
        await reader.until(800)
    assert await reader.positions() == list(range(1, 801))


@dataclass
class Program:
    """One of our programs, started again whenever it ends."""

    arguments: list[str]
    process: asyncio.subprocess.Process | None = None

    async def keep(self) -> None:
        command = ending_with_parent([sys.executable, *self.arguments], parent_died=signal.SIGKILL)
        try:
            while True:
                self.process = await asyncio.create_subprocess_exec(*command)
                await self.process.wait()
        finally:
            await self.kill()

    async def kill(self) -> None:
        """As `kill -9` does it."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that the database's account can enter."""
    with traversable_folder() as folder:
        yield folder


@pytest.fixture
async def cluster(folder: Path) -> AsyncIterator[Cluster]:
    """A PostgreSQL of this test alone, in which the counters and their readers live."""
    cluster = open_cluster(DataFolder(folder))
    try:
        await cluster.create()
        await cluster.start()
        await cluster.ready()
        yield cluster
    finally:
        await cluster.stop()
        shutil.rmtree(cluster.sockets)


class TestEverythingIsKilled:
    """The database is the test's own."""

    @pytest.fixture
    async def database(self, cluster: Cluster) -> str:
        await prepared_with_readers(url := cluster.url("postgres"))
        return url

    @pytest.mark.slow
    async def test_again_and_again_nothing_is_lost_or_doubled(
        self, cluster: Cluster, counters: Counters, reader_url: str, own_kafka_broker: Broker, own_kafka: KafkaConnection
    ) -> None:
        await with_checkpoints(counters)
        relay = Program([str(HERE / "relay_counters.py"), counters.site.url, own_kafka.servers])
        consuming = [counters.url, reader_url, SERVICE_TOKEN, str(10**9), own_kafka.servers]
        consumers = [Program([str(HERE / "consume_counters.py"), *consuming]) for _ in range(2)]

        async def kill_postgres() -> None:
            assert cluster.process
            cluster.process.kill()
            await cluster.process.wait()
            await cluster.start()
            await cluster.ready()

        faults: list[Callable[[], Awaitable[object]]] = [
            partial(restart, own_kafka_broker),
            relay.kill,
            consumers[0].kill,
            kill_postgres,
            consumers[1].kill,
            partial(delete_topic, own_kafka),
        ]
        async with in_background(*[program.keep() for program in (relay, *consumers)]):
            enough = asyncio.Event()
            loading = asyncio.create_task(load_until(counters, enough))
            for fault in faults * 2:
                reached = await applied(counters)
                await fault()
                await eventually(has_gone_on, counters, reached)
            enough.set()
            number = await loading
            head = (await counters.feed.head()).position
            await eventually(has_gone_on, counters, head - 1)
            await until_relayed(own_kafka, head)
        assert head >= 2 * number  # a command may be tried again that had its effect
        assert await effects(counters) == list(range(1, head + 1))
        assert first_times([event.position for event in await relayed(own_kafka)]) == list(range(1, head + 1))


async def effects(counters: Counters) -> list[int]:
    connection = await connect(counters.site.superuser_url, READERS)
    try:
        return [row["position"] for row in await connection.fetch("select position from effects order by number")]
    finally:
        connection.terminate()


async def applied(counters: Counters) -> int:
    return len(await effects(counters))


async def has_gone_on(counters: Counters, reached: int) -> bool:
    return await applied(counters) > reached
