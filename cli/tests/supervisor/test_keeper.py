"""What keeps a program running, told how each of its lives ends instead of waiting for it."""

import asyncio
import io
from collections.abc import Iterator
from typing import Any

import pytest

from placet.supervisor.keeper import Keeper
from placet.supervisor.terminal import Terminal


class Life:
    """A process that ends with a code after so many seconds of the clock."""

    def __init__(self, clock: "Clock", code: int, seconds: float) -> None:
        self._clock, self._code, self._seconds = clock, code, seconds
        self.returncode: int | None = None

    async def wait(self) -> int:
        self._clock.now += self._seconds
        self.returncode = self._code
        return self._code


class Clock:
    """Time that passes only while a process lives or the keeper pauses; notes the pauses."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


class Over(BaseException):
    """There is no further life; no error that a keeper outlives."""


class Program:
    """Ready as soon as it is started; lives as often as it is told to."""

    name, where = "probe", ""

    def __init__(self, lives: Iterator[Life]) -> None:
        self._lives = lives
        self.process: Any = None

    async def start(self) -> None:
        self.process = next(self._lives, None)
        if self.process is None:
            raise Over

    async def ready(self) -> None:
        return


def kept(*lives: tuple[int, float]) -> tuple[list[float], str]:
    """The pauses that were made, and what was said, when a program's lives end with these codes after so many seconds."""
    clock, said = Clock(), io.StringIO()
    program = Program(Life(clock, code, seconds) for code, seconds in lives)
    keeper = Keeper(program, Terminal(said), clock=lambda: clock.now, sleep=clock.sleep)
    with pytest.raises(Over):
        asyncio.run(keeper.keep())
    return clock.pauses, said.getvalue()


def test_a_program_that_ends_with_0_is_started_again() -> None:
    pauses, said = kept((0, 1.0), (0, 1.0))
    assert pauses == [0.2, 0.4]
    assert said.count("died (exit code 0)") == 2
    assert said.count("ready in") == 2


def test_the_pause_grows_while_a_program_dies_young_and_begins_anew_after_health() -> None:
    young, healthy = 19.9, 20.1
    assert kept(*[(1, young)] * 3)[0] == [0.2, 0.4, 0.8]
    assert kept((1, young), (1, young), (-9, healthy), (1, young))[0] == [0.2, 0.4, 0.2, 0.4]
