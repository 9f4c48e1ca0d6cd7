"""`kill -9` of the process and of PostgreSQL at named points: what was acknowledged is there, and nothing is there twice."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from placet.embedded import Cluster, DataFolder, open_cluster
from placet_shared.event_store import EventStore, RequestKey
from placet_shared.postgres import connect
from placet_shared.testing import as_role, eventually, traversable_folder

from .conftest import EVENT_REGISTRY, SCHEMA, SERVICE_ROLE, Site, metadata, prepared, raising

pytestmark = pytest.mark.postgres

POINTS = ["writer.before_append", "writer.after_append", "writer.before_commit", "writer.after_commit", "store.before_answer"]
KEYS = [f"key-{number}" for number in range(30)]
PROGRAM = Path(__file__).with_name("raise_counters.py")


async def raise_in_a_process(url: str, crash_at: str = "") -> tuple[int, list[str]]:
    """Exit code and the keys that were acknowledged."""
    environment = {**os.environ, "PLACET_CRASH_AT": crash_at}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), url, *KEYS, stdout=asyncio.subprocess.PIPE, env=environment
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode().split()


@pytest.mark.parametrize("point", POINTS)
async def test_killed_process_loses_nothing_acknowledged_and_repeats_nothing(site: Site, point: str) -> None:
    code, acknowledged = await raise_in_a_process(site.url, crash_at=f"{point}:2" if point.startswith("store") else point)
    assert code == -signal.SIGKILL
    totals = {row["id"]: row["total"] for row in await site.fetch("select id, total from counters")}
    assert all(totals[f"counter-{key}"] == 1 for key in acknowledged)

    code, acknowledged = await raise_in_a_process(site.url)
    assert code == 0
    assert sorted(acknowledged) == sorted(KEYS)
    rows = await site.fetch("select total from counters")
    assert [row["total"] for row in rows] == [1] * len(KEYS)
    assert [event["position"] for event in await site.events()] == list(range(1, 2 * len(KEYS) + 1))


@pytest.fixture
def folder() -> Iterator[Path]:
    with traversable_folder() as folder:
        yield folder


@pytest.fixture
async def cluster(folder: Path) -> AsyncIterator[Cluster]:
    """A server of this test alone, to be killed."""
    cluster = open_cluster(DataFolder(folder))
    await cluster.create()
    await cluster.start()
    await cluster.ready()
    yield cluster
    await cluster.stop()
    shutil.rmtree(cluster.sockets)


async def prepare(cluster: Cluster) -> tuple[str, str]:
    """Tables of the test's domain; the superuser's and the service's URL."""
    url = cluster.url("postgres")
    await prepared(url)
    return url, as_role(url, SERVICE_ROLE)


async def test_killed_postgres_in_the_middle_of_commands_loses_and_repeats_nothing(cluster: Cluster) -> None:
    superuser, url = await prepare(cluster)
    store = EventStore(url, SCHEMA, EVENT_REGISTRY)
    await store.start()

    async def one(key: str) -> None:
        await store.run(raising(key), metadata(), None, action="raise", request_key=RequestKey(key, b"h" * 32))

    keys = [f"key-{number}" for number in range(400)]
    running = [asyncio.create_task(one(key)) for key in keys]
    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    assert cluster.process
    cluster.process.kill()
    await cluster.process.wait()
    await cluster.start()
    await cluster.ready()
    await asyncio.gather(*running)
    await store.close()

    connection = await connect(superuser, SCHEMA)
    assert {row["total"] for row in await connection.fetch("select total from counters")} == {1}
    assert await connection.fetchval("select count(*) from counters") == len(keys)
    positions = [row["position"] for row in await connection.fetch("select position from events order by position")]
    await connection.close()
    assert positions == list(range(1, 2 * len(keys) + 1))


async def test_writer_whose_backend_was_ended_during_commit_finds_out_what_happened(store: EventStore, site: Site) -> None:
    """The session is terminated by the server again and again; every command still has exactly one effect."""
    end_writers = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'placet counters writer'"

    commands = [asyncio.create_task(store.run(raising(f"key-{number}"), metadata(), None, action="raise")) for number in range(150)]
    ended = 0

    async def is_ended_or_all_is_done() -> bool:
        nonlocal ended
        found = await site.fetch(end_writers)
        ended += len(found)
        return bool(found) or all(command.done() for command in commands)

    for _ in range(6):
        await eventually(is_ended_or_all_is_done)
    await asyncio.gather(*commands)
    assert ended
    assert {row["total"] for row in await site.fetch("select total from counters")} == {1}
    assert len(await site.events()) == 300


async def recovered(url: str) -> None:
    """Returns when recovery has ended and the server takes writes."""
    connection = await asyncpg.connect(url)
    await connection.execute("do $$ begin while pg_is_in_recovery() loop perform pg_sleep(0.02); end loop; end $$")
    await connection.close()


async def test_point_in_time_recovery_opens_a_new_epoch_and_positions_go_on(cluster: Cluster) -> None:
    superuser, url = await prepare(cluster)
    store = EventStore(url, SCHEMA, EVENT_REGISTRY)
    await store.start()
    before = await store.run(raising("a"), metadata(), None, action="raise")
    await store.close()
    await cluster.stop()

    # What every restore from an archive does: recovery ends on a new timeline.
    signal_file = cluster.folder / "recovery.signal"
    signal_file.touch()
    with (cluster.folder / "postgresql.auto.conf").open("a") as settings:
        settings.write("restore_command = 'false'\n")
    os.chown(signal_file, cluster.account.uid, cluster.account.gid)
    await cluster.start()
    await cluster.ready()
    await recovered(superuser)

    store = EventStore(url, SCHEMA, EVENT_REGISTRY)
    await store.start()
    after = await store.run(raising("a"), metadata(), None, action="raise")
    await store.close()
    assert before.position
    assert after.position
    assert (before.position.epoch, after.position.epoch) == (1, 2)
    assert after.position.position == before.position.position + 1
    connection = await connect(superuser, SCHEMA)
    epochs = [tuple(row) for row in await connection.fetch("select epoch, first_position from epochs order by epoch")]
    await connection.close()
    assert epochs == [(1, 1), (2, 3)]
