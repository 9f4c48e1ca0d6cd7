"""`placet up` as a real process, seen from outside: what it says, what it starts, how it ends."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from placet_shared.testing import clean_environment, eventually_blocking

PROGRAMS = Path(__file__).parents[1] / "programs"
DEADLINE = 30.0


@dataclass(slots=True)
class Run:
    """One `placet up` with a stand-in as its only service."""

    process: subprocess.Popen[bytes]
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text()

    def must_say(self, text: str, times: int = 1) -> None:
        def says_it() -> bool:
            has_ended = self.process.poll() is not None
            says_so = self.said.count(text) >= times
            assert says_so or not has_ended, f"it ended and said only:\n{self.said}"
            return says_so

        eventually_blocking(says_it, state=lambda: self.said)

    def must_end(self) -> int:
        return self.process.wait(DEADLINE)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.must_end()

    def call(self, path: str = "/") -> int:
        """What the stand-in answers: at `/` its pid, at `/calls` how often that was called since the data exists."""
        address = re.findall(r"http://127\.0\.0\.1:\d+", self.said)[-1]
        return int(httpx.get(address + path, trust_env=False, timeout=DEADLINE).text)

    def family(self) -> list[psutil.Process]:
        """The supervisor and all that it started, directly or not."""
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def postmaster(self) -> psutil.Process:
        return next(child for child in psutil.Process(self.process.pid).children() if child.name() == "postgres")


StartUp = Callable[..., Run]


@pytest.fixture
def start_up(tmp_path: Path) -> Iterator[StartUp]:
    """Starts `placet up` on a folder; what the test leaves running is killed when it ends."""
    runs: list[Run] = []

    def start(folder: Path, *prefix: str, **environment: str) -> Run:
        output = tmp_path / f"said-{len(runs)}"
        told = clean_environment(**{"PLACET_REGISTRY_PORT": "0", **environment})
        told["PYTHONPATH"] = os.pathsep.join([str(PROGRAMS), told["PYTHONPATH"]])
        command = [*prefix, sys.executable, str(PROGRAMS / "up_with_standin.py"), str(folder)]
        with output.open("wb") as opened:
            runs.append(Run(subprocess.Popen(command, stdout=opened, stderr=opened, env=told), output))
        return runs[-1]

    yield start
    for run in runs:
        with suppress(psutil.NoSuchProcess):
            for process in run.family():
                process.kill()
        run.process.wait()
