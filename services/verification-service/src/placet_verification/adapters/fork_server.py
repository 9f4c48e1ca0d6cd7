"""A process that has imported what trials need, and forks a child for each: starting an interpreter and importing takes half a second.

It is an interpreter in isolated mode with an empty environment and no descriptor but the one on which it is asked, so nothing of the
worker is in it or in its children; it reads nothing that is untrusted. Its side is `evaluation.forking`. `multiprocessing` has
such a server too, which inherits the environment, with the passwords in it.
"""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import placet_verification
from placet_shared.errors import Unavailable

__all__ = ["PROGRAM", "Child", "ForkServer"]

# isolated mode ignores PYTHONPATH and the working directory, so the one folder that is ours is named
PROGRAM = """
import runpy, sys
sys.path.insert(0, sys.argv[1])
runpy.run_module('placet_verification.adapters.evaluation', run_name='__main__')
"""
_OURS = str(Path(placet_verification.__file__).parents[1])
_SECONDS_TO_END = 5

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Child:
    """A child that runs. Who has it must `end` it."""

    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter

    async def exit_code(self) -> int:
        """Once it has ended: negative when a signal ended it. Raises `Unavailable` when its server is gone, and it too."""
        told = await self._reader.read()
        if not told:
            raise Unavailable("The server that forks children has ended or can't fork.", code="sandbox_unavailable")
        return int(told)

    async def end(self) -> None:
        """Kill its group unless it has ended, and return when it is gone."""
        try:
            self._writer.write_eof()
            await self._reader.read()
        except OSError:
            logger.debug("the child's server was gone before it")
        finally:
            self._writer.close()


class ForkServer:
    """Starts with the first fork, again when it has died, and ends by `close` or with this process.

    It belongs to no event loop. Tests attack from inside by a `program` of their own.
    """

    def __init__(self, program: str = PROGRAM) -> None:
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._asking: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        return self._process.pid if self._process else None

    async def fork(self, files: Sequence[int]) -> Child:
        """A child with these descriptors at 0, 1, 2 … ; raises `Unavailable`."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._ask([theirs.fileno(), *files])
            except OSError as error:
                ours.close()
                raise Unavailable(f"No child can be forked: {error}.", code="sandbox_unavailable") from error
        reader, writer = await asyncio.open_connection(sock=ours)
        return Child(reader, writer)

    def close(self) -> None:
        """End the process, and with it every child."""
        if self._asking is not None:
            self._asking.close()
            self._asking = None
        if self._process is not None:
            try:
                self._process.wait(_SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGKILL)
                self._process.wait()
            self._process = None

    def _ask(self, files: Sequence[int]) -> None:
        asking = self._asking
        if asking is None or self._process is None or self._process.poll() is not None:
            asking = self._start()
        try:
            socket.send_fds(asking, [b"f"], files)
        except BrokenPipeError:  # it is dying just now
            socket.send_fds(self._start(), [b"f"], files)

    def _start(self) -> socket.socket:
        """Another one, in place of the one that was."""
        self.close()
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-I", "-B", "-c", self._program, _OURS, str(theirs.fileno())]
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()], env={}, cwd="/", start_new_session=True,
            )  # fmt: skip
        self._asking = ours
        logger.info("a fork server was started", extra={"pid": self._process.pid, "worker": os.getpid()})
        return ours
