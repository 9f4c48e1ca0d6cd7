"""Our own programs as processes that are forked from one that has imported them: an installation costs more to import than to run.

Each has its own environment, descriptors and end, and runs what `python -m <package>` runs. What a program imports first, and that
it starts at all, is seen by the tests of `placet up`, which start it as people do.
"""

import asyncio
import atexit
import ctypes
import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from multiprocessing.reduction import DupFd
from typing import Any

from placet_shared.processes import PROCESSES

__all__ = ["ForkedProcess", "ForkedProgram", "fork_program"]

_PR_SET_PDEATHSIG = 1
# By the first call that needs them.
IMPORTED_LATE = ("httpcore", "certifi", "encodings.idna", "uvloop", "typer.rich_utils", "rich.markdown")
PROGRAMS = ("only_loading", "forking", *(f"{one.package}.process" for one in PROCESSES if one.is_there), *IMPORTED_LATE, "ready_to_fork")


class _Descriptor:
    """An open file that goes to another process."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, (DupFd(self.number),)


def _received(descriptor: Any) -> int:
    number: int = descriptor.detach()
    return number


class ForkedProcess:
    """`python -m <package> <words>`, with the methods of `subprocess.Popen` that need no pipes."""

    def __init__(
        self,
        package: str,
        words: Sequence[str],
        *,
        env: Mapping[str, str],
        stdin: int,
        stdout: int,
        stderr: int,
        cwd: str | None = None,
    ) -> None:
        streams = [_Descriptor(number) for number in (stdin, stdout, stderr)]
        self._process = _context().Process(target=_become, args=(package, list(words), dict(env), streams, cwd))
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        """The exit code, if it has ended."""
        return self._process.exitcode

    def wait(self) -> int:
        """Until it has ended."""
        self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """As `kill -9` does it."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """As `kill` does it."""
        self.send_signal(signal.SIGTERM)


class ForkedProgram:
    """A `ForkedProcess` with those methods of `asyncio.subprocess.Process` that our tests use."""

    def __init__(self, process: ForkedProcess, stdout: asyncio.StreamReader | None, stderr: asyncio.StreamReader | None) -> None:
        self._process = process
        self.stdout = stdout
        self.stderr = stderr
        self.pid = process.pid
        self.send_signal = process.send_signal
        self.kill = process.kill
        self.terminate = process.terminate

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

    async def wait(self) -> int:
        """Until it has ended."""
        return await asyncio.to_thread(self._process.wait)

    async def communicate(self) -> tuple[bytes, bytes]:
        """What it printed, and is not read yet, until it has ended."""
        out, err, _ = await asyncio.gather(_rest_of(self.stdout), _rest_of(self.stderr), self.wait())
        return out, err


async def fork_program(
    package: str, *words: str, env: Mapping[str, str], stdout: int | None = None, stderr: int | None = None
) -> ForkedProgram:
    """`asyncio.create_subprocess_exec` of `python -m <package> <words>`; an output may be `PIPE`, `DEVNULL`, or the test's own."""
    with ExitStack() as ours:
        (out, said), (err, complained) = _output(stdout, 1, ours), _output(stderr, 2, ours)
        process = ForkedProcess(package, words, env=env, stdin=_nothing(ours), stdout=out, stderr=err)
    return ForkedProgram(process, await _reader(said), await _reader(complained))


def _output(wanted: int | None, own: int, ours: ExitStack) -> tuple[int, int | None]:
    """Where the program writes to, and where that is read; `ours` closes what is the program's alone then."""
    if wanted == asyncio.subprocess.PIPE:
        reading, writing = os.pipe()
        ours.callback(os.close, writing)
        return writing, reading
    return (own if wanted is None else _nothing(ours)), None


def _nothing(ours: ExitStack) -> int:
    nothing = os.open(os.devnull, os.O_RDWR)
    ours.callback(os.close, nothing)
    return nothing


async def _reader(descriptor: int | None) -> asyncio.StreamReader | None:
    if descriptor is None:
        return None
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", 0))
    return reader


async def _rest_of(reader: asyncio.StreamReader | None) -> bytes:
    return await reader.read() if reader else b""


@cache
def _context() -> ForkServerContext:
    """With its server running, which finds modules where this process does: some Pythons pass their path to the children only."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PROGRAMS))
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    try:
        forkserver.ensure_running()
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before
    return context


def _become(package: str, words: Sequence[str], environment: Mapping[str, str], streams: Sequence[int], folder: str | None) -> None:
    """Run the program in this process, which was forked for it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, 256)  # also what would keep the server of forks alive after the process that it serves
    sys.stdin = os.fdopen(0)
    if folder is not None:
        os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [package, *words]
    try:
        runpy.run_module(package, run_name="__main__", alter_sys=True)
    finally:
        with suppress(Exception):
            atexit._run_exitfuncs()
