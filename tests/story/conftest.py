"""Placet as `make run` starts it, on ports and a folder of its own, for tests that kill it."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from placet.demo.artifacts import Artifacts, make_artifacts
from placet.embedded import DataFolder, open_cluster
from placet.embedded.roles import database_of
from placet_client import Addresses, Client, find_token
from placet_shared.free_ports import free_port
from placet_shared.processes import SOURCES
from placet_shared.testing import clean_environment, eventually_blocking, traversable_folder

TOLD_WITHIN = 400.0
SERVICES = SOURCES
GENERATIONS = "select relname from pg_class where relkind = 'r' and relname ~ '_g[0-9]+$'"
PROJECTED = """
    select distinct n.nspname || '.' || v.relname from pg_class v
    join pg_namespace n on n.oid = v.relnamespace
    join pg_class g on g.relnamespace = v.relnamespace and g.relkind = 'r' and g.relname ~ ('^' || v.relname || '_g[0-9]+$')
    where v.relkind = 'v' order by 1
"""
ROWS_OF = "select '{table}', coalesce(array_agg(t::text), '{{}}') from {table} t"


@dataclass
class Machine:
    """One machine with Placet on it."""

    folder: Path
    ports: dict[str, int] = field(default_factory=lambda: {service: free_port() for service in SERVICES})
    up: subprocess.Popen[bytes] | None = None
    said: list[str] = field(default_factory=list)

    @property
    def addresses(self) -> Addresses:
        return Addresses(**{service: f"http://127.0.0.1:{port}" for service, port in self.ports.items()})

    @property
    def environment(self) -> dict[str, str]:
        """Of `placet up` and of everything that talks to it."""
        ports = {f"PLACET_{service.upper()}_PORT": str(port) for service, port in self.ports.items()}
        urls = {f"PLACET_{service.upper()}_URL": f"http://127.0.0.1:{port}" for service, port in self.ports.items()}
        state = {"XDG_STATE_HOME": str(self.folder / "state"), "PLACET_DATA_DIR": str(self.folder)}
        return clean_environment(**ports, **urls, **state, PYTHONUNBUFFERED="1")

    def start(self) -> None:
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self.up = subprocess.Popen([sys.executable, "-m", "placet", "up"], env=self.environment, stdout=log, stderr=log)
        eventually_blocking(self._are_all_ready, state=self.log)

    def stop(self) -> None:
        if self.up and self.up.poll() is None:
            self.up.terminate()
            self.up.wait(60)

    def kill_everything(self) -> None:
        """The power goes."""
        assert self.up
        everything = [psutil.Process(self.up.pid), *psutil.Process(self.up.pid).children(recursive=True)]
        for process in everything:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.up.wait()
        psutil.wait_procs(everything, timeout=30)

    def kill(self, what: str) -> None:
        """As `kill -9` does it: `up`, `postgres`, a service, or `worker`; one that is being restarted is waited for."""
        assert self.up
        if what == "up":
            self.up.kill()
            self.up.wait()
            self.start()
            return
        for child in eventually_blocking(self._running, what, state=self.log):
            with suppress(psutil.NoSuchProcess):  # it ended by itself just now
                child.kill()

    def process(self, what: str) -> psutil.Process:
        """The process of a service, or `worker`."""
        (found,) = eventually_blocking(self._running, what, state=self.log)
        return found

    def _running(self, what: str) -> list[psutil.Process]:
        assert self.up
        return [child for child in psutil.Process(self.up.pid).children(recursive=True) if self._is(child, what)]

    def _is(self, child: psutil.Process, what: str) -> bool:
        try:
            words = child.cmdline()
        except psutil.NoSuchProcess:
            return False
        if what == "postgres":
            return bool(words) and words[0].endswith("/postgres")
        if what == "worker":
            return "worker" in words
        return f"placet_{what}" in words and "worker" not in words

    def client(self, name: str) -> Client:
        return Client(self.addresses, find_token(name, self.folder, {}))

    def placet(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The `placet` command, to its end."""
        command = [sys.executable, "-m", "placet", *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=TOLD_WITHIN, check=False)

    def projections(self) -> dict[str, list[str]]:
        """Every row of every table that is made from events, as text."""
        found: dict[str, list[str]] = {}
        for source in SOURCES:
            rows = self._ask(source, *[ROWS_OF.format(table=row[0]) for row in self._ask(source, PROJECTED)[0]])
            found.update({row[0]: sorted(row[1]) for (row,) in rows})
        return found

    def generations(self) -> set[int]:
        """How often such tables were built."""
        return {int(row[0].rpartition("_g")[2]) for source in SOURCES for row in self._ask(source, GENERATIONS)[0]}

    def _ask(self, source: str, *questions: str) -> list[list[asyncpg.Record]]:
        """A service's database, as its owner may."""

        async def asked() -> list[list[asyncpg.Record]]:
            connection = await asyncpg.connect(open_cluster(DataFolder(self.folder)).url(database_of(source)))
            try:
                return [await connection.fetch(question) for question in questions]
            finally:
                await connection.close()

        return asyncio.run(asked())

    def log(self) -> str:
        return (self.folder.parent / f"{self.folder.name}.log").read_text()

    def tell(self, heard: Callable[[str], bool] = lambda line: False, *options: str) -> int | None:
        """The demo, once, with these options; `heard` gets each line and says whether the demo itself is to be killed now, and then None is
        answered."""
        told = subprocess.Popen(
            [sys.executable, "-m", "placet", "demo", *options],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert told.stdout
        self.said.clear()
        with told:
            for line in told.stdout:
                self.said.append(line)
                if heard(line):
                    told.kill()
                    return None
            return told.wait(TOLD_WITHIN)

    def _are_all_ready(self) -> bool:
        assert self.up
        assert self.up.poll() is None, self.log()
        return all(self._is_ready(service) for service in SERVICES)

    def _is_ready(self, service: str) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.ports[service]}/health/ready", trust_env=False, verify=False).is_success
        except httpx.TransportError:
            return False


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Artifacts:
    """Trained once for all stories, so that all of them are about the same bytes."""
    return make_artifacts(tmp_path_factory.mktemp("artifacts"))


@contextmanager
def a_machine(artifacts: Artifacts) -> Iterator[Machine]:
    with ExitStack() as stack:
        machine = Machine(stack.enter_context(traversable_folder()) / "data")
        (machine.folder / "demo").mkdir(parents=True)
        machine.folder.chmod(0o711)
        for file in (artifacts.careful, artifacts.hasty, artifacts.training_data, artifacts.test_data):
            (machine.folder / "demo" / file.name).write_bytes(file.read_bytes())
        stack.callback(machine.stop)
        machine.start()
        yield machine


@pytest.fixture(scope="module")
def machine(artifacts: Artifacts) -> Iterator[Machine]:
    with a_machine(artifacts) as one:
        yield one


@pytest.fixture(scope="module")
def other_machine(artifacts: Artifacts) -> Iterator[Machine]:
    with a_machine(artifacts) as one:
        yield one
