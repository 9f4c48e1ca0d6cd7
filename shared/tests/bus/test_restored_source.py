"""A source that was restored from a copy: what it lost is found out, and everything is read again (rules 3, 4)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import asyncpg
import pytest

from placet_shared.bus.barrier import Barrier, NotPassed
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.marks import read_marks
from placet_shared.bus.ports import Source
from placet_shared.bus.seen import SeenGate
from placet_shared.errors import OutOfRange
from placet_shared.testing import eventually

from .conftest import SCHEMA, SERVICE_TOKEN, Counters, MakeReader, Reader

pytestmark = pytest.mark.postgres


async def settled(reader: Reader, position: int) -> None:
    """Until the reader has read a restored source again."""

    async def is_settled() -> bool:
        mark = await reader.mark()
        return not mark.rebuilding and mark.epoch == 2 and mark.position >= position

    await eventually(is_settled)


async def test_reader_ahead_of_a_restored_source_reads_it_again(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a", "b", "c")
    await reader.consumer.catch_up()
    await counters.restore_backup(after=4)
    await counters.raise_("d", "e")
    with pytest.raises(OutOfRange):
        await reader.consumer.catch_up()
    async with reader.running():
        await settled(reader, 8)
    assert await reader.positions() == list(range(1, 9))
    kept = [str(row["event_id"]) for row in await reader.pool.fetch("select event_id from effects order by position")]
    assert kept == [str(row["id"]) for row in await counters.site.events()]


async def test_reader_behind_the_fork_goes_on_without_a_reset(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a", "b")
    await reader.consumer.catch_up(until=2)
    await reader.consumer.catch_up()
    await counters.raise_("c")
    await counters.restore_backup(after=4)
    await counters.raise_("d")
    async with reader.running():
        await reader.until(6)
    assert await reader.positions() == list(range(1, 7))
    rows = await reader.pool.fetch("select number from effects order by number")
    assert [row["number"] for row in rows] == list(range(1, 7))


async def test_source_counts_as_rebuilding_until_it_is_read_up_to_its_head(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a", "b", "c")
    await reader.consumer.catch_up()
    await counters.restore_backup(after=3)
    await counters.raise_("d")
    reader.projection.broken = reader.projection.never = {"counter-d"}  # the last events of the new branch don't go through
    async with reader.running():
        await eventually(reader.is_rebuilding)
        await reader.until(3)
        assert await reader.is_rebuilding()
        assert (await reader.mark()).rebuild_until == 5
        reader.projection.broken = set()
        await settled(reader, 5)
    assert not (await reader.mark()).rebuilding


async def test_parked_events_of_the_lost_branch_are_forgotten(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a", "b", "c")
    reader.projection.broken = {"counter-c"}
    await reader.consumer.catch_up()
    assert [position for position, _ in await reader.parked()] == [5, 6]
    await counters.restore_backup(after=4)
    await counters.raise_("d")
    async with reader.running():
        await settled(reader, 6)
    assert await reader.parked() == []
    assert await reader.positions() == list(range(1, 7))


async def test_projection_that_keeps_what_is_still_so_goes_on_from_there(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a", "b", "c")
    reader.projection.broken = {"counter-a"}
    await reader.consumer.catch_up()
    fourth = (await counters.site.events())[3]
    await counters.restore_backup(after=4)
    await counters.raise_("d")

    async def keep_four(connection: object, source: object) -> Cursor:
        await reader.pool.execute("delete from effects where position > 4")
        return Cursor(1, 4, str(fourth["id"]))

    reader.projection.reset = keep_four  # type: ignore[method-assign]
    async with reader.running():
        await settled(reader, 6)
    assert await reader.positions() == [3, 4, 5, 6]
    assert [position for position, _ in await reader.parked()] == [1, 2]


async def test_two_readers_of_a_restored_source_read_it_again_once(make_reader: MakeReader, counters: Counters) -> None:
    first, second = await make_reader(), await make_reader()
    await counters.raise_("a", "b", "c")
    await first.consumer.catch_up()
    resets: list[object] = []
    for reader in (first, second):
        plain = reader.projection.reset

        async def counted(connection, source, plain=plain):  # type: ignore[no-untyped-def]
            resets.append(source)
            return await plain(connection, source)

        reader.projection.reset = counted  # type: ignore[method-assign]
    await counters.restore_backup(after=4)
    await counters.raise_("d")
    async with first.running(), second.running():
        await settled(first, 6)
        await counters.raise_("e")
        await first.until(8)
    assert len(resets) == 1
    assert await first.positions() == list(range(1, 9))


async def test_source_that_lost_everything_is_read_from_its_beginning(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a", "b")
    await reader.consumer.catch_up()
    await counters.restore_backup(after=0)
    async with reader.running():
        await eventually(counters.site.fetch, "select from readers.marks where position = 0")
        assert await reader.positions() == []
        await counters.raise_("c")
        await reader.until(2)
    assert await reader.positions() == [1, 2]


async def test_reset_that_fails_at_first_is_tried_again(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a", "b")
    await reader.consumer.catch_up()
    await counters.restore_backup(after=2)
    await counters.raise_("c")
    plain = reader.projection.reset
    failures = [ValueError("a defect"), OutOfRange("lost meanwhile", code="lost_branch")]

    async def reset(connection: asyncpg.Connection, source: Source) -> Cursor:
        if failures:
            raise failures.pop()
        return await plain(connection, source)

    reader.projection.reset = reset  # type: ignore[method-assign]
    async with reader.running():
        await settled(reader, 4)
    assert await reader.positions() == [1, 2, 3, 4]


@asynccontextmanager
async def waiting_in_vain(counters: Counters, make_reader: MakeReader) -> AsyncIterator[Reader]:
    """A reader in a long-poll that ends much later than this test, at a source that was restored since and has no news for it."""
    client = FeedClient(SCHEMA, counters.url, lambda: SERVICE_TOKEN, long_poll_seconds=24)
    reader = await make_reader(source=client)
    await counters.raise_("a", "b", "c")
    await reader.consumer.catch_up()
    async with aclosing(client), reader.running():
        await eventually(lambda: counters.feed.waiting == 1)
        await counters.restore_backup(after=2)
        yield reader
        async with asyncio.timeout(12):
            await settled(reader, 4)
        assert await reader.positions() == [1, 2, 3, 4]


async def test_barrier_that_finds_a_source_restored_tells_the_reader_in_its_long_poll(counters: Counters, make_reader: MakeReader) -> None:
    async with waiting_in_vain(counters, make_reader) as reader:
        await counters.raise_("d")
        with pytest.raises(NotPassed) as refused:
            await Barrier([reader.consumer], lambda: read_marks(reader.pool), patience_seconds=5).wait()
        assert refused.value.code == "source_restored"


async def test_seen_of_a_restored_source_tells_the_reader_in_its_long_poll(counters: Counters, make_reader: MakeReader) -> None:
    async with waiting_in_vain(counters, make_reader) as reader:
        position = await counters.raise_("d")
        await SeenGate("readers", [reader.consumer], reader.pool).wait(str(position))


async def test_reader_that_is_told_without_reason_goes_on_where_it_was(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a")
    async with reader.running():
        await reader.until(2)
        for key in "bcd":
            reader.consumer.look_again()
            await counters.raise_(key)
        await reader.until(8)
    rows = await reader.pool.fetch("select number from effects order by number")
    assert [row["number"] for row in rows] == list(range(1, 9))


async def test_process_waits_for_a_mark_with_one_session_however_many_want_it(reader: Reader, counters: Counters) -> None:
    """Were it stopped now, it would hold the mark for one time-out of an idle transaction, not for one after the other (rule 12)."""
    await counters.raise_("a")
    await reader.consumer.catch_up(until=1)
    events = (await reader.source.read(Cursor())).events
    sessions = [await reader.pool.acquire() for _ in range(8)]  # all of them are there from now on
    await asyncio.gather(*[reader.pool.release(session) for session in sessions])
    connection = await asyncpg.connect(counters.site.superuser_url)
    async with connection.transaction():
        await connection.execute("select from readers.marks for update")
        wanting: list[asyncio.Task[Any]] = [asyncio.create_task(reader.consumer.accept(events)) for _ in range(3)]
        wanting += [asyncio.create_task(reader.consumer.retry_parked()) for _ in range(2)]
        await eventually(lambda: all(not one.done() for one in wanting))
        await eventually(waits_for_a_lock, connection)
        await asyncio.gather(*[reader.pool.fetchval("select 1") for _ in range(3)])  # who came before has had its turn at the pool
        assert (reader.pool.get_size() - reader.pool.get_idle_size(), await waits_for_a_lock(connection)) == (1, 1)
    await asyncio.gather(*wanting)
    await connection.close()


async def waits_for_a_lock(connection: asyncpg.Connection) -> int:
    """How many sessions of the reader do."""
    sql = "select count(*) from pg_stat_activity where application_name = 'placet reader' and wait_event_type = 'Lock'"
    return int(await connection.fetchval(sql))
