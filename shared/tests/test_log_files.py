"""A process that puts its own log file aside, as a process of its own: what leads to a file are its descriptors."""

import json
import os
import signal
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from placet_shared.log_files import older_files, put_aside

LARGEST = 20_000
WRITER = """
import logging, os, sys, threading
from pathlib import Path
from placet_shared.logs import configure_logging

configure_logging("probe", "info", Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
told = threading.Lock()

def write(name, count):
    for number in range(count):
        logging.getLogger(name).info("said %s-%s %s", name, number, "x" * 100)
        with told:
            os.write(int(sys.argv[5]), f"{name}-{number}\\n".encode())

threads = [threading.Thread(target=write, args=(name, int(sys.argv[4]))) for name in "abc"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
os.write(1, b"the end\\n")
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "audit.log"


class Writer:
    """The process; `said` are the lines that it has written for certain."""

    def __init__(self, log: Path, count: int, kept: int = 1000) -> None:
        reading, writing = os.pipe()
        words = [sys.executable, "-c", WRITER, str(log), str(LARGEST), str(kept), str(count), str(writing)]
        with log.open("ab") as output:
            self.process = subprocess.Popen(words, stdout=output, stderr=output, pass_fds=[writing])
        os.close(writing)
        self._said = os.fdopen(reading)

    def said(self, limit: int | None = None) -> list[str]:
        """The next ones, or all up to its end."""
        return [line.strip() for line in islice(self._said, limit) if line.endswith("\n")]

    def end(self) -> list[str]:
        """The rest, of one that is killed now."""
        self.process.send_signal(signal.SIGKILL)
        with self._said:
            rest = self.said()
        self.process.wait()
        return rest

    def waited_for(self) -> list[str]:
        """All of one that ends by itself."""
        with self._said:
            said = self.said()
        assert self.process.wait() == 0
        return said


def written(log: Path) -> list[str]:
    return [line for file in (*older_files(log), log) for line in file.read_text().splitlines(keepends=True)]


def names(lines: list[str]) -> list[str]:
    return [json.loads(line)["message"].split()[1] for line in lines if line.startswith("{")]


def test_every_line_of_every_thread_is_whole_in_one_file_and_in_order(log: Path) -> None:
    said = Writer(log, 500).waited_for()
    lines = written(log)
    assert lines[-1] == "the end\n", "standard output leads there too"
    assert all(line.endswith("\n") for line in lines)
    for thread in "abc":
        assert [name for name in names(lines) if name[0] == thread] == [name for name in said if name[0] == thread]
    files = list(older_files(log))
    assert len(files) > 5
    assert all(LARGEST <= file.stat().st_size < LARGEST + 1000 for file in files)


@pytest.mark.parametrize("lines", [1, 1000])
def test_no_line_is_lost_when_the_process_is_killed(log: Path, lines: int) -> None:
    writer = Writer(log, 10**9)
    said = [*writer.said(lines), *writer.end()]
    found = names(written(log))
    assert set(said) <= set(found)
    assert len(found) == len(set(found))


def test_no_more_files_are_kept_than_wanted_and_the_newest_lines_stay(log: Path) -> None:
    said = Writer(log, 500, kept=2).waited_for()
    assert [file.name for file in older_files(log)] == ["audit.log.2", "audit.log.1"]
    found = set(names(written(log)))
    assert found < set(said)
    assert said[-1] in found


def test_file_that_is_moved_away_meanwhile_is_made_anew_and_no_line_is_lost(log: Path) -> None:
    writer = Writer(log, 10**9)
    said = writer.said(10)
    moved = log.rename(log.with_name("elsewhere"))
    said += [*writer.said(3000), *writer.end()]
    lines = [*moved.read_text().splitlines(keepends=True), *written(log)]
    assert all(line.endswith("\n") for line in lines[:-1])
    assert set(said) <= set(names(lines))


def test_file_that_is_truncated_meanwhile_is_written_from_its_beginning(log: Path) -> None:
    writer = Writer(log, 10**9)
    writer.said(1000)
    os.truncate(log, 0)
    writer.said(3000)
    writer.end()
    assert all(b"\0" not in file.read_bytes() for file in (*older_files(log), log))


def test_files_are_put_aside_by_number_and_the_oldest_goes(log: Path) -> None:
    for start in range(4):
        log.write_text(f"start {start}")
        put_aside(log, kept=2)
    assert {file.name: file.read_text() for file in log.parent.iterdir()} == {"audit.log.1": "start 3", "audit.log.2": "start 2"}
