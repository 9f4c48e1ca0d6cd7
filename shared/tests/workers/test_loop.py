"""A loop: woken or every so often, through failures, one process at a time, and its end."""

import asyncio
import logging

import pytest

from placet_shared.errors import Unavailable
from placet_shared.testing import eventually
from placet_shared.workers import Leading, Loop, in_background

LONG = 3600.0


class Work:
    """Counts how often it was done; fails while `error` is set, and waits while `held` is."""

    def __init__(self) -> None:
        self.done = 0
        self.tries = 0
        self.error: Exception | None = None
        self.held: asyncio.Event | None = None

    async def __call__(self) -> None:
        self.tries += 1
        if self.held:
            await self.held.wait()
        if self.error:
            raise self.error
        self.done += 1


async def test_work_is_done_at_once_and_when_woken() -> None:
    work = Work()
    loop = Loop("probe", work, every_seconds=LONG)
    async with in_background(loop.run()):
        await eventually(lambda: work.done == 1)
        loop.wake()
        await eventually(lambda: work.done == 2)


async def test_work_is_done_every_so_often_without_being_woken() -> None:
    work = Work()
    async with in_background(Loop("probe", work, every_seconds=0.01).run()):
        await eventually(lambda: work.done >= 3)


async def test_what_wakes_it_while_it_works_is_not_lost() -> None:
    work = Work()
    work.held = asyncio.Event()
    loop = Loop("probe", work, every_seconds=LONG)
    async with in_background(loop.run()):
        await eventually(lambda: work.tries == 1)
        loop.wake()
        work.held.set()
        await eventually(lambda: work.done == 2)


async def test_failure_is_told_once_and_tried_again_until_it_passes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "placet_shared.workers.loop")
    work = Work()
    work.error = Unavailable("the other side is away")
    loop = Loop("probe", work, every_seconds=LONG, first_pause_seconds=0.001)
    async with in_background(loop.run()):
        await eventually(lambda: loop.failures >= 3)
        assert loop.error == "Unavailable: the other side is away"
        work.error = None
        await eventually(lambda: work.done == 1)
        assert loop.failures == 0
        assert not loop.error
    told = [(record.levelname, record.message) for record in caplog.records]
    assert told == [("WARNING", "probe has to wait: Unavailable: the other side is away"), ("INFO", "probe goes on")]


async def test_defect_is_told_with_its_traceback_and_does_not_end_the_loop(caplog: pytest.LogCaptureFixture) -> None:
    work = Work()
    work.error = KeyError("nobody foresaw this")
    loop = Loop("probe", work, every_seconds=LONG, first_pause_seconds=0.001)
    async with in_background(loop.run()):
        await eventually(lambda: loop.failures >= 2)
        work.error = None
        await eventually(lambda: work.done == 1)
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.exc_info


async def test_pause_between_failures_grows_to_a_limit() -> None:
    loop = Loop("probe", Work(), every_seconds=LONG)
    pauses = []
    for loop.failures in (1, 2, 3, 500):
        pauses.append(loop._pause())
    assert pauses == [0.2, 0.4, 0.8, 2.0]


async def test_end_does_not_wait_for_work_that_hangs() -> None:
    work = Work()
    work.held = asyncio.Event()
    async with in_background(Loop("probe", work, every_seconds=LONG).run()):
        await eventually(lambda: work.tries == 1)
    assert work.done == 0


async def test_work_that_completes_is_finished_and_done_a_last_time() -> None:
    work = Work()
    work.held = asyncio.Event()
    running = asyncio.create_task(Loop("probe", work, every_seconds=LONG, completes=True).run())
    await eventually(lambda: work.tries == 1)
    running.cancel()
    await asyncio.sleep(0)
    work.held.set()
    await asyncio.gather(running, return_exceptions=True)
    await eventually(lambda: work.done == 2)


@pytest.mark.postgres
async def test_one_process_at_a_time_leads_and_another_goes_on_after_its_end(database: str) -> None:
    first, second = Work(), Work()
    leading = Leading(database, "public", "probe", "probing")
    async with in_background(Loop("first", first, every_seconds=0.01, leading=leading).run()):
        await eventually(lambda: first.done >= 2)
        follower = asyncio.create_task(Loop("second", second, every_seconds=0.01, leading=leading).run())
        led = first.done
        await eventually(lambda: first.done >= led + 5)
        assert second.tries == 0
    await eventually(lambda: second.done >= 2)
    follower.cancel()
    await asyncio.gather(follower, return_exceptions=True)


async def test_caller_waits_for_work_that_began_after_it_asked() -> None:
    work = Work()
    work.held = asyncio.Event()
    loop = Loop("probe", work, every_seconds=LONG)
    async with in_background(loop.run()):
        await eventually(lambda: work.tries == 1)
        waiting = asyncio.create_task(loop.done(60))
        work.held.set()
        assert await waiting
        assert work.done == 2


async def test_caller_does_not_wait_for_work_that_takes_long() -> None:
    work = Work()
    loop = Loop("probe", work, every_seconds=LONG)
    async with in_background(loop.run()):
        await eventually(lambda: work.done == 1)
        work.held = asyncio.Event()
        assert not await loop.done(0.01)


async def test_caller_is_told_of_work_that_has_failed_too() -> None:
    work = Work()
    work.error = Unavailable("the other side is away")
    loop = Loop("probe", work, every_seconds=LONG, first_pause_seconds=0.001)
    async with in_background(loop.run()):
        assert await loop.done(60)
        assert loop.failures
