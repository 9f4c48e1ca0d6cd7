"""`kill -9` of a consuming process at named points: mark and rows are never apart, each event has its effect once."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from placet_shared.postgres import connect as connect_to

from .conftest import READERS, SERVICE_TOKEN, Counters

pytestmark = pytest.mark.postgres

PROGRAM = Path(__file__).with_name("consume_counters.py")
POINTS = ["consumer.before_mark", "consumer.before_commit", "consumer.after_commit"]
NUMBER = 600  # three transactions' worth


async def consume(counters: Counters, reader_url: str, number: int, crash_at: str = "") -> int:
    """The exit code of a consuming process."""
    environment = {**os.environ, "PLACET_CRASH_AT": crash_at}
    arguments = [sys.executable, str(PROGRAM), counters.url, reader_url, SERVICE_TOKEN, str(number)]
    process = await asyncio.create_subprocess_exec(*arguments, env=environment)
    return await process.wait()


async def state(counters: Counters) -> tuple[int, list[int]]:
    """The mark, and the positions whose effects are there."""
    connection = await connect_to(counters.site.superuser_url, READERS)
    try:
        mark = await connection.fetchval("select position from marks where source = 'counters'")
        rows = await connection.fetch("select position from effects order by number")
    finally:
        await connection.close()
    return mark or 0, [row["position"] for row in rows]


@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize("point", POINTS)
async def test_killed_consumer_repeats_and_loses_nothing(counters: Counters, reader_url: str, point: str, time: int) -> None:
    await asyncio.gather(*[counters.raise_(f"key-{number}") for number in range(NUMBER // 2)])
    assert await consume(counters, reader_url, NUMBER, crash_at=f"{point}:{time}") == -signal.SIGKILL
    mark, positions = await state(counters)
    assert positions == list(range(1, mark + 1))
    assert mark < NUMBER

    assert await consume(counters, reader_url, NUMBER) == 0
    assert await state(counters) == (NUMBER, list(range(1, NUMBER + 1)))


async def test_consumer_killed_again_and_again_gets_there(counters: Counters, reader_url: str) -> None:
    await asyncio.gather(*[counters.raise_(f"key-{number}") for number in range(NUMBER // 2)])
    reached = 0
    for point in ("before_commit", "after_commit", "before_mark", "after_commit"):
        assert await consume(counters, reader_url, NUMBER, crash_at=f"consumer.{point}") == -signal.SIGKILL
        mark, positions = await state(counters)
        assert mark >= reached
        assert positions == list(range(1, mark + 1))
        reached = mark
    assert await consume(counters, reader_url, NUMBER) == 0
    assert await state(counters) == (NUMBER, list(range(1, NUMBER + 1)))


@pytest.mark.parametrize("point", POINTS)
async def test_consumer_killed_while_it_parks_neither_loses_nor_applies_what_it_parked(
    counters: Counters, reader_url: str, point: str
) -> None:
    await counters.raise_("a", "unreadable", "b")
    assert await consume(counters, reader_url, 6, crash_at=f"{point}:3") == -signal.SIGKILL
    assert await consume(counters, reader_url, 6) == 0
    assert await state(counters) == (6, [1, 2, 5, 6])
    connection = await connect_to(counters.site.superuser_url, READERS)
    parked = await connection.fetch("select position from parked_events order by position")
    await connection.close()
    assert [row["position"] for row in parked] == [3, 4]


async def test_two_processes_on_one_source_of_which_one_is_killed(counters: Counters, reader_url: str) -> None:
    await asyncio.gather(*[counters.raise_(f"key-{number}") for number in range(NUMBER // 2)])
    codes = await asyncio.gather(
        consume(counters, reader_url, NUMBER, crash_at="consumer.before_commit"), consume(counters, reader_url, NUMBER)
    )
    assert codes[1] == 0
    assert await state(counters) == (NUMBER, list(range(1, NUMBER + 1)))
