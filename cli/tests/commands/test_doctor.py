"""What `placet doctor` makes of what it finds."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from placet.doctor.finding import State
from placet.doctor.machine import confinement, disk, files_with_secrets, open_files, port, private_files, python_version
from placet.doctor.services import clocks, holder, versions
from placet.supervisor.addresses import Address
from placet_client import NotSignedIn
from placet_client.answers.people import Identity
from placet_client.profiles import Profiles
from placet_shared.free_ports import free_port


@dataclass(frozen=True, slots=True)
class Usage:
    free: int
    folder: Path


NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens, which answers and says nothing of ours."""
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(("version", "state"), [((3, 11), State.OK), ((3, 13), State.OK), ((3, 14), State.WARN)])
def test_python_that_was_not_tried_is_a_warning(version: tuple[int, int], state: State) -> None:
    assert python_version(version).state == state


def test_file_that_others_can_read_fails_with_the_command_that_mends_it(tmp_path: Path) -> None:
    for name in ("secrets/audit.token", "tokens/alice.token", "profiles/default.json"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0o600)
    files = files_with_secrets(tmp_path, Profiles(tmp_path / "profiles"))
    assert (len(files), private_files(files).state) == (3, State.OK)
    files[1].chmod(0o640)
    found = private_files(files)
    assert (found.state, found.resolve) == (State.FAIL, f"chmod 600 {files[1]}")


def test_disk_is_that_of_a_folder_that_is_not_there_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = {10: State.FAIL, 1000: State.WARN, 10_000: State.OK}
    for mebibytes, state in free.items():
        monkeypatch.setattr("shutil.disk_usage", partial(Usage, mebibytes << 20))
        assert disk(tmp_path / "not/yet").state == state


def test_port_is_free_or_taken_by_another_program(taken: int) -> None:
    assert port(Address("audit", "127.0.0.1", free_port("127.0.0.1"))).state == State.OK
    found = port(Address("audit", "127.0.0.1", taken))
    assert (found.state, "PLACET_AUDIT_PORT" in found.resolve) == (State.FAIL, True)


@pytest.mark.parametrize(("limit", "state"), [(256, State.WARN), (1024, State.OK), (-1, State.OK)])
def test_few_open_files_are_a_warning(limit: int, state: State) -> None:
    assert open_files(limit).state == state


@pytest.mark.parametrize(("landlock", "seccomp", "state"), [(6, True, State.OK), (0, True, State.WARN), (6, False, State.WARN)])
def test_sandbox_that_lacks_a_part_is_a_warning(landlock: int, seccomp: bool, state: State) -> None:
    assert confinement(landlock, seccomp).state == state


def test_versions_that_differ_are_a_warning() -> None:
    assert versions({"audit": "1", "registry": "1"}, "1").state == State.OK
    assert versions({"audit": "1", "registry": "2"}, "1").state == State.WARN
    assert versions({"audit": "1", "registry": "1"}, "2").state == State.WARN


@pytest.mark.parametrize(("seconds", "state"), [(0, State.OK), (-3, State.OK), (10, State.WARN), (-10, State.WARN), (90, State.FAIL)])
def test_clocks_apart_are_told_by_how_far(seconds: int, state: State) -> None:
    found = clocks({"audit": timedelta(), "registry": timedelta(seconds=seconds)})
    assert found.state == state
    assert state == State.OK or f"registry is {abs(seconds)} s {'ahead' if seconds > 0 else 'behind'}" in found.said


@pytest.mark.parametrize(("days", "state"), [(None, State.OK), (30, State.OK), (3, State.WARN)])
def test_token_that_ends_soon_is_a_warning(days: int | None, state: State) -> None:
    expires = NOW + timedelta(days=days) if days else None
    assert holder(Identity(id="p", kind="person", name="alice", token_id="t", expires_at=expires), NOW).state == state


def test_token_that_is_refused_fails_with_what_helps() -> None:
    found = holder(NotSignedIn("No token.", "placet login"), NOW)
    assert (found.state, found.resolve) == (State.FAIL, "placet login")


def test_doctor_ends_with_1_where_no_service_is(placet: Any) -> None:
    ended = placet("doctor")
    assert ended.code == 1
    assert ended.out.count("-service") >= 4
    assert "fail  token" in ended.out


def test_wrong_address_is_a_finding_among_the_others(placet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACET_AUDIT_URL", "audit")
    ended = placet("doctor")
    assert (ended.code, "fail  addresses" in ended.out, "Python" in ended.out) == (1, True, True)
