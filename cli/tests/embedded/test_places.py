"""Accounts, folders, secrets and locks: what lies where, and who gets in."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from placet.embedded.account import Account, account_for
from placet.embedded.data_folder import DataFolder
from placet.embedded.folder_lock import hold_folder
from placet.embedded.problems import FolderInUse, FolderUnreachable
from placet.embedded.secret_files import keep_secret
from placet.embedded.socket_folder import socket_folder

MYSELF = Account(os.geteuid(), os.getegid())
STRANGER = Account(54321, 54321)


def test_a_stranger_is_stopped_by_the_outermost_closed_folder(open_folder: Path) -> None:
    inner = open_folder / "home" / "closed" / "inner"
    inner.mkdir(parents=True)
    (open_folder / "home").chmod(0o711)
    assert STRANGER.barrier_on_the_way_to(open_folder / "home") is None
    (open_folder / "home" / "closed").chmod(0o700)
    assert STRANGER.barrier_on_the_way_to(inner) == (open_folder / "home" / "closed").resolve()
    assert MYSELF.barrier_on_the_way_to(inner) is None


def test_an_unreachable_folder_is_explained_with_what_to_do() -> None:
    message = str(FolderUnreachable(Path("/srv/locked/placet/data"), Path("/srv/locked"), STRANGER.name))
    assert "uid 54321" in message
    assert "may not enter /srv/locked and" in message
    assert "PLACET_DATA_DIR" in message


def test_the_server_never_gets_roots_account(tmp_path: Path) -> None:
    assert account_for(tmp_path / "postgres").uid != 0


def test_a_secret_is_made_once_and_its_file_is_private(tmp_path: Path) -> None:
    file = tmp_path / "one.password"
    first = keep_secret(file)
    assert keep_secret(file) == first != keep_secret(tmp_path / "other.password")
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.password", "other.password"]


def test_the_socket_folder_is_kept_while_it_is_private(open_folder: Path) -> None:
    record = open_folder / "socket-folder"
    first = socket_folder(MYSELF, record)
    assert socket_folder(MYSELF, record) == first
    first.chmod(0o755)
    second = socket_folder(MYSELF, record)
    assert second != first
    second.rmdir()
    third = socket_folder(MYSELF, record)
    assert third != second
    first.rmdir()
    third.rmdir()


def test_the_socket_folder_is_short_when_the_temporary_folder_is_long(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = open_folder / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    folder = socket_folder(MYSELF, open_folder / "socket-folder")
    assert folder.parent == Path("/tmp")
    folder.rmdir()


def test_a_folder_that_is_held_is_refused_until_it_is_let_go(tmp_path: Path) -> None:
    lock = tmp_path / "supervisor.lock"
    with hold_folder(lock), pytest.raises(FolderInUse, match=f"process {os.getpid()}"), hold_folder(lock):
        pass
    with hold_folder(lock):
        assert lock.read_text() == f"{os.getpid()}\n"


def test_the_data_folder_shows_its_secrets_to_no_other_account(open_folder: Path) -> None:
    folder = DataFolder(open_folder / "new" / "data")
    folder.prepare()
    assert {path.stat().st_mode & 0o777 for path in (folder.secrets, folder.tokens, folder.logs)} == {0o700}
    assert folder.path.stat().st_mode & 0o066 == 0


def test_a_leashed_program_ends_with_its_parent() -> None:
    parent_code = """
import signal, subprocess, sys, time
from placet.embedded.parent_death import ending_with_parent
sleeper = ending_with_parent([sys.executable, "-c", "import time; time.sleep(600)"], parent_died=signal.SIGKILL)
print(subprocess.Popen(sleeper).pid, flush=True)
time.sleep(600)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", parent_code], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    _, alive = psutil.wait_procs([child], timeout=30)
    assert alive == []
