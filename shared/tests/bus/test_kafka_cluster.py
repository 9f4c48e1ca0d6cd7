"""Three brokers of which one is killed, and connections that are cut, delayed or hang: the same promises."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from kafka_broker import Broker, Installation
from kafka_broker.toxiproxy import Toxiproxy
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.kafka import KafkaConnection, KafkaSubscription, Relay
from placet_shared.bus.watcher import StoreWatcher
from placet_shared.event_store import EventStore
from placet_shared.free_ports import free_port
from placet_shared.workers import in_background

from ..event_store.conftest import EVENT_REGISTRY
from .conftest import SCHEMA, Counters, MakeReader
from .over_kafka import PATIENCE, first_times, relayed, until_relayed, with_checkpoints

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.slow]

COPIES = {
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "controller.quorum.bootstrap.servers": None,
}


@pytest.fixture
def brokers(kafka_installation: Installation, tmp_path: Path) -> Iterator[list[Broker]]:
    controllers = {node: free_port() for node in (1, 2, 3)}
    voters = ",".join(f"{node}@127.0.0.1:{port}" for node, port in controllers.items())
    brokers = []
    for node, port in controllers.items():
        settings = {**COPIES, "node.id": str(node), "controller.quorum.voters": voters}
        brokers.append(Broker(kafka_installation, tmp_path / f"kafka-{node}", controller_port=port, settings=settings))
    try:
        for broker in brokers:
            broker.start()
        for broker in brokers:
            broker.wait_until_ready()
        yield brokers
    finally:
        for broker in brokers:
            broker.kill()


async def load(counters: Counters, name: str, number: int) -> None:
    for one in range(number):
        await counters.raise_(f"{name}-{one}")
        await asyncio.sleep(0.005)


async def test_each_of_three_brokers_is_killed_once(
    brokers: list[Broker], counters: Counters, feed_client: FeedClient, make_reader: MakeReader
) -> None:
    kafka = KafkaConnection(",".join(broker.address for broker in brokers), replication_factor=3)
    await with_checkpoints(counters)
    reader = await make_reader(KafkaSubscription(feed_client, kafka, PATIENCE))
    async with in_background(Relay(counters.store, counters.watcher, kafka).run()), reader.running():
        await counters.raise_("first")
        await until_relayed(kafka, 2)
        for number, broker in enumerate(brokers):
            loading = asyncio.create_task(load(counters, f"round-{number}", 100))
            broker.kill()
            await loading
            head = (await counters.feed.head()).position
            await until_relayed(kafka, head)
            await reader.until(head)
            broker.start()
            await asyncio.to_thread(broker.wait_until_ready)
    assert await reader.positions() == list(range(1, 603))
    assert first_times([event.position for event in await relayed(kafka)]) == list(range(1, 603))


@pytest.fixture
def proxied(kafka_installation: Installation, toxiproxy: Toxiproxy, tmp_path: Path) -> Iterator[tuple[Broker, KafkaConnection]]:
    """A broker that tells its clients to come through the proxy, and how one reaches it so."""
    port, controller, behind = free_port(), free_port(), free_port()
    outside = toxiproxy.between("kafka", behind)
    settings: dict[str, str | None] = {
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller},PROXIED://127.0.0.1:{behind}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port},PROXIED://127.0.0.1:{outside}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT",
    }
    broker = Broker(kafka_installation, tmp_path / "kafka", port, controller, settings)
    try:
        broker.start()
        broker.wait_until_ready()
        yield broker, KafkaConnection(f"127.0.0.1:{outside}")
    finally:
        broker.kill()


async def forward(socket: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """PostgreSQL listens on a socket only; the proxy speaks TCP."""

    async def pipe(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()

    inner_reader, inner_writer = await asyncio.open_unix_connection(socket)
    await asyncio.gather(pipe(reader, inner_writer), pipe(inner_reader, writer))


def over_tcp(url: str, port: int) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{port}", query=""))


def socket_of(url: str) -> str:
    settings = dict(pair.split("=") for pair in urlsplit(url).query.split("&"))
    return f"{settings['host']}/.s.PGSQL.{settings['port']}"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # aiokafka forgets connections that hung when opened
@pytest.mark.parametrize("victim", ["kafka", "postgres"])
async def test_connections_are_cut_delayed_and_hang(
    proxied: tuple[Broker, KafkaConnection],
    toxiproxy: Toxiproxy,
    counters: Counters,
    feed_client: FeedClient,
    make_reader: MakeReader,
    victim: str,
) -> None:
    broker, kafka = proxied
    await with_checkpoints(counters)
    server = await asyncio.start_server(lambda r, w: forward(socket_of(counters.site.url), r, w), "127.0.0.1", 0)
    outside = toxiproxy.between("postgres", server.sockets[0].getsockname()[1])
    url = over_tcp(counters.site.url, outside)
    store = EventStore(url, SCHEMA, EVENT_REGISTRY)
    await store.start()
    watcher = StoreWatcher(url, SCHEMA, SCHEMA)
    await watcher.start()
    direct = KafkaConnection(broker.address)
    reader = await make_reader(KafkaSubscription(feed_client, kafka, PATIENCE))
    try:
        async with in_background(Relay(store, watcher, kafka, look_every=0.5).run()), reader.running():
            await counters.raise_("first")
            await until_relayed(direct, 2)
            faults: list[Callable[[str], None]] = [toxiproxy.cut, toxiproxy.hang, lambda name: toxiproxy.delay(name, 300)]
            for number, fault in enumerate(faults):
                fault(victim)
                await load(counters, f"round-{number}", 100)
                await reader.until((await counters.feed.head()).position)  # by the feed, if need be
                toxiproxy.heal()
                await until_relayed(direct, (await counters.feed.head()).position)
    finally:
        await watcher.close()
        await store.close()
        server.close()
    assert await reader.positions() == list(range(1, 603))
    assert first_times([event.position for event in await relayed(direct)]) == list(range(1, 603))
