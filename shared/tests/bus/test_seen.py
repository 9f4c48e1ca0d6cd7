"""`Placet-Seen`: no answer from before what the client has seen, and none at all about what never was (rule 20)."""

import asyncio
from typing import Any, cast

import asyncpg
import pytest

from placet_shared.bus.history import LOOK_BACK
from placet_shared.bus.seen import SeenGate
from placet_shared.errors import Malformed, OutOfRange, PlacetError, Unavailable
from placet_shared.testing import eventually
from placet_shared.web.problems import status_of

from .conftest import Counters, Reader

pytestmark = pytest.mark.postgres

AMPLE = 30.0
FOREVER = 120.0


class CountingPool:
    """A pool that counts how often it was read for which events are applied."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.looks_back = 0

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        self.looks_back += sql is LOOK_BACK
        rows: list[asyncpg.Record] = await self._pool.fetch(sql, *args)
        return rows

    async def fetchval(self, sql: str, *args: Any) -> Any:
        return await self._pool.fetchval(sql, *args)


def gate_of(reader: Reader, patience_seconds: float = AMPLE) -> SeenGate:
    return SeenGate("readers", [reader.consumer], reader.pool, patience_seconds=patience_seconds)


async def refusal(gate: SeenGate, header: str, kind: type[PlacetError]) -> tuple[int, str]:
    with pytest.raises(kind) as refused:
        await gate.wait(header)
    return status_of(refused.value), refused.value.code


async def test_what_is_applied_already_lets_pass(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a")
    await reader.consumer.catch_up()
    await gate_of(reader).wait("counters:1:2")


async def test_applied_position_lets_pass_while_the_source_is_away(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a")
    await reader.consumer.catch_up()
    await counters.stop()
    await gate_of(reader).wait("counters:1:1")


async def test_request_waits_until_its_position_is_applied(reader: Reader, counters: Counters) -> None:
    position, gate = await counters.raise_("a", "b"), gate_of(reader)
    waiting = asyncio.create_task(gate.wait(str(position)))
    await eventually(lambda: gate.waiting["counters"].asleep == 1)
    assert not waiting.done()
    async with reader.running():
        await waiting
    assert await reader.positions() == [1, 2, 3, 4]


async def test_many_requests_that_wait_cost_one_read_a_change(reader: Reader, counters: Counters) -> None:
    pool = CountingPool(reader.pool)
    gate = SeenGate("readers", [reader.consumer], cast(asyncpg.Pool, pool), patience_seconds=FOREVER)
    waiters = gate.waiting["counters"]
    positions = [str(await counters.raise_(key)) for key in "ab"]
    waits = [asyncio.create_task(gate.wait(position)) for position in positions * 50]
    await eventually(lambda: waiters.asleep == 100)
    pool.looks_back, due = 0, waiters.wake_ups + waiters.looks
    async with reader.running():
        await asyncio.gather(*waits)
    assert pool.looks_back <= waiters.wake_ups + waiters.looks - due
    assert waiters.count == 0


async def test_requests_that_wait_end_when_the_process_stops(reader: Reader, counters: Counters) -> None:
    position, gate = await counters.raise_("a"), gate_of(reader)
    waiting = asyncio.create_task(refusal(gate, str(position), Unavailable))
    await eventually(lambda: gate.waiting["counters"].asleep == 1)
    gate.stop()
    assert await waiting == (503, "behind")


async def test_service_that_stays_behind_is_503(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a")
    assert await refusal(gate_of(reader, 0.1), "counters:1:2", Unavailable) == (503, "behind")


@pytest.mark.parametrize("position", [3, 2**63 - 1])
async def test_position_beyond_the_head_is_400_at_once(reader: Reader, counters: Counters, position: int) -> None:
    await counters.raise_("a")
    await reader.consumer.catch_up()
    assert await refusal(gate_of(reader), f"counters:1:{position}", OutOfRange) == (400, "beyond_head")


@pytest.mark.parametrize("caught_up", [False, True])
async def test_position_of_a_lost_branch_is_409(reader: Reader, counters: Counters, caught_up: bool) -> None:
    lost = await counters.raise_("a", "b")
    await counters.restore_backup(after=2)
    await counters.raise_("c", "d")
    if caught_up:
        await reader.consumer.catch_up()
    assert await refusal(gate_of(reader), str(lost), OutOfRange) == (409, "lost_branch")


async def test_position_of_an_older_epoch_that_was_not_lost_lets_pass(reader: Reader, counters: Counters) -> None:
    kept = await counters.raise_("a")
    await counters.raise_("b")
    await counters.restore_backup(after=2)
    await counters.raise_("c")
    await reader.consumer.catch_up()
    await gate_of(reader).wait(str(kept))


async def test_mark_on_a_branch_that_the_source_lost_does_not_let_pass(reader: Reader, counters: Counters) -> None:
    """The client has seen the new branch; this service has as many events, but others."""
    await counters.raise_("a", "b")
    await reader.consumer.catch_up()
    await counters.restore_backup(after=2)
    seen = await counters.raise_("c")
    assert await refusal(gate_of(reader, 0.1), str(seen), Unavailable) == (503, "behind")


async def test_parked_event_and_what_queues_behind_it_are_503(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a", "b")
    reader.projection.broken = {"counter-a"}
    await reader.consumer.catch_up()
    for position in (1, 2):
        assert await refusal(gate_of(reader), f"counters:1:{position}", Unavailable) == (503, "unprocessed_event")
    await gate_of(reader).wait("counters:1:4")


async def test_source_that_is_away_is_503(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a")
    await counters.stop()
    assert await refusal(gate_of(reader), "counters:1:2", Unavailable) == (503, "source_unreachable")


async def test_sources_that_this_service_does_not_follow_do_not_concern_it(reader: Reader) -> None:
    await gate_of(reader).wait("verification:7:70000")


async def test_several_positions_are_each_waited_for(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a")
    await reader.consumer.catch_up()
    await gate_of(reader).wait("verification:1:9, counters:1:2,")
    assert await refusal(gate_of(reader), "verification:1:9,counters:1:3", OutOfRange) == (400, "beyond_head")


@pytest.mark.parametrize("header", ["counters", "counters:1", "counters:1:x", "counters:-1:2", "1:2", "counters:1:2;counters:1:3"])
async def test_malformed_position_is_422(reader: Reader, header: str) -> None:
    assert (await refusal(gate_of(reader), header, Malformed))[0] == 422


async def test_own_position_beyond_the_own_head_is_400_and_of_a_lost_branch_409(counters: Counters) -> None:
    own = SeenGate("counters", [], counters.store.pool)
    await own.wait("counters:0:0")
    kept = await counters.raise_("a")
    lost = await counters.raise_("b")
    await own.wait(str(kept))
    await own.wait(str(lost))
    assert await refusal(own, "counters:1:5", OutOfRange) == (400, "beyond_head")
    await counters.restore_backup(after=2)
    assert await refusal(own, str(lost), OutOfRange) == (400, "beyond_head")
    await counters.raise_("c")
    assert await refusal(own, str(lost), OutOfRange) == (409, "lost_branch")
    await own.wait(str(kept))


@pytest.mark.parametrize("header", ["counters:1:1,counters:1:1", "counters:1:2, readers:1:1 ,counters:1:1", "," * 1001])
async def test_second_position_of_a_source_is_refused_unseen(reader: Reader, header: str) -> None:
    assert await refusal(gate_of(reader), header, Malformed) == (422, "malformed_seen")
