"""Every test runs with this: nothing beyond this machine, one PostgreSQL server for the run, a fresh database for a test that asks."""

import asyncio
import ipaddress
import os
import shutil
import signal
import sys
import tempfile
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from frugality import compile_once, keep_temporary_files_in_memory
from kafka_broker import Broker, CannotRun, Installation, install
from kafka_broker.toxiproxy import Toxiproxy, running_toxiproxy
from placet.embedded import DataFolder, open_cluster


def _refuse_the_outside(event: str, args: tuple[Any, ...]) -> None:
    """An audit hook: a socket may connect to a unix path or a loopback address, and to nothing else."""
    if event != "socket.connect":
        return
    address = args[1]
    if isinstance(address, tuple) and address[0] != "localhost" and not ipaddress.ip_address(address[0].split("%")[0]).is_loopback:
        raise ConnectionRefusedError(f"tests do not reach beyond this machine, and this one tried {address[0]}")


sys.addaudithook(_refuse_the_outside)


def pytest_configure(config: pytest.Config) -> None:
    keep_temporary_files_in_memory()
    compile_once(config.rootpath / ".pytest_cache/bytecode")


# Less than `faulthandler_timeout`, which ends the whole run: what waits for ever is to fail under its own name.
LIMIT_SECONDS = float(os.environ.get("PLACET_TEST_LIMIT_SECONDS", "540"))
_ENDS_AT = pytest.StashKey[float]()


@contextmanager
def _limited(item: pytest.Item) -> Iterator[None]:
    """A test and what it asks for have a time limit, however they wait; where they still wait then is in the traceback."""

    def give_up(*_: object) -> None:
        raise TimeoutError(f"{item.nodeid} has waited for ever: it had {LIMIT_SECONDS:.0f} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, max(item.stash[_ENDS_AT] - time.monotonic(), 0.01))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    item.stash[_ENDS_AT] = time.monotonic() + LIMIT_SECONDS
    with _limited(item):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    with _limited(item):
        yield


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server that tests may do anything to; `any_database` is a superuser's URL."""

    runner: asyncio.Runner
    any_database: str

    def superuser_url(self, database: str = "postgres") -> str:
        return urlunsplit(urlsplit(self.any_database)._replace(path=f"/{database}"))

    def execute(self, statement: str) -> None:
        self.runner.run(_execute(self.superuser_url(), statement))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The embedded server, as durable as in production; or the one that PLACET_TEST_POSTGRES_URL names."""
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner(loop_factory=asyncio.new_event_loop))
        if url := os.environ.get("PLACET_TEST_POSTGRES_URL"):
            yield PostgresServer(runner, url)
            return
        # Not pytest's own temporary folder: started by root, the server runs as somebody who can't enter it.
        folder = Path(tempfile.mkdtemp(prefix="placet-tests-"))
        stack.callback(shutil.rmtree, folder)
        folder.chmod(0o711)
        cluster = open_cluster(DataFolder(folder))
        stack.callback(shutil.rmtree, cluster.sockets)
        stack.callback(lambda: runner.run(cluster.stop()))
        runner.run(cluster.create())
        runner.run(cluster.start())
        runner.run(cluster.ready())
        yield PostgresServer(runner, cluster.url("postgres"))


@pytest.fixture
def database(postgres_server: PostgresServer) -> Iterator[str]:
    """A superuser's URL of an empty database that is dropped afterwards, whoever is still connected."""
    name = f"test_{uuid.uuid4().hex}"
    postgres_server.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY wal_log")
    try:
        yield postgres_server.superuser_url(name)
    finally:
        postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def kafka_installation() -> Installation:
    """Kafka's programs; without Java or Maven the tests that need them are skipped, with PLACET_REQUIRE_KAFKA=1 they fail."""
    try:
        return install()
    except CannotRun as error:
        if os.environ.get("PLACET_REQUIRE_KAFKA") == "1":
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def kafka_broker(kafka_installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A running broker for all tests of this process, which use topics of their own and leave it alone."""
    with _running(Broker(kafka_installation, tmp_path_factory.mktemp("kafka"))) as broker:
        yield broker


@pytest.fixture
def own_kafka_broker(kafka_installation: Installation, tmp_path: Path) -> Iterator[Broker]:
    """A running broker for one test, which may kill it."""
    with _running(Broker(kafka_installation, tmp_path / "kafka")) as broker:
        yield broker


@pytest.fixture
def toxiproxy() -> Iterator[Toxiproxy]:
    """Without Go the tests that need it are skipped, with PLACET_REQUIRE_KAFKA=1 they fail."""
    try:
        with running_toxiproxy() as toxiproxy:
            yield toxiproxy
    except CannotRun as error:
        if os.environ.get("PLACET_REQUIRE_KAFKA") == "1":
            raise
        pytest.skip(str(error))


@contextmanager
def _running(broker: Broker) -> Iterator[Broker]:
    try:
        broker.start()
        broker.wait_until_ready()
        yield broker
    finally:
        broker.kill()
