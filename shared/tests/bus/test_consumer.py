"""The consuming side: order, duplicates, gaps, several consumers of one source, a database that comes and goes."""

import asyncio
from collections.abc import Callable, Sequence

import asyncpg
import pytest
from msgspec.structs import replace

from placet_shared.bus.consumer import Consumer, Gap
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.feed_client import FeedClient
from placet_shared.event_store import Position, RecordedEvent
from placet_shared.postgres import connect
from placet_shared.testing import eventually

from .conftest import SERVICE_TOKEN, Counters, Effects, MakeReader, Reader, Scripted, WholePages

pytestmark = pytest.mark.postgres

END_BACKENDS = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'placet reader'"
A_SESSION_WAITS = "select exists (select from pg_locks where not granted)"

Arrange = Callable[[list[RecordedEvent]], Sequence[Sequence[RecordedEvent]]]


class OnlyOpened(Effects):
    """Has nothing to do for other events."""

    async def apply(self, connection: asyncpg.Connection, event: RecordedEvent) -> None:
        if event.type == "CounterOpened":
            assert event.data
            await super().apply(connection, event)


@pytest.fixture
async def events(counters: Counters, feed_client: FeedClient) -> list[RecordedEvent]:
    """Ten events."""
    await counters.raise_("a", "b", "c", "d", "e")
    return list((await feed_client.read(Cursor())).events)


async def test_events_at_or_below_the_mark_are_passed_over(reader: Reader, events: list[RecordedEvent]) -> None:
    await reader.consumer.accept(events[:6])
    await reader.consumer.accept(events[:6])
    await reader.consumer.accept(events[3:])
    assert await reader.positions() == list(range(1, 11))


async def test_mark_is_the_last_event_that_had_its_effect(reader: Reader, events: list[RecordedEvent]) -> None:
    await reader.consumer.accept(events[:4])
    mark = await reader.mark()
    assert mark.cursor == Cursor(1, 4, events[3].id)
    assert mark.recorded_at == events[3].recorded_at


async def test_projection_that_takes_pages_gets_what_is_new_of_each_in_one_call(
    make_reader: MakeReader, events: list[RecordedEvent]
) -> None:
    projection = WholePages()
    reader = await make_reader(projection=projection)
    await reader.consumer.accept(events[:4])
    await reader.consumer.accept(events)
    assert projection.pages == [4, 6]
    assert await reader.positions() == list(range(1, 11))
    assert (await reader.mark()).cursor == Cursor(1, 10, events[-1].id)


async def test_page_that_fails_moves_no_mark(make_reader: MakeReader, events: list[RecordedEvent]) -> None:
    reader = await make_reader(projection=WholePages(broken={events[6].stream}, error=ConnectionError))
    with pytest.raises(ConnectionError):
        await reader.consumer.accept(events)
    assert await reader.positions() == []
    assert (await reader.mark()).position == 0


async def test_consumer_of_some_types_moves_its_mark_over_all_events_and_remembers_them(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a", "b", "a")
    client = FeedClient("counters", counters.url, lambda: SERVICE_TOKEN, types={"CounterOpened"})
    page = (await client.read(Cursor())).events
    consumer = Consumer(client, reader.pool, OnlyOpened())
    await consumer.catch_up()
    rows = await counters.site.events()
    assert (await reader.mark()).cursor == Cursor(1, 5, str(rows[-1]["id"]))
    assert await consumer.id_at(4) == str(rows[3]["id"])
    assert await reader.positions() == [row["position"] for row in rows if row["type"] == "CounterOpened"]
    await counters.raise_("c")
    [*_, opened, raised] = (await client.read(Cursor())).events
    with pytest.raises(Gap):
        await consumer.accept([raised])
    with pytest.raises(Gap):
        await consumer.accept([replace(opened, prev=page[0].id)])
    await client.aclose()


async def test_gap_is_refused_whole(reader: Reader, events: list[RecordedEvent]) -> None:
    with pytest.raises(Gap):
        await reader.consumer.accept([*events[:3], *events[4:]])
    assert await reader.positions() == []
    assert (await reader.mark()).position == 0


async def test_event_that_names_another_predecessor_is_refused(reader: Reader, events: list[RecordedEvent]) -> None:
    await reader.consumer.accept(events[:2])
    impostor = replace(events[2], prev=events[0].id)
    with pytest.raises(Gap):
        await reader.consumer.accept([impostor])
    assert (await reader.mark()).position == 2


@pytest.mark.parametrize(
    "arrange",
    [
        lambda events: [events[4:]],
        lambda events: [events[:2], events[7:]],
        lambda events: [events[::-1]],
        lambda events: [[event] for event in reversed(events)],
        lambda events: [[event, event] for event in events],
        lambda events: [events[1::2], events[::2]],
        lambda events: [events[:1], events[9:], events[3:5]],
    ],
    ids=["late", "hole", "backwards", "one by one backwards", "doubled", "odd before even", "hole, then late"],
)
async def test_whatever_arrives_is_put_right_from_the_feed(make_reader: MakeReader, events: list[RecordedEvent], arrange: Arrange) -> None:
    reader = await make_reader(Scripted(arrange(events), Position("counters", 1, 10)))
    async with reader.running():
        await reader.until(10)
    assert await reader.positions() == list(range(1, 11))


async def test_two_consumers_of_one_source_give_each_event_one_effect(make_reader: MakeReader, counters: Counters) -> None:
    first, second = await make_reader(), await make_reader()
    async with first.running(), second.running():
        await asyncio.gather(*[counters.raise_(f"key-{number}") for number in range(150)])
        await first.until(300)
    assert await first.positions() == list(range(1, 301))


async def test_second_consumer_waits_for_the_one_that_holds_the_mark(
    make_reader: MakeReader, events: list[RecordedEvent], counters: Counters
) -> None:
    reader = await make_reader()
    await reader.consumer.accept(events[:1])
    holder = await connect(counters.site.superuser_url, "readers")
    async with holder.transaction():
        await holder.execute("select from marks where source = 'counters' for update")
        accepting = asyncio.create_task(reader.consumer.accept(events))
        await eventually(holder.fetchval, A_SESSION_WAITS)
        assert await reader.positions() == [1]
        assert not accepting.done()
    await accepting
    await holder.close()
    assert await reader.positions() == list(range(1, 11))


async def test_lost_database_connections_park_nothing_and_repeat_nothing(reader: Reader, counters: Counters) -> None:
    async with reader.running():
        for number in range(8):
            await asyncio.gather(*[counters.raise_(f"key-{number}-{other}") for other in range(10)])
            await counters.site.fetch(END_BACKENDS)
        await eventually(counters.site.fetch, "select from readers.marks where position = 160")
    assert await reader.positions() == list(range(1, 161))
    assert await reader.parked() == []


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.DeadlockDetectedError,
        asyncpg.SerializationError,
        asyncpg.DiskFullError,
        asyncpg.QueryCanceledError,
        asyncpg.LockNotAvailableError,
        asyncpg.ConnectionDoesNotExistError,
        asyncpg.InternalClientError,
        ConnectionResetError,
        TimeoutError,
    ],
)
async def test_passing_failure_of_the_database_parks_nothing(reader: Reader, events: list[RecordedEvent], error: type[Exception]) -> None:
    reader.projection.broken = {"counter-b"}
    reader.projection.error = error
    with pytest.raises(error):
        await reader.consumer.accept(events)
    reader.projection.broken.clear()
    await reader.consumer.accept(events)
    assert await reader.parked() == []
    assert await reader.positions() == list(range(1, 11))


async def test_catch_up_without_a_goal_goes_to_where_the_source_is(reader: Reader, counters: Counters) -> None:
    await asyncio.gather(*[counters.raise_(f"key-{number}") for number in range(300)])
    await reader.consumer.catch_up()
    assert (await reader.mark()).position == 600


async def test_who_waits_for_rows_is_told_when_they_moved(make_reader: MakeReader, events: list[RecordedEvent]) -> None:
    moved: list[bool] = []
    reader = await make_reader(moved=lambda: moved.append(True))
    await reader.consumer.accept([])
    assert moved == []
    await reader.consumer.accept(events)
    assert moved == [True]
