import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest

from placet_shared.testing import traversable_folder
from placet_shared.tokens import is_well_formed

pytestmark = pytest.mark.postgres

NAMES = {"alice", "bob", "carol", "dora", "erin", "ci"}
SERVICES = {"registry", "approval", "verification", "audit"}
DEADLINE = 30.0


class Run(Protocol):
    process: Any
    said: str
    must_say: Callable[..., None]
    must_end: Callable[[], int]
    stop: Callable[[], int]
    call: Callable[..., int]
    family: Callable[[], list[psutil.Process]]
    postmaster: Callable[[], psutil.Process]


class Starter(Protocol):
    prefix: tuple[str, ...]
    own: Callable[[Path], None]


StartUp = Callable[..., Run]


def must_be_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=DEADLINE)
    assert alive == []


@pytest.fixture
def folder(open_folder: Path) -> Iterator[Path]:
    """A data folder where nothing was started yet; the socket folder that belongs to it is removed with it."""
    yield open_folder / "data"
    remove_sockets(open_folder / "data")


@pytest.fixture(scope="module")
def used_folder() -> Iterator[Path]:
    """A data folder that has seen other starts, and how they ended: each start must cope with what the one before left."""
    with traversable_folder() as outer:
        yield outer / "data"
        remove_sockets(outer / "data")


def remove_sockets(data: Path) -> None:
    if (record := data / "socket-folder").exists():
        shutil.rmtree(record.read_text().strip())


def test_first_start_serves_and_a_second_one_keeps_what_it_knew(folder: Path, start_up: StartUp, starter: Starter) -> None:
    starter.own(folder.parent)
    first = start_up(folder, *starter.prefix)
    first.must_say("Ready in")
    assert first.call("/calls") == 1
    assert "made a new database" in first.said
    family = first.family()
    assert first.stop() == 0
    must_be_gone(family)

    second = start_up(folder, *starter.prefix)
    second.must_say("Ready in")
    assert second.call("/calls") == 2
    assert "made a new database" not in second.said
    assert second.stop() == 0


def test_first_start_tells_where_the_demo_tokens_are_and_shows_none(folder: Path, start_up: StartUp) -> None:
    run = start_up(folder)
    run.must_say("Ready in")
    demo = {file.stem: file for file in (folder / "tokens").iterdir()}
    services = {file.stem: file for file in (folder / "secrets").glob("*.token")}
    assert (set(demo), set(services)) == (NAMES, SERVICES)
    tokens = {file.read_text().strip() for file in (*demo.values(), *services.values())}
    assert len(tokens) == len(NAMES) + len(SERVICES)
    assert all(is_well_formed(token) for token in tokens)
    assert {file.stat().st_mode & 0o777 for file in (*demo.values(), *services.values())} == {0o600}
    assert all(name in run.said for name in NAMES)
    assert str(folder / "tokens") in run.said
    assert not any(token in run.said for token in tokens)


def test_a_second_start_on_the_same_folder_is_refused_and_names_the_first(used_folder: Path, start_up: StartUp) -> None:
    first = start_up(used_folder)
    first.must_say("Ready in")
    second = start_up(used_folder)
    assert second.must_end() == 1
    assert f"already in use by process {first.process.pid}" in second.said
    assert first.call("/calls") > 0


def test_kill_9_of_the_supervisor_leaves_nothing_that_stops_the_next_start(used_folder: Path, start_up: StartUp) -> None:
    first = start_up(used_folder)
    first.must_say("Ready in")
    calls = first.call("/calls")
    family = first.family()
    first.process.kill()
    second = start_up(used_folder)
    second.must_say("Ready in")
    assert second.call("/calls") == calls + 1
    first.must_end()
    must_be_gone(family)


def test_kill_9_of_everything_at_once_loses_nothing(used_folder: Path, start_up: StartUp) -> None:
    first = start_up(used_folder)
    first.must_say("Ready in")
    calls = first.call("/calls")
    for process in first.family():
        with suppress(psutil.NoSuchProcess):  # it went with its parent
            process.kill()
    second = start_up(used_folder)
    second.must_say("Ready in")
    assert second.call("/calls") == calls + 1


def test_a_postmaster_that_is_killed_is_started_again(used_folder: Path, start_up: StartUp) -> None:
    run = start_up(used_folder, MAKELEVEL="1")
    run.must_say("Next, in another terminal: `.venv/bin/placet status --as alice`, or two models from training to the gate: `make demo`.")
    calls = run.call("/calls")
    service = run.call()
    run.postmaster().kill()
    run.must_say("died (SIGKILL)")
    run.must_say("ready in", times=3)
    assert run.call("/calls") == calls + 1
    assert run.call() == service


def test_a_service_that_dies_is_started_again_and_the_others_stay(used_folder: Path, start_up: StartUp) -> None:
    run = start_up(used_folder)
    run.must_say("Ready in")
    first, postmaster = run.call(), run.postmaster()
    os.kill(first, signal.SIGKILL)
    run.must_say("starting it again in 0.2 s")
    run.must_say("ready in", times=3)
    second = run.call()
    assert second != first
    os.kill(second, signal.SIGKILL)
    run.must_say("starting it again in 0.4 s")
    assert run.postmaster() == postmaster


@pytest.mark.parametrize("signal_file", ["standby.signal", "recovery.signal"])
def test_a_start_on_a_folder_that_is_recovered_waits_until_it_is_promoted_and_says_so(
    folder: Path, start_up: StartUp, signal_file: str
) -> None:
    """A standby waits to be promoted; the other one for the archive, whose command here does not end before the test says so."""
    first = start_up(folder)
    first.must_say("Ready in")
    calls = first.call("/calls")
    assert first.stop() == 0
    arrived = folder.parent / "arrived"
    with (folder / "postgres" / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"restore_command = 'while [ ! -e {arrived} ]; do sleep 0.1; done; false'\n" if "recovery" in signal_file else "")
    (folder / "postgres" / signal_file).touch()

    second = start_up(folder)
    second.must_say(f"recovers from a backup ({signal_file})")
    assert "Migrating" not in second.said
    assert "ready in" not in second.said
    arrived.touch()
    if signal_file == "standby.signal":
        (folder / "postgres" / "promote").touch()
        second.postmaster().send_signal(signal.SIGUSR1)
    second.must_say("Ready in")
    assert second.call("/calls") == calls + 1
    assert second.stop() == 0


def test_a_service_that_does_not_stop_is_killed_at_the_second_ctrl_c(used_folder: Path, start_up: StartUp) -> None:
    run = start_up(used_folder, STANDIN_IS_DEAF="1")
    run.must_say("Ready in")
    family = run.family()
    run.process.send_signal(signal.SIGINT)
    run.must_say("Stopping")
    assert run.stop() == 0
    assert "killed" in run.said
    must_be_gone(family)


def test_sigterm_while_it_starts_stops_it_cleanly(used_folder: Path, start_up: StartUp) -> None:
    run = start_up(used_folder)
    run.must_say("postgres ")
    family = run.family()
    run.process.terminate()
    assert run.must_end() == 0
    must_be_gone(family)


def test_sigint_stops_it_also_in_the_background_of_a_script_where_the_shell_ignores_it(used_folder: Path, start_up: StartUp) -> None:
    run = start_up(used_folder, "/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh")
    run.must_say("postgres ")
    assert run.stop() == 0


def test_a_port_in_use_is_named_with_its_setting(used_folder: Path, start_up: StartUp) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = start_up(used_folder, PLACET_REGISTRY_PORT=str(port))
        assert run.must_end() == 1
    assert f"Port {port} on 127.0.0.1" in run.said
    assert "PLACET_REGISTRY_PORT" in run.said


def test_a_migration_that_fails_stops_the_start_with_its_last_words(used_folder: Path, start_up: StartUp) -> None:
    run = start_up(used_folder, STANDIN_FAILS_TO_MIGRATE="1")
    assert run.must_end() == 1
    assert "placet: Migrating registry-service failed" in run.said
    assert "Traceback" not in run.said
    assert "these tables are not mine" in run.said


def test_servers_of_the_operator_are_used_without_an_embedded_one(folder: Path, start_up: StartUp) -> None:
    theirs = {f"PLACET_{source.upper()}_DATABASE_URL": "postgresql://placet@127.0.0.1:1/none" for source in SERVICES}
    run = start_up(folder, PLACET_REGISTRY_MIGRATION_URL="postgresql://placet@127.0.0.1:1/none", **theirs)
    assert run.must_end() == 1
    assert "Migrating registry-service failed" in run.said
    assert not (folder / "postgres").exists()
    assert list((folder / "tokens").iterdir()) == []
