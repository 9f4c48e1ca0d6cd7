"""One embedded PostgreSQL for a run, as durable as in production, and databases on it."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from placet.embedded import DataFolder, open_cluster
from placet.embedded.cluster import Cluster
from placet_shared.postgres import Migrations, migrate

__all__ = ["Database", "Server", "postgres_server"]

# It is gone after the run and reached through a private socket only.
PASSWORD = "benchmark"


@dataclass(frozen=True, slots=True)
class Database:
    """One database; `service_url` logs in as a role that owns nothing, as a service does."""

    superuser_url: str
    service_url: str
    service_role: str

    async def execute(self, sql: str) -> None:
        """As the superuser."""
        connection = await asyncpg.connect(self.superuser_url)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    async def migrate(self, schema: str, migrations: Migrations) -> None:
        """Make the tables of a service."""
        await migrate(self.superuser_url, schema, migrations, service_role=self.service_role)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `folder` is deleted after the run."""

    cluster: Cluster
    folder: Path

    async def database(self, name: str) -> Database:
        """A new one, with a role of the same name."""
        role = f"service_{name}"
        connection = await asyncpg.connect(self.cluster.url("postgres"))
        try:
            await connection.execute(f"create role {role} login password '{PASSWORD}'")
            await connection.execute(f"create database {name} template template0")
        finally:
            await connection.close()
        return Database(self.cluster.url(name), self.cluster.url(name, role, PASSWORD), role)


@contextmanager
def postgres_server(*, commit_times: bool = False) -> Iterator[Server]:
    """From an empty folder to nothing left; `synchronous_commit` is on, as PostgreSQL has it by default.

    With `commit_times` it records when each transaction was committed.

    Outside the benchmark's event loop, since uvloop can't start processes in the supervisor's way.
    """
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        folder = Path(tempfile.mkdtemp(prefix="placet-bench-"))
        stack.callback(shutil.rmtree, folder)
        folder.chmod(0o711)  # started by root, the server runs as another user, who must be able to enter
        cluster = open_cluster(DataFolder(folder))
        stack.callback(shutil.rmtree, cluster.sockets)
        stack.callback(lambda: runner.run(cluster.stop()))
        runner.run(_start(cluster, commit_times))
        yield Server(cluster, folder)


async def _start(cluster: Cluster, commit_times: bool) -> None:
    await cluster.create()
    if commit_times:
        with (cluster.folder / "postgresql.auto.conf").open("a") as settings:
            settings.write("track_commit_timestamp = on\n")
    await cluster.start()
    await cluster.ready()
