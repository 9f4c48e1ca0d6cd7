"""A data folder of the former layout (one database, four schemas), carried over by a process that is killed at every moment of it."""

import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from placet.embedded import Cluster, DataFolder
from placet.embedded.carrying_over import FORMER_DATABASE
from placet.embedded.problems import CannotCarryOver
from placet.embedded.roles import CREATE_ROLES, SET_PARAMETER, database_of, login_role
from placet.embedded.secret_files import keep_secret
from placet.supervisor.databases import create_embedded, embedded_urls
from placet_shared.processes import SOURCES

pytestmark = pytest.mark.postgres

StartCluster = Callable[[Path], Awaitable[Cluster]]
PROGRAM = Path(__file__).parents[1] / "programs" / "carries_over.py"
MOMENTS = ["after_copying:1", "after_one:2", "before_naming", "before_commit", "before_dropping", "after_dropping"]

# What a service has there: a table that no role may change, a function that is told its schema when it is made, what a rebuild leaves.
FILL = """
SET LOCAL search_path = {source};
CREATE TABLE events (position bigint PRIMARY KEY, id uuid UNIQUE, data bytea);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'never'; END $$;
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE FUNCTION newest() RETURNS bigint LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$ SELECT max(position) FROM events $$;
INSERT INTO events SELECT n, gen_random_uuid(), sha256(n::text::bytea) FROM generate_series(1, 500) n;
GRANT SELECT ON events TO placet_{source}
"""
ALL = "SELECT position, id, encode(data, 'hex') FROM {}.events ORDER BY position"

Kept = dict[str, list[Any]]


async def former(cluster: Cluster, folder: DataFolder) -> Kept:
    """Make the former layout on a new cluster; gives what is in it."""
    connection = await asyncpg.connect(cluster.url("postgres"))
    await connection.execute(f"CREATE DATABASE {FORMER_DATABASE} TEMPLATE template0")
    await connection.close()
    connection = await asyncpg.connect(cluster.url(FORMER_DATABASE))
    async with connection.transaction():
        for source in SOURCES:
            await connection.execute(SET_PARAMETER, "placet.source", source)
            await connection.execute(SET_PARAMETER, "placet.password", keep_secret(folder.secrets / f"{source}.password"))
            await connection.execute(CREATE_ROLES)
            await connection.execute(FILL.format(source=source))
    kept = {source: await connection.fetch(ALL.format(source)) for source in SOURCES}
    await connection.close()
    return kept


async def found(cluster: Cluster, folder: DataFolder) -> Kept:
    """What each service finds, logged in as itself where it is told to."""
    kept: Kept = {}
    for source in SOURCES:
        connection = await asyncpg.connect(embedded_urls(cluster, folder, source).login)
        kept[source] = await connection.fetch(ALL.format(source))
        assert await connection.fetchval(f"SELECT {source}.newest()") == len(kept[source])
        await connection.close()
    return kept


async def databases(cluster: Cluster) -> dict[str, list[str]]:
    """All but those that the server comes with, and which of our schemas they have."""
    connection = await asyncpg.connect(cluster.url("postgres"))
    names = [row[0] for row in await connection.fetch("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'")]
    await connection.close()
    schemas = {}
    for name in names:
        connection = await asyncpg.connect(cluster.url(name))
        rows = await connection.fetch("SELECT nspname FROM pg_namespace WHERE nspname = ANY($1) ORDER BY 1", SOURCES)
        schemas[name] = [row[0] for row in rows]
        await connection.close()
    return schemas


def dies(folder: Path, moment: str) -> None:
    """The process of its own that carries over, until it is killed there, and its server with it."""
    told = {**os.environ, "PLACET_CRASH_AT": moment, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    ended = subprocess.run([sys.executable, PROGRAM, folder], env=told, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL


ONE_EACH = {database_of(source): [source] for source in SOURCES}


@pytest.mark.parametrize("moment", MOMENTS)
async def test_next_start_has_everything_when_a_process_is_killed_while_carrying_over(
    open_folder: Path, start_cluster: StartCluster, moment: str
) -> None:
    folder = DataFolder(open_folder / "data")
    cluster = await start_cluster(folder.path)
    before = await former(cluster, folder)
    await cluster.stop()
    dies(folder.path, f"carrying_over.{moment}")
    again = await start_cluster(folder.path)
    await create_embedded(again, folder)
    assert await found(again, folder) == before
    assert await databases(again) == ONE_EACH


async def test_privileges_are_those_of_a_new_installation(open_folder: Path, start_cluster: StartCluster) -> None:
    folder = DataFolder(open_folder / "data")
    cluster = await start_cluster(folder.path)
    await former(cluster, folder)
    said: list[str] = []
    await create_embedded(cluster, folder, said.append)
    assert len(said) == 2
    await create_embedded(cluster, folder, said.append)
    assert len(said) == 2
    password = (folder.secrets / "registry.password").read_text().strip()
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
        await asyncpg.connect(cluster.url(database_of("approval"), login_role("registry"), password))
    superuser = await asyncpg.connect(cluster.url(database_of("registry")))
    with pytest.raises(asyncpg.RaiseError, match="never"):
        await superuser.execute("DELETE FROM registry.events")
    await superuser.close()


async def test_who_is_connected_to_the_former_database_is_named_and_nothing_is_changed(
    open_folder: Path, start_cluster: StartCluster
) -> None:
    folder = DataFolder(open_folder / "data")
    cluster = await start_cluster(folder.path)
    before = await former(cluster, folder)
    operator = await asyncpg.connect(cluster.url(FORMER_DATABASE))
    with pytest.raises(CannotCarryOver, match="being accessed by other users"):
        await create_embedded(cluster, folder)
    assert await databases(cluster) == {FORMER_DATABASE: sorted(SOURCES)}
    await operator.close()
    await create_embedded(cluster, folder)
    assert await found(cluster, folder) == before


async def test_a_former_database_that_went_on_by_itself_is_neither_used_nor_dropped(open_folder: Path, start_cluster: StartCluster) -> None:
    """An older release was started on the folder afterwards, and has events that the newer one lacks."""
    folder = DataFolder(open_folder / "data")
    cluster = await start_cluster(folder.path)
    await former(cluster, folder)
    await create_embedded(cluster, folder)
    before = await found(cluster, folder)
    went_on = await former(cluster, folder)
    assert went_on != before
    with pytest.raises(CannotCarryOver, match="which of them counts"):
        await create_embedded(cluster, folder)
    assert await found(cluster, folder) == before
    assert await databases(cluster) == {**ONE_EACH, FORMER_DATABASE: sorted(SOURCES)}


async def test_a_new_folder_has_nothing_to_carry_over(open_folder: Path, start_cluster: StartCluster) -> None:
    folder = DataFolder(open_folder / "data")
    cluster = await start_cluster(folder.path)
    said: list[str] = []
    await create_embedded(cluster, folder, said.append)
    assert (said, await databases(cluster)) == ([], ONE_EACH)
