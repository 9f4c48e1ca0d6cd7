"""`placet up` on the data of a release that kept everything in one database, and what a database for each service is good for."""

import asyncio
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from placet.embedded import Cluster, DataFolder, open_cluster
from placet.embedded.carrying_over import FORMER_DATABASE
from placet.embedded.roles import database_of, login_role
from placet.supervisor.addresses import addresses
from placet.supervisor.databases import DatabaseUrls
from placet.supervisor.environment import Surroundings
from placet.supervisor.people import write_people
from placet_client import Addresses, Client
from placet_shared.processes import SOURCES
from placet_shared.testing import PASSWORD, clean_environment, eventually_blocking, traversable_folder

from ..conftest import Running, create_roles, migrate, started

pytestmark = pytest.mark.postgres

PATIENCE = 90.0
APPEND_LOCK = "select append_lock()"
FREE_PORTS = {f"PLACET_{source.upper()}_PORT": "0" for source in SOURCES}


@pytest.fixture
def folder() -> Iterator[DataFolder]:
    with traversable_folder() as outer:
        folder = DataFolder(outer / "data")
        folder.prepare()
        yield folder
        shutil.rmtree(folder.socket_record.read_text().strip(), ignore_errors=True)


def in_the_former_layout(folder: DataFolder, work: Callable[[Running], None]) -> None:
    """Real services over one database do this work, and end."""
    cluster = open_cluster(folder)

    async def with_server(act: Callable[[], Awaitable[None]]) -> None:
        await cluster.create()
        await cluster.start()
        await cluster.ready()
        try:
            await act()
        finally:
            await cluster.stop()

    async def act() -> None:
        connection = await asyncpg.connect(cluster.url("postgres"))
        await connection.execute(f"create database {FORMER_DATABASE} template template0")
        await connection.close()
        await create_roles(cluster.url(FORMER_DATABASE))
        await asyncio.to_thread(_work, cluster, folder, work)

    asyncio.run(with_server(act))


def _work(cluster: Cluster, folder: DataFolder, work: Callable[[Running], None]) -> None:
    write_people(folder, with_demo=True)
    where = addresses(FREE_PORTS)
    urls = {
        source: DatabaseUrls(cluster.url(FORMER_DATABASE, login_role(source), PASSWORD), cluster.url(FORMER_DATABASE)) for source in SOURCES
    }
    surroundings = Surroundings(clean_environment(), folder, where, urls)
    running = Running(folder, Addresses(**{source: where[source].url for source in SOURCES}), surroundings)
    migrate(surroundings)
    with started(running):
        work(running)


class Up:
    """`placet up`, until the test ends it."""

    def __init__(self, folder: DataFolder, output: Path) -> None:
        self.folder, self._output = folder, output
        told = clean_environment(PLACET_DATA_DIR=str(folder.path), **FREE_PORTS)
        with output.open("wb") as opened:
            self.process = subprocess.Popen([sys.executable, "-m", "placet", "up"], env=told, stdout=opened, stderr=opened)

    @property
    def said(self) -> str:
        return self._output.read_text()

    def must_be_ready(self) -> None:
        eventually_blocking(self._is_ready, state=lambda: self.said)

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.said
        return "Ready in" in self.said

    def client(self, name: str) -> Client:
        found = dict(re.findall(r"^  (\w+) +(http://\S+) +ready", self.said, re.MULTILINE))
        return Client(
            Addresses(**{source: found[source] for source in SOURCES}), (self.folder.tokens / f"{name}.token").read_text().strip()
        )

    def log_in(self, source: str, database: str) -> Any:
        password = (self.folder.secrets / f"{source}.password").read_text().strip()
        return asyncpg.connect(open_cluster(self.folder).url(database, login_role(source), password))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)


@pytest.fixture
def up(folder: DataFolder, tmp_path: Path) -> Iterator[Callable[[], Up]]:
    runs: list[Up] = []

    def start() -> Up:
        runs.append(Up(folder, tmp_path / f"said-{len(runs)}"))
        return runs[-1]

    yield start
    for run in runs:
        with suppress(subprocess.TimeoutExpired):
            run.stop()
        run.process.kill()
        run.process.wait()


def test_what_a_former_release_kept_is_all_there_in_a_database_for_each_service(folder: DataFolder, up: Callable[[], Up]) -> None:
    def work(running: Running) -> None:
        for name in ("kept-one", "kept-two"):
            with running.client("alice") as alice:
                alice.registry.register_model(name, "Before the change.")

    in_the_former_layout(folder, work)
    run = up()
    run.must_be_ready()
    assert "each service has a database of its own now" in run.said
    with run.client("alice") as alice:
        kept = [alice.registry.model(name) for name in ("kept-one", "kept-two")]
        assert [model.description and model.description.text for model in kept] == ["Before the change."] * 2
        alice.registry.register_model("new-one", "After it.")
        registered = [entry for entry in alice.audit.timeline(limit=200).items if entry.type == "ModelRegistered"]
    assert sorted(str(entry.model_name) for entry in registered) == ["kept-one", "kept-two", "new-one"]
    run.stop()
    again = up()
    again.must_be_ready()
    assert "database of its own" not in again.said


def test_a_lock_of_registrys_role_does_not_keep_approval_from_appending(folder: DataFolder, up: Callable[[], Up]) -> None:
    run = up()
    run.must_be_ready()
    asyncio.run(_hold_all_it_can_and(run, lambda: add_a_person(run)))


async def _hold_all_it_can_and(run: Up, act: Callable[[], None]) -> None:
    """As registry's role with its password: approval's append lock where it may connect, which is not where approval appends."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
        await run.log_in("registry", database_of("approval"))
    approval = await run.log_in("approval", database_of("approval"))
    await approval.execute("set search_path = approval")
    key = await approval.fetchval(APPEND_LOCK)
    await approval.close()
    registry = await run.log_in("registry", database_of("registry"))
    await registry.execute("select pg_advisory_lock($1)", key)
    await asyncio.to_thread(act)
    await registry.close()


def add_a_person(run: Up) -> None:
    with run.client("dora") as dora:
        assert dora.approval.add_person("frida", None, None, ["developer"])
