"""Rows built anew from another service's feed are those that the consumer keeps: with what it parked and what was skipped left out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import asyncpg
import pytest

from placet_shared.access import Actor
from placet_shared.bus.consumer import Consumer
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.ports import Arrived, Digest
from placet_shared.bus.resolving import ParkedAt, SkipParkedEvent, skip_parked_event
from placet_shared.errors import OutOfRange
from placet_shared.event_store import Epoch, EventRegistry, EventStore, Position, RecordedEvent
from placet_shared.rebuilding import ConsumedEvents, Followed, Reached
from placet_shared.rebuilding.rebuild import CannotRebuild
from placet_shared.testing import DEADLINE, eventually

from .conftest import READERS, Counters, Kept, Site, anew, as_superuser, metadata

pytestmark = pytest.mark.postgres

# Counter by counter: opened and raised, and raised again: 1 a opened, 2 a, 3 b opened, 4 b, 5 a.
KEYS = ("a", "b", "a")
GENEROUS = 20.0  # what the swap may hold up others for is a fraction of a second
ADMIN = Actor("dora", "person", frozenset({"admin"}), "token")


class KeptByPage(Kept):
    """A page at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[int] = []

    async def apply_page(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        for event in events:
            await self.apply(connection, event)
        self.pages += [len(events)] if events else []


class Reader:
    """A consumer and what it keeps, and the same built anew."""

    def __init__(self, site: Site, pool: asyncpg.Pool, source: FeedClient) -> None:
        self.site = site
        self.pool = pool
        self.source = source
        self.projection: Kept = Kept()
        self.consumer = Consumer(source, pool, self.projection)

    def replay(self, source: FeedClient | None = None) -> ConsumedEvents:
        return ConsumedEvents(["kept"], [Followed(self.consumer.name, source or self.source, self.projection)])

    async def anew(self, replay: ConsumedEvents | None = None, **options: float) -> dict[str, int]:
        return dict(await anew(self.site.superuser_url, READERS, replay or self.replay(), **options))

    async def kept(self) -> list[int]:
        return [row["position"] for row in await self.pool.fetch("select position from kept order by position")]

    async def parked(self) -> list[int]:
        return [row["position"] for row in await self.pool.fetch("select position from parked_events order by position")]


@pytest.fixture
async def reader(site: Site, readers_pool: asyncpg.Pool, feed_client: FeedClient) -> Reader:
    return Reader(site, readers_pool, feed_client)


@pytest.fixture
async def defective(reader: Reader, counters: Counters) -> Reader:
    """A reader that could not apply the events of counter a."""
    await counters.raise_(*KEYS)
    reader.projection.broken = {"counter-a"}
    await reader.consumer.catch_up()
    assert (await reader.kept(), await reader.parked()) == ([3, 4], [1, 2, 5])
    return reader


@pytest.fixture
async def own_store(reader_url: str) -> AsyncIterator[EventStore]:
    """The reader's own, where decisions about what it parked are recorded."""
    store = EventStore(reader_url, READERS, EventRegistry(READERS, ()))
    await store.start()
    yield store
    await store.close()


async def test_rows_are_those_of_the_consumer_and_no_more(reader: Reader, counters: Counters) -> None:
    await counters.raise_(*KEYS)
    await reader.consumer.catch_up()
    await counters.raise_("c")
    await reader.pool.execute("delete from kept where position > 2")
    assert await reader.anew() == {"counters": 5}
    assert await reader.kept() == [1, 2, 3, 4, 5], "what is beyond the mark is the consumer's to apply"
    await reader.consumer.catch_up()
    assert await reader.kept() == [1, 2, 3, 4, 5, 6, 7]


async def test_reader_that_never_read_can_be_rebuilt(reader: Reader, counters: Counters) -> None:
    await counters.raise_(*KEYS)
    assert await reader.anew() == {"counters": 0}
    await reader.consumer.catch_up()
    assert await reader.kept() == [1, 2, 3, 4, 5]


async def test_what_is_parked_stays_parked_though_it_could_be_applied_by_now(defective: Reader) -> None:
    defective.projection.broken.clear()
    await defective.anew()
    assert (await defective.kept(), await defective.parked()) == ([3, 4], [1, 2, 5])
    assert await defective.consumer.retry_parked() == 3
    assert await defective.kept() == [1, 2, 3, 4, 5]


class Meanwhile(ConsumedEvents):
    """Something happens when the new rows are filled, before the locks are taken."""

    def __init__(self, replay: ConsumedEvents, happens: Callable[[], Awaitable[object]]) -> None:
        super().__init__(replay.tables, replay._followed)
        self._happens = happens

    async def lock(self, connection: asyncpg.Connection) -> Reached:
        await self._happens()
        return await super().lock(connection)


async def test_parked_event_that_is_applied_before_the_swap_is_in_the_new_rows(defective: Reader) -> None:
    async def repair() -> None:
        defective.projection.broken.clear()
        await defective.consumer.retry_parked()

    await defective.anew(Meanwhile(defective.replay(), repair))
    assert (await defective.kept(), await defective.parked()) == ([1, 2, 3, 4, 5], [])


async def test_event_that_arrives_before_the_swap_is_in_the_new_rows(reader: Reader, counters: Counters) -> None:
    async def arrive() -> None:
        await counters.raise_("c")
        await reader.consumer.catch_up()

    await counters.raise_(*KEYS)
    await reader.consumer.catch_up()
    assert await reader.anew(Meanwhile(reader.replay(), arrive)) == {"counters": 7}
    assert await reader.kept() == [1, 2, 3, 4, 5, 6, 7]


async def skip(reader: Reader, own_store: EventStore, position: int) -> None:
    command = SkipParkedEvent(ParkedAt("counters", position), "It was a mistake.")
    await own_store.execute(skip_parked_event, command, reader.pool, metadata=metadata(), actor=ADMIN)


@pytest.mark.parametrize("when", ["before", "meanwhile"])
async def test_event_that_was_skipped_stays_skipped(defective: Reader, own_store: EventStore, when: str) -> None:
    async def decide() -> None:
        defective.projection.broken.clear()
        if await defective.parked():
            await skip(defective, own_store, 1)
            await defective.consumer.retry_parked()

    if when == "before":
        await decide()
    await defective.anew(Meanwhile(defective.replay(), decide))
    assert (await defective.kept(), await defective.parked()) == ([2, 3, 4, 5], [])


async def test_what_never_parks_is_applied_though_its_subject_is_parked(reader: Reader, counters: Counters) -> None:
    await counters.raise_("a")
    reader.projection.broken = {"counter-a"}
    await reader.consumer.catch_up()
    reader.projection.broken, reader.projection.never = set(), {"counter-a"}
    await counters.raise_("a")
    await reader.consumer.catch_up()
    assert (await reader.kept(), await reader.parked()) == ([3], [1, 2])
    await reader.anew()
    assert (await reader.kept(), await reader.parked()) == ([3], [1, 2])


async def test_event_that_can_not_be_applied_any_more_ends_the_rebuild_and_the_old_rows_serve(reader: Reader, counters: Counters) -> None:
    await counters.raise_(*KEYS)
    await reader.consumer.catch_up()
    reader.projection.broken = {"counter-b"}
    with pytest.raises(CannotRebuild, match=r"counters's event at position 3 \(CounterOpened\) can't be applied"):
        await reader.anew()
    assert await reader.kept() == [1, 2, 3, 4, 5]


async def test_pages_are_replayed_as_pages_and_of_one_that_can_not_be_applied_the_event_is_named(
    reader: Reader, counters: Counters
) -> None:
    await counters.raise_(*KEYS)
    await reader.consumer.catch_up()
    projection = reader.projection = KeptByPage()
    await reader.anew()
    assert (await reader.kept(), projection.pages) == ([1, 2, 3, 4, 5], [5])
    projection.broken = {"counter-b"}
    with pytest.raises(CannotRebuild, match=r"counters's event at position 3 \(CounterOpened\) can't be applied"):
        await reader.anew()
    assert await reader.kept() == [1, 2, 3, 4, 5]


async def test_source_that_tells_another_history_by_now_ends_the_rebuild(reader: Reader, counters: Counters) -> None:
    await counters.raise_(*KEYS)
    await reader.consumer.catch_up()
    await counters.restore_backup(after=4)
    with pytest.raises((CannotRebuild, OutOfRange)):
        await reader.anew()
    assert await reader.kept() == [1, 2, 3, 4, 5]


class Hanging:
    """A feed that hangs once, when its reader asks for what came last."""

    def __init__(self, source: FeedClient, at: int) -> None:
        self.name = source.name
        self.hung = False
        self._source = source
        self._at = at

    async def read(self, after: Cursor, limit: int = 500) -> Arrived:
        if after.position == self._at and not self.hung:
            self.hung = True
            await asyncio.Event().wait()
        return await self._source.read(after, limit)

    def follow(self, after: Cursor) -> AsyncIterator[Arrived]:
        return self._source.follow(after)

    async def head(self) -> Position:
        return await self._source.head()

    async def digest(self, after: Cursor, until: int) -> Digest:
        return await self._source.digest(after, until)

    async def epochs(self) -> Sequence[Epoch]:
        return await self._source.epochs()


async def test_source_that_hangs_while_consumers_wait_is_given_up_and_asked_again(reader: Reader, counters: Counters) -> None:
    await counters.raise_(*KEYS)
    await reader.consumer.catch_up()
    hanging = Hanging(reader.source, at=5)

    async def arrive() -> None:
        if not hanging.hung:
            await counters.raise_("c")
            await reader.consumer.catch_up()

    replay = ConsumedEvents(["kept"], [Followed("counters", hanging, reader.projection)])
    assert await reader.anew(Meanwhile(replay, arrive), locked_seconds=0.2) == {"counters": 7}
    assert hanging.hung
    assert await reader.kept() == [1, 2, 3, 4, 5, 6, 7]


class Overtaken(ConsumedEvents):
    """Something begins when the locks are taken, and has gone as far as they let it go before the new rows take their place."""

    def __init__(self, replay: ConsumedEvents, begins: Callable[[], Awaitable[object]], has_come_to_a_stop: Callable[[], Awaitable[bool]]):
        super().__init__(replay.tables, replay._followed)
        self.begun: asyncio.Future[object] | None = None
        self._begins = begins
        self._has_come_to_a_stop = has_come_to_a_stop

    async def lock(self, connection: asyncpg.Connection) -> Reached:
        reached = await super().lock(connection)
        if self.begun is None:
            self.begun = begun = asyncio.ensure_future(self._begins())

            async def is_over_or_waits() -> bool:
                return begun.done() or await self._has_come_to_a_stop()

            await eventually(is_over_or_waits)
        return reached


async def test_consumer_applies_nothing_between_the_last_look_at_its_mark_and_the_swap(reader: Reader, counters: Counters) -> None:
    """Rule 23: the swap holds the mark's lock. An event that is applied to the old rows then would be in none that serve."""
    await counters.raise_(*KEYS)
    await reader.consumer.catch_up()
    await counters.raise_("c")

    async def waits_for_a_lock() -> bool:
        return bool(await reader.site.fetch("select from pg_locks where not granted"))

    replay = Overtaken(reader.replay(), reader.consumer.catch_up, waits_for_a_lock)
    assert await reader.anew(replay, locked_seconds=DEADLINE) == {"counters": 5}
    assert replay.begun
    await replay.begun
    assert await reader.kept() == [1, 2, 3, 4, 5, 6, 7]


async def test_consumer_goes_on_while_a_reader_holds_up_the_swap(reader: Reader, counters: Counters) -> None:
    """Rule 23: the swap waits 100 ms for the reader and then gives the mark back, however long it may have it."""
    await counters.raise_(*KEYS)
    await reader.consumer.catch_up()
    tried = asyncio.Event()

    async def note_the_try() -> None:
        tried.set()

    async with as_superuser(reader.site.superuser_url, READERS) as holding:
        transaction = holding.transaction()
        await transaction.start()
        await holding.fetch("select * from kept")
        rebuilding = asyncio.create_task(reader.anew(Meanwhile(reader.replay(), note_the_try), locked_seconds=10 * DEADLINE))
        for key in "cde":
            tried.clear()
            async with asyncio.timeout(GENEROUS):
                await tried.wait()
                await counters.raise_(key)
                await reader.consumer.catch_up()
        assert not rebuilding.done()
        await transaction.rollback()
    await rebuilding
    assert await reader.kept() == list(range(1, 12))
