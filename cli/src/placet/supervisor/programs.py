"""Starts the processes of an installation: forked from one that has imported what they share, or each with an interpreter of its own.

The first takes a fraction of the processor time. It is for Linux; elsewhere, and without a fork server, a program is started plainly.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Protocol

from placet.embedded.parent_death import ending_with_parent
from placet.supervisor import fork_server
from placet_shared.errors import Unavailable
from placet_shared.forking.asking import Child, ForkServer, Interpreter
from placet_shared.processes import python_command

__all__ = ["Programs", "Running"]


class Running(Protocol):
    """A program that was started."""

    @property
    def returncode(self) -> int | None: ...

    async def wait(self) -> int: ...

    def terminate(self) -> None: ...

    def kill(self) -> None:
        """It and all processes that it started."""
        ...


class Programs:
    """`modules` are imported once for all programs; `environment` is the operator's, of which each program gets its own part."""

    def __init__(self, modules: Sequence[str], environment: Mapping[str, str]) -> None:
        def command(asked: int) -> list[str]:
            server = [sys.executable, "-P", fork_server.__file__, *modules, str(asked)]
            return ending_with_parent(server, parent_died=signal.SIGKILL)

        # no setting of a service, as these may be secrets that the others must not have
        own = {name: value for name, value in environment.items() if not name.startswith("PLACET_")}
        self._server = ForkServer(Interpreter(command, own, own_session=False)) if sys.platform == "linux" else None

    def preload(self) -> None:
        """Begin to import, while other things are done; a server that can't be had is missed by `start`, which does without."""
        if self._server is not None:
            with suppress(OSError):
                self._server.start()

    async def start(self, words: Sequence[str], environment: Mapping[str, str], log: Path) -> Running:
        """`python -P -m <words>`, its output appended to `log`, in a process group of its own, and killed with the supervisor.

        A service loses no data by that, and a survivor would hold its port.
        """
        with log.open("ab") as opened:
            if self._server is not None:
                try:
                    return await _forked(self._server, words, environment, opened)
                except Unavailable:
                    pass  # a program that is started plainly takes longer, and is better than none
            return await _started(words, environment, opened)

    def close(self) -> None:
        """End the fork server; programs that were forked from it end with it."""
        if self._server is not None:
            self._server.close(patience=0)


class _Forked:
    def __init__(self, child: Child) -> None:
        self.returncode: int | None = None
        self._child = child
        self._ending = asyncio.create_task(self._until_it_ends())

    async def wait(self) -> int:
        return await asyncio.shield(self._ending)

    def terminate(self) -> None:
        self._child.send(signal.SIGTERM)

    def kill(self) -> None:
        self._child.send(signal.SIGKILL)

    async def _until_it_ends(self) -> int:
        try:
            self.returncode = await self._child.exit_code()
        except (Unavailable, OSError):
            self.returncode = -signal.SIGKILL  # the fork server has ended, and it by the kernel's hand
        finally:
            self._child.give_up()
        return self.returncode


class _Started:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

    async def wait(self) -> int:
        return await self._process.wait()

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        if self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)


async def _forked(server: ForkServer, words: Sequence[str], environment: Mapping[str, str], log: IO[bytes]) -> Running:
    request = {"words": list(words), "command": python_command(words), "environment": dict(environment)}
    with ExitStack() as given:
        nothing = os.open(os.devnull, os.O_RDONLY)
        given.callback(os.close, nothing)
        asked = given.enter_context(os.fdopen(os.memfd_create("request"), "w+b"))  # in memory: there are passwords in it
        asked.write(json.dumps(request).encode())
        asked.seek(0)
        child = await server.fork([nothing, log.fileno(), log.fileno(), asked.fileno()])
    try:
        await child.pid()
    except BaseException:
        child.give_up()
        raise
    return _Forked(child)


async def _started(words: Sequence[str], environment: Mapping[str, str], log: IO[bytes]) -> Running:
    return _Started(
        await asyncio.create_subprocess_exec(
            *ending_with_parent(python_command(words), parent_died=signal.SIGKILL),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(environment),
            process_group=0,
        )
    )
