"""Every test runs with this: nothing beyond this machine, one PostgreSQL server for the run, a fresh database for a test that asks."""

import asyncio
import ipaddress
import os
import shutil
import signal
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from frugality import compile_once, keep_temporary_files_in_memory, without_collections
from kafka_broker import Broker, CannotRun, Installation, archive_classes, install
from kafka_broker.toxiproxy import Toxiproxy, running_toxiproxy
from placet.embedded import DataFolder, open_cluster
from placet_shared.testing import DatabaseServer, PrepareDatabase, traversable_folder


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
    os.environ.pop("COLUMNS", None)  # the run's own terminal is none of the commands' that are tested


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    with without_collections():
        return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are processors: tests wait for processes and disks for a third of their time."""
    return len(os.sched_getaffinity(0)) + 1


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


# Faster, and no less safe where only a crash of the whole machine would tell: tests that kill PostgreSQL start one of their own.
HASTY = """
fsync = off
full_page_writes = off
max_wal_size = 256MB
shared_buffers = 32MB
scram_iterations = 1
"""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[DatabaseServer]:
    """An embedded server in a hurry; or the one that PLACET_TEST_POSTGRES_URL names."""
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner(loop_factory=asyncio.new_event_loop))
        if url := os.environ.get("PLACET_TEST_POSTGRES_URL"):
            server = DatabaseServer(runner, url, "wal_log")  # without a checkpoint, which costs a durable server its time
            stack.callback(server.close)
            stack.callback(server.drop_templates)
            yield server
            return
        cluster = open_cluster(DataFolder(stack.enter_context(traversable_folder())))
        stack.callback(shutil.rmtree, cluster.sockets)
        stack.callback(lambda: runner.run(cluster.stop()))
        runner.run(cluster.create())
        with (cluster.folder / "postgresql.conf").open("a") as settings:
            settings.write(HASTY)
        runner.run(cluster.start())
        runner.run(cluster.ready())
        server = DatabaseServer(runner, cluster.url("postgres"), "file_copy")
        stack.callback(server.close)
        yield server


@pytest.fixture(scope="session")
def prepare_database() -> PrepareDatabase | None:
    """What every `database` has in it when a test begins: nothing; a folder of tests overrides it."""
    return None


@pytest.fixture
def database(postgres_server: DatabaseServer, prepare_database: PrepareDatabase | None) -> Iterator[str]:
    """A superuser's URL of a database of the test's own."""
    with postgres_server.database(prepare_database) as url:
        yield url


@pytest.fixture(scope="session")
def kafka_installation() -> Installation:
    """Kafka's programs; without Java or Maven the tests that need them are skipped, with PLACET_REQUIRE_KAFKA=1 they fail."""
    try:
        installation = install()
        archive_classes(installation)
        return installation
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
