"""Waiting on one read for all: what a change, an arrival, a failure, a stop and a cancellation do to each waiter."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

import pytest

from placet_shared.bus.waiters import Waiters
from placet_shared.errors import Unavailable
from placet_shared.testing import eventually

FOREVER = 3600.0


class Shelf:
    """What is read; a read can be held up, and can fail."""

    def __init__(self, **states: int) -> None:
        self.states = states
        self.reads: list[set[str]] = []
        self.error: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def read(self, keys: Collection[str]) -> Mapping[str, int]:
        self.reads.append(set(keys))
        found = {key: self.states[key] for key in keys if key in self.states}
        await self.open.wait()
        if self.error:
            raise self.error
        return found


def waiters_of(shelf: Shelf, every_seconds: float = FOREVER) -> Waiters[str, int]:
    return Waiters("shelf", shelf.read, every_seconds=every_seconds)


def at_least(number: int) -> Any:
    return lambda state: state >= number


async def asleep(waiters: Waiters[str, int], number: int) -> None:
    await eventually(lambda: waiters.asleep == number)


async def test_state_that_is_met_already_is_answered_by_one_read() -> None:
    shelf = Shelf(a=3)
    waiters = waiters_of(shelf)
    assert await waiters.wait("a", at_least(3), FOREVER) == 3
    assert shelf.reads == [{"a"}]
    assert waiters.count == 0


async def test_any_number_of_waiters_cost_one_read_a_change() -> None:
    shelf = Shelf(a=1, b=1)
    waiters = waiters_of(shelf)
    waits = [asyncio.create_task(waiters.wait(key, at_least(3), FOREVER)) for key in ("a", "b") * 500]
    await asleep(waiters, 1000)
    assert shelf.reads == [{"a", "b"}], "all that arrived together were read together"
    for states in ({"a": 2, "b": 2}, {"a": 3, "b": 4}):
        shelf.states, before = states, len(shelf.reads)
        waiters.wake()
        waiters.wake()
        await eventually(lambda before=before: len(shelf.reads) > before)
    assert await asyncio.gather(*waits) == [3, 4] * 500
    assert shelf.reads == [{"a", "b"}] * 3


async def test_arrival_reads_its_own_key_alone() -> None:
    shelf = Shelf(a=1, b=1)
    waiters = waiters_of(shelf)
    waits = [asyncio.create_task(waiters.wait("a", at_least(2), FOREVER))]
    await asleep(waiters, 1)
    waits.append(asyncio.create_task(waiters.wait("b", at_least(2), FOREVER)))
    await asleep(waiters, 2)
    assert shelf.reads == [{"a"}, {"b"}]
    await ended(waits)


async def test_waiter_that_arrives_during_a_read_gets_the_next_one() -> None:
    shelf = Shelf(a=1)
    waiters = waiters_of(shelf)
    shelf.open.clear()
    early = asyncio.create_task(waiters.wait("a", at_least(2), FOREVER))
    await eventually(lambda: len(shelf.reads) == 1)
    shelf.states["a"] = 2  # after that read began
    late = asyncio.create_task(waiters.wait("a", at_least(2), FOREVER))
    await eventually(lambda: waiters.count == 2)
    shelf.open.set()
    assert await late == 2
    assert len(shelf.reads) == 2
    waiters.wake()
    assert await early == 2


async def test_change_during_a_read_is_read_again() -> None:
    shelf = Shelf(a=1)
    waiters = waiters_of(shelf)
    shelf.open.clear()
    waiting = asyncio.create_task(waiters.wait("a", at_least(2), FOREVER))
    await eventually(lambda: len(shelf.reads) == 1)
    shelf.states["a"] = 2
    waiters.wake()
    shelf.open.set()
    assert await waiting == 2


async def test_lost_wake_up_costs_no_more_than_a_pause() -> None:
    shelf = Shelf(a=1)
    waiters = waiters_of(shelf, every_seconds=0.01)
    waiting = asyncio.create_task(waiters.wait("a", at_least(2), FOREVER))
    await asleep(waiters, 1)
    shelf.states["a"] = 2
    assert await waiting == 2


@pytest.mark.parametrize("seconds", [0, 0.01])
async def test_waiter_whose_time_is_over_gets_the_state_as_it_is(seconds: float) -> None:
    assert await waiters_of(Shelf(a=1)).wait("a", at_least(2), seconds) == 1


async def test_key_that_does_not_exist_is_none_at_once() -> None:
    assert await waiters_of(Shelf()).wait("a", at_least(1), FOREVER) is None


async def test_failing_read_reaches_each_waiter_as_the_outage_it_is() -> None:
    shelf = Shelf(a=1)
    waiters = waiters_of(shelf)
    waits = [asyncio.create_task(waiters.wait("a", at_least(2), FOREVER)) for _ in range(100)]
    await asleep(waiters, 100)
    shelf.error = Unavailable("the shelf is away")
    waiters.wake()
    errors = await asyncio.gather(*waits, return_exceptions=True)
    assert errors == [shelf.error] * 100
    assert waiters.count == 0
    assert depth(shelf.error) < 20, "each waiter adds its own frames, not those of the others"
    shelf.error = None
    assert await waiters.wait("a", at_least(1), FOREVER) == 1, "the next waiter has a read of its own"


async def test_condition_with_a_defect_fails_its_own_waiter_alone() -> None:
    shelf = Shelf(a=1)
    waiters = waiters_of(shelf)
    sound = asyncio.create_task(waiters.wait("a", at_least(2), FOREVER))
    with pytest.raises(ZeroDivisionError):
        await waiters.wait("a", lambda state: state / 0 > 1, FOREVER)
    shelf.states["a"] = 2
    waiters.wake()
    assert await sound == 2


async def test_stop_ends_all_waits_with_the_state_as_it_is_and_later_ones_after_one_read() -> None:
    shelf = Shelf(a=1)
    waiters = waiters_of(shelf)
    waits = [asyncio.create_task(waiters.wait("a", at_least(2), FOREVER)) for _ in range(3)]
    await asleep(waiters, 3)
    waiters.stop()
    assert await asyncio.gather(*waits) == [1, 1, 1]
    assert await waiters.wait("a", at_least(2), FOREVER) == 1
    assert len(shelf.reads) == 2


@pytest.mark.parametrize("reading", [False, True])
async def test_cancelled_waiters_leave_nothing_behind(reading: bool) -> None:
    shelf = Shelf(a=1)
    waiters = waiters_of(shelf)
    if reading:
        shelf.open.clear()
    waits = [asyncio.create_task(waiters.wait("a", at_least(2), FOREVER)) for _ in range(3)]
    await eventually(lambda: len(shelf.reads) == 1 and waiters.count == 3)
    await ended(waits)
    assert waiters.count == 0
    shelf.open.set()
    await eventually(lambda: "waiters for shelf" not in {task.get_name() for task in asyncio.all_tasks()})
    waiters.wake()
    assert len(shelf.reads) == 1, "without waiters nothing is read"


async def test_news_that_come_faster_than_they_are_taken_are_merged_into_the_newest() -> None:
    shelf = Shelf(a=1)
    waiters = waiters_of(shelf)
    known = 0
    with waiters.joined("a", lambda state: state > known, FOREVER) as waiter:
        known = await waiter.news() or 0
        for state in (2, 3):
            shelf.states["a"], before = state, len(shelf.reads)
            waiters.wake()
            await eventually(lambda before=before: len(shelf.reads) > before)
        assert (known, await waiter.news()) == (1, 3)


async def ended(waits: list[asyncio.Task[int | None]]) -> None:
    for waiting in waits:
        waiting.cancel()
    await asyncio.gather(*waits, return_exceptions=True)


def depth(error: BaseException) -> int:
    frames, traceback = 0, error.__traceback__
    while traceback:
        frames, traceback = frames + 1, traceback.tb_next
    return frames
