"""Keeps one program running: started again when it dies, with growing pauses so that a broken one does not spin."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Protocol

from placet.embedded.problems import CannotStart
from placet.supervisor.terminal import Terminal

__all__ = ["Keeper", "Program", "milliseconds_since", "pauses"]

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 10.0
_HEALTHY_AFTER = 20.0


class Process(Protocol):
    """One life of a program."""

    @property
    def returncode(self) -> int | None: ...

    async def wait(self) -> int: ...


class Program(Protocol):
    """A program that can be kept running: PostgreSQL, a service, a worker."""

    @property
    def process(self) -> Process | None: ...

    @property
    def name(self) -> str: ...

    @property
    def where(self) -> str: ...

    async def start(self) -> None: ...

    async def ready(self) -> None:
        """Returns when it is ready; raises CannotStart when it ends before."""
        ...


def pauses() -> Iterator[float]:
    """0.2 s, doubled each time up to 10 s."""
    pause = _FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, _LONGEST_PAUSE)


class Keeper:
    """`keep` runs until it is cancelled; `was_ready` is set once the program has been ready for the first time."""

    def __init__(
        self,
        program: Program,
        terminal: Terminal,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.was_ready = asyncio.Event()
        self._clock = clock
        self._sleep = sleep
        self._program = program
        self._terminal = terminal
        self._pauses = pauses()

    async def begin(self) -> None:
        """Start it and wait until it is ready; raises CannotStart."""
        began = time.monotonic()
        await self._program.start()
        await self._program.ready()
        self._terminal.about(self._program.name, f"{self._program.where:<28}ready in {milliseconds_since(began)}")
        self.was_ready.set()

    async def keep(self) -> None:
        """Start it if it does not run, and again each time it dies."""
        while True:
            try:
                if not self._runs():
                    await self.begin()
                reason = await self._until_it_dies()
            except (CannotStart, OSError) as failure:
                reason = str(failure)
            pause = next(self._pauses)
            self._terminal.about(self._program.name, f"{reason}\n  {'':<20}starting it again in {pause:g} s")
            await self._sleep(pause)

    async def _until_it_dies(self) -> str:
        assert self._program.process is not None
        since = self._clock()
        code = await self._program.process.wait()
        if self._clock() - since > _HEALTHY_AFTER:
            self._pauses = pauses()
        return f"died ({_how(code)})"

    def _runs(self) -> bool:
        return self._program.process is not None and self._program.process.returncode is None


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def milliseconds_since(since: float) -> str:
    return f"{round((time.monotonic() - since) * 1000):,} ms"
