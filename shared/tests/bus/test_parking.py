"""Setting aside what can't be applied: its subject waits in order, all others go on (rule 22)."""

import asyncio

import asyncpg
import pytest
from msgspec.structs import replace

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.parked import find_parked, list_parked
from placet_shared.bus.parking import parked_subjects
from placet_shared.testing import eventually

from .conftest import Counters, MakeReader, Reader, WholePages

pytestmark = pytest.mark.postgres

# "a", "b" and "a" again make 1 to 5: a opened, a raised, b opened, b raised, a raised.
KEYS = ("a", "b", "a")
DRAIN_WAITS = """
    select 1 from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like 'delete from parked%'
"""


@pytest.fixture
async def defective(reader: Reader, counters: Counters) -> Reader:
    """A reader that can't apply events of counter a."""
    await counters.raise_(*KEYS)
    reader.projection.broken = {"counter-a"}
    await reader.consumer.catch_up()
    return reader


async def test_failing_event_is_parked_its_subject_queues_and_the_others_go_on(defective: Reader) -> None:
    assert await defective.positions() == [3, 4]
    assert await defective.parked() == [(1, "ValueError: this reader has a defect"), (2, None), (5, None)]
    assert (await defective.mark()).position == 5
    assert await parked_subjects(defective.pool) == {"a"}


async def test_later_events_of_a_parked_subject_queue_behind_it_though_they_could_be_applied(defective: Reader, counters: Counters) -> None:
    defective.projection.broken.clear()
    await counters.raise_("a", "b")
    await defective.consumer.catch_up()
    assert await defective.positions() == [3, 4, 7]
    assert [position for position, _ in await defective.parked()] == [1, 2, 5, 6]


async def test_of_a_page_that_fails_only_the_subject_waits_and_later_pages_come_event_by_event_until_the_repair(
    make_reader: MakeReader, counters: Counters
) -> None:
    projection = WholePages(broken={"counter-a"})
    reader = await make_reader(projection=projection)
    await counters.raise_(*KEYS)
    await reader.consumer.catch_up()
    assert await reader.positions() == [3, 4]
    assert [position for position, _ in await reader.parked()] == [1, 2, 5]
    projection.broken.clear()
    await counters.raise_("a", "b")
    await reader.consumer.catch_up()
    assert [position for position, _ in await reader.parked()] == [1, 2, 5, 6]
    assert await reader.consumer.retry_parked() == 4
    projection.pages.clear()
    await counters.raise_("a", "b")
    await reader.consumer.catch_up()
    assert projection.pages == [2]
    assert await reader.positions() == [3, 4, 7, 1, 2, 5, 6, 8, 9]


async def test_drain_after_the_repair_applies_in_order(defective: Reader) -> None:
    defective.projection.broken.clear()
    assert await defective.consumer.retry_parked() == 3
    assert await defective.positions() == [3, 4, 1, 2, 5]
    assert await defective.parked() == []


async def test_drain_without_a_repair_changes_nothing_but_the_count_of_attempts(defective: Reader) -> None:
    assert await defective.consumer.retry_parked() == 0
    assert await defective.positions() == [3, 4]
    rows = await defective.pool.fetch("select position, attempts from parked_events order by position")
    assert [tuple(row) for row in rows] == [(1, 1), (2, 0), (5, 0)]


async def test_drain_goes_past_a_subject_that_is_still_broken(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a", "b", "a", "b")
    reader.projection.broken = {"counter-a", "counter-b"}
    await reader.consumer.catch_up()
    reader.projection.broken = {"counter-a"}
    assert await reader.consumer.retry_parked() == 3
    assert await reader.positions() == [3, 4, 6]
    assert [position for position, _ in await reader.parked()] == [1, 2, 5]


async def test_repaired_reader_drains_when_it_starts(defective: Reader, make_reader: MakeReader) -> None:
    repaired = await make_reader()
    async with repaired.running():
        await eventually(repaired.has_nothing_parked)
    assert await repaired.positions() == [3, 4, 1, 2, 5]


async def test_parked_event_keeps_every_byte(defective: Reader, feed_client: FeedClient) -> None:
    stored = (await feed_client.read(Cursor())).events
    applied = []

    async def apply(connection: asyncpg.Connection, event: object) -> None:
        applied.append(event)

    defective.projection.apply = apply  # type: ignore[method-assign]
    await defective.consumer.retry_parked()
    assert applied == [stored[0], stored[1], stored[4]]


async def test_event_queues_behind_every_subject_that_it_touches(reader: Reader, counters: Counters) -> None:
    """An event that touches a and b waits while either is parked, and then holds up the other one too."""
    await counters.raise_(*KEYS)
    reader.projection.broken = {"counter-a"}
    reader.projection.subjects = lambda event: ["a", "b"] if event.position == 4 else [event.subject]  # type: ignore[method-assign]
    await counters.raise_("b")
    await reader.consumer.catch_up()
    assert await reader.positions() == [3]
    assert [position for position, _ in await reader.parked()] == [1, 2, 4, 5, 6]
    reader.projection.broken.clear()
    await reader.consumer.retry_parked()
    assert await reader.positions() == [3, 1, 2, 4, 5, 6]


async def test_event_that_must_not_be_parked_holds_up_the_source(reader: Reader, counters: Counters) -> None:
    await counters.raise_("b", "a", "c")
    reader.projection.broken = reader.projection.never = {"counter-a"}
    with pytest.raises(ValueError, match="defect"):
        await reader.consumer.catch_up()
    assert (await reader.mark()).position == 2
    assert await reader.positions() == [1, 2]
    assert await reader.parked() == []
    reader.projection.broken = set()
    await reader.consumer.catch_up()
    assert await reader.positions() == [1, 2, 3, 4, 5, 6]


async def test_event_that_must_not_be_parked_overtakes_its_parked_subject(defective: Reader, counters: Counters) -> None:
    """A revocation takes effect whatever else is broken."""
    defective.projection.broken.clear()
    defective.projection.never = {"counter-a"}
    await counters.raise_("a")
    await defective.consumer.catch_up()
    assert await defective.positions() == [3, 4, 6]
    assert [position for position, _ in await defective.parked()] == [1, 2, 5]


async def test_value_that_its_column_can_not_take_parks_the_event(reader: Reader, counters: Counters, feed_client: FeedClient) -> None:
    """asyncpg refuses it before the server sees it."""
    await counters.raise_(*KEYS)
    plain = reader.projection.apply

    async def apply(connection: asyncpg.Connection, event: object) -> None:
        first = event.position == 1  # type: ignore[attr-defined]
        await plain(connection, replace(event, stream=1) if first else event)  # type: ignore[type-var, arg-type]

    reader.projection.apply = apply  # type: ignore[method-assign]
    await reader.consumer.catch_up()
    assert [position for position, _ in await reader.parked()] == [1, 2, 5]
    assert await reader.positions() == [3, 4]


async def test_list_says_what_waits_for_what(reader: Reader, counters: Counters) -> None:
    """An event that touches a and b waits for both; what touches b then waits for both too."""
    await counters.raise_("a", "b", "c", "b")
    reader.projection.broken = {"counter-a", "counter-b"}
    reader.projection.subjects = lambda event: ["a", "b"] if event.position == 4 else [event.subject]  # type: ignore[method-assign]
    await reader.consumer.catch_up()
    events = await list_parked(reader.pool)
    assert [(event.position, event.blocks, event.behind, event.holds_up) for event in events] == [
        (1, True, [], 3),
        (2, False, [1], 0),
        (3, True, [], 2),
        (4, False, [1, 3], 0),
        (7, False, [1, 3], 0),
    ]
    assert {(event.consumer, event.source) for event in events} == {("counters", "counters")}
    assert await find_parked(reader.pool, "counters", 4) == events[3]
    assert await find_parked(reader.pool, "counters", 5) is None


async def test_event_that_is_skipped_while_the_queue_is_drained_is_not_applied(defective: Reader) -> None:
    """Who skips takes no lock on the mark; the row decides which of the two it was."""
    defective.projection.broken.clear()
    async with defective.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("select unpark(source, position, event_id) from parked_events where position = 1")
        draining = asyncio.create_task(defective.consumer.retry_parked())
        await eventually(lambda: defective.pool.fetch(DRAIN_WAITS))
        await transaction.commit()
    assert await draining == 2
    assert await defective.positions() == [3, 4, 2, 5]
    assert await defective.parked() == []


async def test_event_that_is_parked_no_longer_can_not_be_skipped(defective: Reader) -> None:
    with pytest.raises(asyncpg.RaiseError, match="no such event is parked"):
        await defective.pool.execute("select unpark('counters', 3, gen_random_uuid())")
