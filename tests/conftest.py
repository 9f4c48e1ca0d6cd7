"""A whole installation as tests from outside see it: every service a real process, on free ports and an empty database."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import asyncpg
import httpx
import pytest

from forking import ForkedProcess
from kafka_broker import Broker
from placet.embedded import DataFolder
from placet.embedded.parent_death import ending_with_parent
from placet.embedded.problems import ProgramFailed
from placet.embedded.roles import CREATE_ROLES, SET_PARAMETER, login_role
from placet.supervisor.addresses import addresses
from placet.supervisor.databases import DatabaseUrls
from placet.supervisor.environment import Surroundings
from placet.supervisor.people import write_people
from placet_client import Addresses, Client
from placet_shared.processes import PROCESSES, SOURCES, ServiceProcess
from placet_shared.testing import PASSWORD, DatabaseServer, as_role, clean_environment, eventually_blocking

READY_WITHIN = 90.0


@dataclass
class Running:
    """An installation that a test may call, kill and start again.

    People and tokens are those of `placet up`: alice (developer), bob (reviewer), carol (risk-officer), dora (admin), erin
    (auditor) and the service account ci (pipeline).
    """

    folder: DataFolder
    addresses: Addresses
    surroundings: Surroundings
    processes: dict[str, ForkedProcess] = field(default_factory=dict)

    def token(self, name: str) -> str:
        return (self.folder.tokens / f"{name}.token").read_text().strip()

    def client(self, name: str) -> Client:
        """The Python client of a person; close it."""
        return Client(self.addresses, self.token(name))

    def placet(self, who: str, *words: object, told: str | None = None) -> subprocess.CompletedProcess[str]:
        """The `placet` command as a person runs it, to its end."""
        arguments = [str(word) for word in words]
        with TemporaryFile("w+") as typed, TemporaryFile("w+") as out, TemporaryFile("w+") as err:
            typed.write(told or "")
            typed.seek(0)
            stdin, stdout, stderr = typed.fileno(), out.fileno(), err.fileno()
            code = ForkedProcess("placet", arguments, env=self._as(who), stdin=stdin, stdout=stdout, stderr=stderr).wait()
            for said in (out, err):
                said.seek(0)
            return subprocess.CompletedProcess(arguments, code, out.read(), err.read())

    def start_placet(self, who: str, *words: object) -> subprocess.Popen[str]:
        """The same, left running."""
        command = ending_with_parent([sys.executable, "-m", "placet", *map(str, words)], parent_died=signal.SIGKILL)
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=self._as(who))

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to find this installation; seen positions and the like stay in its folder."""
        urls = {f"PLACET_{source.upper()}_URL": getattr(self.addresses, source) for source in SOURCES}
        own = {"PLACET_DATA_DIR": str(self.folder.path), "XDG_STATE_HOME": str(self.folder.path / "state")}
        return {**clean_environment(), **urls, **own}

    def _as(self, who: str) -> dict[str, str]:
        return {**self.environment, "PLACET_TOKEN_FILE": str(self.folder.tokens / f"{who}.token")}

    def start(self, name: str) -> None:
        """A service, or `verification-worker`; `wait_until_ready` says when it answers."""
        process = next(process for process in PROCESSES if process.name == name)
        self.spawn(name, process, self.surroundings.for_serving(process.source))

    def spawn(self, name: str, program: ServiceProcess, environment: Mapping[str, str]) -> None:
        """A process under a name, which is also its log's."""
        with (self.folder.logs / f"{name}.log").open("ab") as log, Path(os.devnull).open() as nothing:
            self.processes[name] = ForkedProcess(
                program.package,
                program.arguments,
                env=environment,
                stdin=nothing.fileno(),
                stdout=log.fileno(),
                stderr=log.fileno(),
            )

    def kill(self, name: str) -> None:
        """As `kill -9` does it."""
        self.processes[name].kill()
        self.processes[name].wait()

    def wait_until_ready(self, *names: str) -> None:
        """Until these services answer, or all."""
        for process in PROCESSES:
            if process.serves and process.name in (names or self.processes):
                self.wait_until_answers(process.name, getattr(self.addresses, process.source))

    def wait_until_answers(self, name: str, url: str) -> None:
        """Until the process of this name is ready to serve there."""
        eventually_blocking(self._is_ready, name, url, deadline=READY_WITHIN, state=lambda: self.log(name))

    def log(self, name: str) -> str:
        return (self.folder.logs / f"{name}.log").read_text()

    def _is_ready(self, name: str, url: str) -> bool:
        if self.processes[name].poll() is not None:
            raise ProgramFailed(name, "ended before it was ready", self.folder.logs / f"{name}.log")
        try:
            return httpx.get(f"{url}/health/ready", trust_env=False, verify=False).is_success
        except httpx.TransportError:
            return False


@pytest.fixture(scope="module")
def installation(postgres_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all tests of a module, which must therefore use names of their own."""
    with installed(postgres_server, tmp_path_factory.mktemp("installation")) as running:
        yield running


@pytest.fixture
def fresh_installation(postgres_server: DatabaseServer, tmp_path: Path) -> Iterator[Running]:
    """One for a single test, which may kill what it likes."""
    with installed(postgres_server, tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def module_kafka_broker(kafka_installation: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker of the module's own: an installation has its topics for itself."""
    broker = Broker(kafka_installation, tmp_path_factory.mktemp("broker"))
    try:
        broker.start()
        broker.wait_until_ready()
        yield broker
    finally:
        broker.kill()


@pytest.fixture(scope="module")
def installation_over_kafka(
    postgres_server: DatabaseServer, module_kafka_broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """One whose services follow each other over Kafka, for all tests of a module."""
    folder = tmp_path_factory.mktemp("over-kafka")
    with installed(postgres_server, folder, PLACET_KAFKA_BOOTSTRAP_SERVERS=module_kafka_broker.address) as running:
        yield running


@pytest.fixture(scope="session")
def install(postgres_server: DatabaseServer) -> Callable[..., AbstractContextManager[Running]]:
    """Installs in a folder, when it is entered; its processes get the variables that it is called with."""
    return partial(installed, postgres_server)


@contextmanager
def installed(server: DatabaseServer, path: Path, kind: type[Running] = Running, **environment: str) -> Iterator[Running]:
    """An installation of some kind in an empty database, until the block ends; its processes get these variables too.

    Its webhooks may lead to this machine and to no other.
    """
    environment = {"PLACET_APPROVAL_WEBHOOK_NETWORKS": "127.0.0.0/8", **environment}
    with server.database(migrated) as superuser:
        asyncio.run(create_roles(superuser))  # the rights to a database are not copied with it
        surroundings = _surroundings(path / "data", superuser, **environment)
        running = kind(surroundings.folder, Addresses(**{source: surroundings.addresses[source].url for source in SOURCES}), surroundings)
        with started(running):
            yield running


def _surroundings(path: Path, superuser: str, **environment: str) -> Surroundings:
    """People in a new data folder, free ports, and one database for all."""
    folder = DataFolder(path)
    folder.prepare()
    write_people(folder, with_demo=True)
    where = addresses(clean_environment(**{f"PLACET_{source.upper()}_PORT": "0" for source in SOURCES}))
    databases = {source: DatabaseUrls(login=as_role(superuser, login_role(source)), migration=superuser) for source in SOURCES}
    return Surroundings(clean_environment(**environment), folder, where, databases)


async def migrated(superuser: str) -> None:
    """A database in which an installation can start: roles, and the tables of every service."""
    await create_roles(superuser)
    with tempfile.TemporaryDirectory() as folder:
        await asyncio.to_thread(migrate, _surroundings(Path(folder), superuser))


@contextmanager
def started(running: Running) -> Iterator[None]:
    """On databases that were migrated."""
    try:
        for process in PROCESSES:
            if process.is_there:
                running.start(process.name)
        running.wait_until_ready()
        yield
    finally:
        for child in running.processes.values():
            child.kill()
            child.wait()


def migrate(surroundings: Surroundings) -> None:
    """Each service's own, at once."""
    with ExitStack() as stack:
        nothing = stack.enter_context(Path(os.devnull).open())
        outputs = {process: stack.enter_context(TemporaryFile("w+")) for process in PROCESSES if process.is_there and process.serves}
        migrations = {
            out: ForkedProcess(
                process.package,
                process.migration[1:],
                env=surroundings.for_migrating(process.source),
                stdin=nothing.fileno(),
                stdout=out.fileno(),
                stderr=out.fileno(),
            )
            for process, out in outputs.items()
        }
        for out, migration in migrations.items():
            code = migration.wait()
            out.seek(0)
            assert code == 0, out.read()


async def create_roles(superuser: str) -> None:
    connection = await asyncpg.connect(superuser)
    try:
        async with connection.transaction():
            for source in SOURCES:
                await connection.execute(SET_PARAMETER, "placet.source", source)
                await connection.execute(SET_PARAMETER, "placet.password", PASSWORD)
                await connection.execute(CREATE_ROLES)
    finally:
        await connection.close()
