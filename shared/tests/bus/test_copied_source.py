"""A copy of the source's data goes on where the original had gone on: only the events' ids tell the two apart (rule 27)."""

import asyncio

import pytest

from placet_shared.bus.barrier import Barrier, NotPassed
from placet_shared.bus.consumer import Contradiction
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.history import KEPT
from placet_shared.bus.marks import read_marks
from placet_shared.bus.seen import SeenGate
from placet_shared.errors import OutOfRange, Unavailable
from placet_shared.event_store import Position
from placet_shared.testing import eventually

from .conftest import SCHEMA, Counters, MakeReader, Reader, Scripted

pytestmark = pytest.mark.postgres

AMPLE = 30.0


def barrier_of(reader: Reader) -> Barrier:
    return Barrier([reader.consumer], lambda: read_marks(reader.pool), patience_seconds=AMPLE)


def gate_of(reader: Reader, patience_seconds: float = AMPLE) -> SeenGate:
    return SeenGate("readers", [reader.consumer], reader.pool, patience_seconds=patience_seconds)


async def reason_of_failure(reader: Reader) -> str:
    with pytest.raises(NotPassed) as refused:
        await barrier_of(reader).wait()
    return refused.value.code


async def rebuilt(reader: Reader, counters: Counters) -> None:
    """Until the reader has what the source has, and says so."""
    async with reader.running():
        await eventually(has_what_the_source_has, reader, counters)
    assert (await barrier_of(reader).wait())[SCHEMA] == await reader.source.head()


async def has_what_the_source_has(reader: Reader, counters: Counters) -> bool:
    told = [row["id"] for row in await counters.site.events()]
    kept = [row["event_id"] for row in await reader.pool.fetch("select event_id from effects order by position")]
    return kept == told and not await reader.is_rebuilding()


@pytest.mark.parametrize("original_too", [False, True], ids=["copy was started", "both were started"])
async def test_copy_that_has_gone_on_as_far_is_denied_and_read_again(reader: Reader, counters: Counters, original_too: bool) -> None:
    await counters.raise_("a")
    if original_too:
        await counters.restart_server()
    await counters.raise_("b")
    await reader.consumer.catch_up()
    await counters.copy_data_folder(after=2)
    await counters.raise_("c")
    mark, head = await reader.mark(), await reader.source.head()
    assert (mark.position, mark.epoch if original_too else 2) == (head.position, head.epoch), "the numbers do not tell"
    assert await reason_of_failure(reader) == "source_restored"
    await rebuilt(reader, counters)


@pytest.mark.parametrize(("keys", "code"), [("", "source_behind"), ("c", "source_restored"), ("cd", "source_restored")])
async def test_copy_that_stands_elsewhere_is_denied(reader: Reader, counters: Counters, keys: str, code: str) -> None:
    await counters.raise_("a")
    await counters.restart_server()
    await counters.raise_("b")
    await counters.raise_("b")
    await reader.consumer.catch_up()
    await counters.copy_data_folder(after=2)
    await counters.raise_(*keys)
    assert await reason_of_failure(reader) == code


async def test_mark_beyond_the_head_on_another_branch_does_not_pass(reader: Reader, counters: Counters) -> None:
    """A broker brings what the original did, after the copy has said how far it is."""
    await counters.raise_("a")
    await reader.consumer.catch_up()
    await counters.raise_("b", "b")
    of_the_original = (await reader.source.read((await reader.mark()).cursor)).events
    await counters.copy_data_folder(after=2)
    await counters.raise_("c")
    barrier = barrier_of(reader)
    asked = reader.source.head

    async def head_then_events() -> Position:
        head = await asked()
        await reader.consumer.accept(of_the_original)
        return head

    reader.source.head = head_then_events  # type: ignore[method-assign]
    with pytest.raises(NotPassed) as refused:
        await barrier.wait()
    assert refused.value.code == "source_restored"


async def test_start_of_the_source_changes_nothing_for_a_reader(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a")
    async with reader.running():
        await reader.until(2)
        for epoch in (2, 3):
            await counters.restart_server()
            last = await counters.raise_("a")
            assert last
            assert last.epoch == epoch
            assert (await barrier_of(reader).wait())[SCHEMA] == last
    assert await reader.positions() == [1, 2, 3, 4]
    rows = await reader.pool.fetch("select number from effects order by number")
    assert [row["number"] for row in rows] == [1, 2, 3, 4], "nothing was read twice"


async def test_every_start_has_a_nonce_of_its_own(counters: Counters) -> None:
    nonces = set()
    for _ in range(3):
        await counters.restart_server()
        nonces.add((await counters.raise_("a")).nonce)  # type: ignore[union-attr]
    assert len(nonces) == 3
    assert {row["nonce"] for row in await counters.site.fetch("select nonce from epochs")} == nonces


async def test_events_of_a_lost_branch_below_the_mark_are_dropped_when_the_source_has_ours(
    make_reader: MakeReader, counters: Counters
) -> None:
    """A broker still has what was lost; the reader has read on from the feed."""
    await counters.raise_("a", "b")
    reader = await make_reader()
    lost = (await reader.source.read((await reader.mark()).cursor)).events
    await counters.copy_data_folder(after=2)
    await counters.raise_("c", "d")
    await reader.consumer.catch_up()
    with pytest.raises(Contradiction):
        await reader.consumer.accept(lost[2:])
    doubling = await make_reader(Scripted([lost[2:], lost], Position(SCHEMA, 1, 4)))
    async with doubling.running():
        await counters.raise_("e")
        await reader.consumer.catch_up()
    assert await has_what_the_source_has(reader, counters)


async def test_events_of_the_new_branch_below_the_mark_make_it_read_again(make_reader: MakeReader, counters: Counters) -> None:
    """A broker brings what the copy did; its first events stand where we have been."""
    await counters.raise_("a", "b", "b", "b")
    reader = await make_reader()
    await reader.consumer.catch_up()
    await counters.copy_data_folder(after=2)
    await counters.raise_("c")
    told = (await reader.source.read(Cursor())).events
    following = await make_reader(Scripted([told[2:]], Position(SCHEMA, 2, 4)))
    async with following.running():
        await eventually(has_what_the_source_has, following, counters)


async def seen_is(reader: Reader, seen: Position, patience_seconds: float = AMPLE) -> str:
    try:
        await gate_of(reader, patience_seconds).wait(str(seen))
    except (OutOfRange, Unavailable) as refused:
        return refused.code
    return "passes"


@pytest.mark.parametrize("source_is_there", [True, False])
async def test_what_was_seen_of_a_lost_branch_is_told_by_its_id(reader: Reader, counters: Counters, source_is_there: bool) -> None:
    first = await counters.raise_("a")
    await counters.restart_server()
    lost = await counters.raise_("b")
    await counters.copy_data_folder(after=2)
    kept = await counters.raise_("c")
    assert first and lost and kept  # noqa: PT018
    assert (lost.epoch, lost.position) == (kept.epoch, kept.position)
    await reader.consumer.catch_up()
    if not source_is_there:
        await counters.stop()
    assert await seen_is(reader, kept) == "passes"
    assert await seen_is(reader, first) == "passes"
    assert await seen_is(reader, lost) == ("lost_branch" if source_is_there else "source_unreachable")


async def test_older_ones_are_told_by_the_nonce_of_their_epoch(reader: Reader, counters: Counters) -> None:
    first = await counters.raise_("a")
    await counters.restart_server()
    lost = await counters.raise_("b")
    await counters.copy_data_folder(after=2)
    kept = await counters.raise_("c")
    await reader.consumer.catch_up()
    await reader.pool.execute("delete from recent_events")
    await counters.raise_("d")
    await reader.consumer.catch_up()
    assert first and lost and kept  # noqa: PT018
    assert await seen_is(reader, lost) == "lost_branch"
    await counters.stop()
    assert await seen_is(reader, kept) == "passes"
    assert await seen_is(reader, first) == "passes"


async def test_old_way_of_writing_is_taken_at_its_numbers(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a")
    await counters.restart_server()
    await counters.raise_("b")
    await reader.consumer.catch_up()
    for written in ("counters:1:1", "counters:1:2", "counters:2:3", "counters:2:4"):
        await gate_of(reader).wait(written)
    for written in ("counters:1:3", "counters:2:2"):
        assert await seen_is(reader, Position.parse(written)) == "lost_branch"


async def test_own_position_with_the_id_of_a_lost_event_is_a_lost_branch(counters: Counters) -> None:
    own = SeenGate(SCHEMA, [], counters.store.pool)
    await counters.raise_("a")
    await counters.restart_server()
    lost = await counters.raise_("b")
    await counters.copy_data_folder(after=2)
    kept = await counters.raise_("c")
    await own.wait(str(kept))
    with pytest.raises(OutOfRange) as refused:
        await own.wait(str(lost))
    assert refused.value.code == "lost_branch"


async def test_no_more_ids_are_kept_than_are_looked_at(reader: Reader, counters: Counters) -> None:
    await asyncio.gather(*[counters.raise_(f"key-{number}") for number in range(KEPT // 2 + 150)])
    await reader.consumer.catch_up()
    kept = [row["position"] for row in await reader.pool.fetch("select position from recent_events order by position")]
    assert kept == list(range(301, KEPT + 301))


async def test_epochs_of_the_lost_branch_are_forgotten(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a")
    await counters.restart_server()
    await counters.raise_("b")
    await counters.restart_server()
    lost = await counters.raise_("c")
    await reader.consumer.catch_up()
    await counters.copy_data_folder(after=2)
    await counters.raise_("d", "e")
    await rebuilt(reader, counters)
    await reader.pool.execute("delete from recent_events")
    await counters.raise_("f")
    await reader.consumer.catch_up()
    assert lost
    assert [row["epoch"] for row in await reader.pool.fetch("select epoch from known_epochs order by epoch")] == [1, 2]
    assert await seen_is(reader, lost) == "lost_branch"
