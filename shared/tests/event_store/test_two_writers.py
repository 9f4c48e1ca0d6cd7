"""A long run of two processes that write to one store: one order without gaps, and no write lost to another."""

import asyncio
import sys
from collections import Counter, defaultdict
from collections.abc import Awaitable
from itertools import pairwise
from pathlib import Path

import asyncpg
import pytest

from placet_shared.postgres import connect

from .conftest import SCHEMA, Site

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

PROGRAM = Path(__file__).with_name("race_counters.py")
SECONDS = 30.0
NAMES = ("one", "two")
TAIL = "select position from events where position > $1 order by position"


async def race(url: str, name: str) -> Counter[str]:
    """Key → how often the process was told that it has raised it."""
    command = [sys.executable, str(PROGRAM), url, name, str(SECONDS)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0
    return Counter(out.decode().split())


async def tail(url: str, ended: Awaitable[object]) -> list[int]:
    """The positions as a reader meets them who asks only for what comes after the last one it has."""
    writers = asyncio.ensure_future(ended)
    connection = await connect(url, SCHEMA)
    seen = [0]
    try:
        while not writers.done():
            seen += [row["position"] for row in await connection.fetch(TAIL, seen[-1])]
            await asyncio.sleep(0.005)
        seen += [row["position"] for row in await connection.fetch(TAIL, seen[-1])]
    finally:
        await connection.close()
    return seen


def in_one_order(events: list[asyncpg.Record]) -> None:
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    assert all(later["prev"] == earlier["id"] for earlier, later in pairwise(events))
    assert all(later["recorded_at"] >= earlier["recorded_at"] for earlier, later in pairwise(events))
    streams = defaultdict(list)
    for event in events:
        streams[event["stream"]].append(event["version"])
    assert all(versions == list(range(1, len(versions) + 1)) for versions in streams.values())


async def test_two_writing_processes_make_one_order_and_lose_nothing(site: Site) -> None:
    writers = asyncio.gather(*[race(site.url, name) for name in NAMES])
    met = await tail(site.superuser_url, writers)
    acknowledged = sum(await writers, Counter())

    events = await site.events()
    in_one_order(events)
    assert met == list(range(len(events) + 1))
    totals = {row["id"].removeprefix("counter-"): row["total"] for row in await site.fetch("select id, total from counters")}
    assert totals == acknowledged
    assert sum(totals.values()) == sum(event["type"] == "CounterRaised" for event in events)
    assert sum(changes_of_hand(events, key) for key in totals if key.startswith("shared")) > 10, "they did not write at the same time"


def changes_of_hand(events: list[asyncpg.Record], key: str) -> int:
    """How often one process raised a counter right after the other one."""
    writers = [event["actor"] for event in events if event["stream"] == f"counter-{key}"]
    return sum(earlier != later for earlier, later in pairwise(writers))
