"""A fork server as the process that has one sees it: started when the first child is asked for, asked by a message with descriptors.

`serving` is its side, and says what the messages are.
"""

import asyncio
import logging
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from placet_shared.errors import Unavailable

__all__ = ["Child", "ForkServer", "Interpreter"]

_SECONDS_TO_END = 5

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """How the server's interpreter is started: `command` makes the command line from the descriptor on which it will be asked."""

    command: Callable[[int], Sequence[str]]
    environment: Mapping[str, str]
    cwd: str | None = None
    own_session: bool = True


@dataclass(frozen=True, slots=True)
class Child:
    """A child that runs. Who has it must `end` it, or `give_up`."""

    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter
    _outage_code: str | None

    async def pid(self) -> int:
        """Once it was forked; to be asked first, and once. Raises `Unavailable` when that can't be."""
        told = await self._reader.readline()
        if not told.endswith(b"\n"):
            raise self._gone()
        return int(told)

    async def exit_code(self) -> int:
        """Once it has ended: negative when a signal ended it. Raises `Unavailable` when its server is gone, and it too."""
        told = (await self._reader.read()).rpartition(b"\n")[2]
        if not told:
            raise self._gone()
        return int(told)

    def send(self, sent: signal.Signals) -> None:
        """A signal for it, unless it has ended; what is left of its group is killed when it ends."""
        with suppress(OSError):
            self._writer.write(bytes([sent]))

    def give_up(self) -> None:
        """Have its group killed unless it has ended, without waiting."""
        self._writer.close()

    async def end(self) -> None:
        """Kill its group unless it has ended, and return when it is gone."""
        try:
            self._writer.write_eof()
            await self._reader.read()
        except OSError:
            logger.debug("the child's server was gone before it")
        finally:
            self._writer.close()

    def _gone(self) -> Unavailable:
        return Unavailable("The server that forks children has ended or can't fork.", code=self._outage_code)


class ForkServer:
    """Starts with the first fork, again when it has died, and ends by `close` or with this process.

    It belongs to no event loop. `outage_code` is that of the `Unavailable` that it raises.
    """

    def __init__(self, interpreter: Interpreter, outage_code: str | None = None) -> None:
        self._interpreter = interpreter
        self._outage_code = outage_code
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
                raise Unavailable(f"No child can be forked: {error}.", code=self._outage_code) from error
        reader, writer = await asyncio.open_connection(sock=ours)
        return Child(reader, writer, self._outage_code)

    def start(self) -> None:
        """Before the first fork, so that it has imported when that is asked for. OSError when it can't be started."""
        if self._asking is None or self._process is None or self._process.poll() is not None:
            self._start()

    def close(self, patience: float = _SECONDS_TO_END) -> None:
        """End the process, and with it every child; after so many seconds by a signal."""
        if self._asking is not None:
            self._asking.close()
            self._asking = None
        if self._process is not None:
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGKILL)
                self._process.wait()
            self._process = None

    def _ask(self, files: Sequence[int]) -> None:
        self.start()
        assert self._asking
        try:
            socket.send_fds(self._asking, [b"f"], files)
        except BrokenPipeError:  # it is dying just now
            socket.send_fds(self._start(), [b"f"], files)

    def _start(self) -> socket.socket:
        """Another one, in place of the one that was."""
        self.close()
        how = self._interpreter
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                how.command(theirs.fileno()), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()], env=how.environment, cwd=how.cwd,
                start_new_session=how.own_session, process_group=None if how.own_session else 0,
            )  # fmt: skip
        self._asking = ours
        logger.info("a fork server was started", extra={"pid": self._process.pid, "asked_by": os.getpid()})
        return ours
