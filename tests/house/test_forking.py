"""The programs of an installation are forked in tests: each must be as much a process of its own as one that was started."""

import os
import subprocess
import sys
from pathlib import Path

import psutil

from forking import PROGRAMS, ForkedProcess
from placet_shared.testing import eventually_blocking

STARTER = """
import sys
sys.path[:0] = sys.argv[2:]
from forking import PROGRAMS, ForkedProcess
with open(sys.argv[1], "w") as out:
    waiting = ForkedProcess("http.server", ["--bind", "127.0.0.1", "0"], env={}, stdin=0, stdout=out.fileno(), stderr=out.fileno())
print(waiting.pid, flush=True)
sys.stdin.read()
"""


def forked(package: str, *words: str, out: Path, **environment: str) -> ForkedProcess:
    with Path(os.devnull).open() as nothing, out.open("wb") as said:
        return ForkedProcess(package, words, env=environment, stdin=nothing.fileno(), stdout=said.fileno(), stderr=said.fileno())


def test_program_runs_with_its_own_words_environment_and_output(tmp_path: Path) -> None:
    program = forked("placet", "models", "show", out=tmp_path / "out", PLACET_TOKEN_FILE="/dev/null", COLUMNS="60")
    started = subprocess.run([sys.executable, "-m", "placet", "models", "show"], env={"COLUMNS": "60"}, capture_output=True, check=False)
    assert program.wait() == started.returncode == 2
    assert (tmp_path / "out").read_bytes() == started.stdout + started.stderr != b""


def test_programs_find_imported_what_they_would_import_late(tmp_path: Path) -> None:
    """The server passes over in silence what it can't import."""
    imported = f"import sys; assert set(sys.modules) >= {set(PROGRAMS)}"
    assert forked("timeit", "-n1", "-r1", imported, out=tmp_path / "out").wait() == 0, (tmp_path / "out").read_text()


def test_program_that_is_killed_says_so_and_one_that_ended_is_not_signalled(tmp_path: Path) -> None:
    program = forked("http.server", "--bind", "127.0.0.1", "0", out=tmp_path / "out")
    assert program.poll() is None
    program.kill()
    assert program.wait() == program.returncode == -9
    program.kill()


def test_program_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(tmp_path / "out"), *sys.path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        pid = int(starter.stdout.readline())
        assert psutil.pid_exists(pid)
        starter.kill()
    eventually_blocking(lambda: not psutil.pid_exists(pid))
