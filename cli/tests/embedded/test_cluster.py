import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import psutil
import pytest

from placet.embedded import Cluster, DataFolder, open_cluster
from placet.embedded.problems import CannotStart, ProgramFailed
from placet_shared.postgres import wait_for_database
from placet_shared.testing import eventually_blocking, traversable_folder

pytestmark = pytest.mark.postgres

COUNT = "SELECT count(*) FROM kept"
StartCluster = Callable[[Path], Awaitable[Cluster]]


@pytest.fixture(scope="module")
def used_data() -> Iterator[Path]:
    """A data folder that has seen other starts, and how they ended: each start must cope with what the one before left."""
    with traversable_folder() as outer:
        yield outer / "data"


async def ask(cluster: Cluster, question: str) -> object:
    connection = await asyncpg.connect(cluster.url("postgres"))
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def write_one_more(cluster: Cluster) -> object:
    """What must be found again: how many rows there are now."""
    await ask(cluster, "CREATE TABLE IF NOT EXISTS kept (at timestamptz)")
    await ask(cluster, "INSERT INTO kept VALUES (clock_timestamp())")
    return await ask(cluster, COUNT)


def must_be_logged(cluster: Cluster, text: str, times: int) -> None:
    eventually_blocking(lambda: cluster.log.read_text().count(text) >= times, state=cluster.log.read_text)


def must_have_logged(caplog: pytest.LogCaptureFixture, text: str) -> None:
    """This process, not the server."""
    eventually_blocking(lambda: text in caplog.text, state=lambda: caplog.text)


def pid_of(cluster: Cluster) -> int:
    assert cluster.process is not None
    return cluster.process.pid


async def test_first_start_makes_a_durable_server_that_listens_on_a_socket_only(used_data: Path, start_cluster: StartCluster) -> None:
    cluster = await start_cluster(used_data)
    settings = "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE name = ANY($1)"
    connection = await asyncpg.connect(cluster.url("postgres"))
    wanted = ["data_checksums", "fsync", "listen_addresses", "server_encoding", "synchronous_commit"]
    assert await connection.fetchval(settings, wanted) == (
        "data_checksums=on fsync=on listen_addresses= server_encoding=UTF8 synchronous_commit=on"
    )
    assert await connection.fetchval("SELECT datlocale FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
    await connection.close()


async def test_the_server_runs_without_rights_and_demands_the_password(used_data: Path, start_cluster: StartCluster) -> None:
    cluster = await start_cluster(used_data)
    assert psutil.Process(pid_of(cluster)).uids().real == cluster.folder.stat().st_uid == cluster.account.uid != 0
    assert {folder.stat().st_mode & 0o777 for folder in (cluster.folder, cluster.sockets)} == {0o700}
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(cluster.url("postgres", password="guessed"))


async def test_second_start_finds_the_data_of_the_first(used_data: Path, start_cluster: StartCluster) -> None:
    first = await start_cluster(used_data)
    written = await write_one_more(first)
    await first.stop()
    assert not (first.folder / "postmaster.pid").exists()
    second = await start_cluster(used_data)
    assert await ask(second, COUNT) == written
    assert second.sockets == first.sockets


async def test_after_kill_9_of_the_postmaster_the_next_start_recovers(used_data: Path, start_cluster: StartCluster) -> None:
    first = await start_cluster(used_data)
    written = await write_one_more(first)
    os.kill(pid_of(first), signal.SIGKILL)
    second = await start_cluster(used_data)
    assert await ask(second, COUNT) == written


async def test_a_server_that_still_runs_on_the_folder_gives_way(used_data: Path, start_cluster: StartCluster) -> None:
    left_over = await start_cluster(used_data)
    written = await write_one_more(left_over)
    second = await start_cluster(used_data)
    assert left_over.process is not None
    assert await left_over.process.wait() == 0
    assert await ask(second, COUNT) == written


async def test_a_stopped_backend_of_a_killed_postmaster_gives_way(used_data: Path, start_cluster: StartCluster) -> None:
    first = await start_cluster(used_data)
    backend = next(child for child in psutil.Process(pid_of(first)).children() if "checkpointer" in " ".join(child.cmdline()))
    backend.suspend()
    os.kill(pid_of(first), signal.SIGKILL)
    second = await start_cluster(used_data)
    assert await ask(second, "SELECT 42") == 42


async def test_stale_pid_files_that_name_a_live_stranger_do_not_stop_the_start(used_data: Path, start_cluster: StartCluster) -> None:
    first = await start_cluster(used_data)
    await first.stop()
    stranger = f"{os.getppid()}\n{first.folder}\n1700000000\n5432\n{first.sockets}\n\n  1 1\nready   \n"
    (first.folder / "postmaster.pid").write_text(stranger)
    (first.sockets / ".s.PGSQL.5432.lock").write_text(stranger)
    second = await start_cluster(used_data)
    assert await ask(second, "SELECT 42") == 42


async def test_ready_waits_as_long_as_the_server_says_that_it_is_starting(used_data: Path, start_cluster: StartCluster) -> None:
    """A standby that accepts no connection looks like a recovery without an end, until it is promoted."""
    cluster = await start_cluster(used_data)
    await cluster.stop()
    (cluster.folder / "standby.signal").touch()
    with (cluster.folder / "postgresql.auto.conf").open("a") as settings:
        settings.write("hot_standby = off\n")
    await cluster.start()
    waiting = asyncio.create_task(cluster.ready())
    await asyncio.to_thread(must_be_logged, cluster, "not accepting connections", times=5)
    assert not waiting.done()
    (cluster.folder / "promote").touch()
    os.kill(pid_of(cluster), signal.SIGUSR1)
    await waiting
    assert await ask(cluster, "SELECT 42") == 42


async def test_a_standby_that_lets_us_in_is_ready_only_when_it_is_promoted(
    used_data: Path, start_cluster: StartCluster, caplog: pytest.LogCaptureFixture
) -> None:
    cluster = await start_cluster(used_data)
    await cluster.stop()
    (cluster.folder / "standby.signal").touch()
    (cluster.folder / "postgresql.auto.conf").write_text("")
    await cluster.start()
    waiting = asyncio.create_task(cluster.ready())
    await asyncio.to_thread(must_be_logged, cluster, "ready to accept read-only connections", times=1)
    assert await ask(cluster, "SELECT pg_is_in_recovery()")
    service = asyncio.create_task(wait_for_database(cluster.url("postgres"), "public", "probe"))
    await asyncio.to_thread(must_have_logged, caplog, "waiting for the database")
    assert "it is in recovery and can only be read" in caplog.text
    assert (waiting.done(), service.done(), cluster.recovers_by_order) == (False, False, "standby.signal")
    await ask(cluster, "SELECT pg_promote()")
    await asyncio.gather(waiting, service)
    assert not await ask(cluster, "SELECT pg_is_in_recovery()")
    assert cluster.recovers_by_order is None


async def test_programs_that_were_copied_make_and_run_a_server(open_folder: Path) -> None:
    cluster = open_cluster(DataFolder(open_folder / "data"))
    copied = replace(cluster, programs=cluster.programs.copy_to(open_folder / "data" / "postgres-copy"))
    await copied.create()
    await copied.start()
    try:
        await copied.ready()
        assert str(await ask(copied, "SELECT version()")).startswith(f"PostgreSQL {copied.programs.version()}")
        assert psutil.Process(pid_of(copied)).exe().startswith(str(open_folder))
    finally:
        await copied.stop()
        copied.sockets.rmdir()


async def test_a_half_made_cluster_is_made_anew(open_folder: Path, start_cluster: StartCluster) -> None:
    half_made = open_folder / "data" / "postgres.new"
    half_made.mkdir(parents=True)
    (open_folder / "data").chmod(0o711)
    (half_made / "PG_VERSION").write_text("18\n")
    cluster = await start_cluster(open_folder / "data")
    assert await ask(cluster, "SELECT 42") == 42
    assert not half_made.exists()


async def test_a_data_path_of_150_characters_works(open_folder: Path, start_cluster: StartCluster) -> None:
    long = open_folder / ("x" * (150 - len(str(open_folder)) - 1))
    assert len(str(long)) == 150
    assert await ask(await start_cluster(long), "SELECT 42") == 42


async def test_a_server_that_can_not_start_says_why(open_folder: Path, start_cluster: StartCluster) -> None:
    first = await start_cluster(open_folder / "data")
    await first.stop()
    (first.folder / "global" / "pg_control").unlink()
    with pytest.raises(ProgramFailed, match="pg_control"):
        await start_cluster(open_folder / "data")


async def test_a_lost_password_says_what_to_restore(open_folder: Path, start_cluster: StartCluster) -> None:
    first = await start_cluster(open_folder / "data")
    await first.stop()
    (open_folder / "data" / "secrets" / "postgres.password").unlink()
    with pytest.raises(CannotStart, match="secrets"):
        await start_cluster(open_folder / "data")
