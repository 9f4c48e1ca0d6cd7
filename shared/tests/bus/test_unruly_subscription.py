"""Whatever a carrier drops, doubles, shuffles or brings late, the effects are the source's events, each once, in order."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from placet_shared.bus.consumer import Consumer
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.feed import Feed
from placet_shared.bus.local import LocalSource
from placet_shared.bus.marks import lock_mark, reset_mark
from placet_shared.bus.ports import Arrived
from placet_shared.bus.watcher import StoreWatcher
from placet_shared.event_store import EventStore, Position, RecordedEvent
from placet_shared.postgres.connections import open_pool
from placet_shared.testing import DEADLINE, as_role

from ..event_store import conftest as source_side
from .conftest import READER_ROLE, READERS, SCHEMA, Effects, metadata, raising

pytestmark = pytest.mark.postgres

T = TypeVar("T")
EXAMPLES, STEPS = 25, 12


@dataclass
class Unruly:
    """Gives what the example wants, and says when all of it was taken."""

    arrivals: Sequence[Sequence[RecordedEvent]]
    taken: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, after: Cursor) -> AsyncIterator[Arrived]:
        for events in self.arrivals:
            yield Arrived(events, Position(SCHEMA, 1, 0))
        self.taken.set()
        await asyncio.Event().wait()


class World:
    """A store and a readers' schema in one database, for all examples of a run."""

    def __init__(self, runner: asyncio.Runner, database: str) -> None:
        self._runner = runner
        self._database = database

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    async def open(self) -> None:
        url = as_role(self._database, source_side.SERVICE_ROLE)
        self.store = EventStore(url, SCHEMA, source_side.EVENT_REGISTRY)
        await self.store.start()
        self.source = LocalSource(Feed(SCHEMA, self.store.pool, StoreWatcher(url, SCHEMA, SCHEMA)))
        self.readers = await open_pool(as_role(self._database, READER_ROLE), READERS)

    async def close(self) -> None:
        await self.readers.close()
        await self.store.close()

    async def begin(self) -> Cursor:
        """A new example goes on from the head; nothing has had an effect yet."""
        row = await self.store.pool.fetchrow("select epoch, position, id::text from events order by position desc limit 1")
        start = Cursor(*row) if row else Cursor()
        async with self.readers.acquire() as connection, connection.transaction():
            await lock_mark(connection, SCHEMA)
            await connection.execute("delete from effects")
            await reset_mark(connection, SCHEMA, start, 0)
        return start

    async def append(self, keys: Sequence[str]) -> None:
        for key in keys:
            await self.store.run(raising(key), metadata(), None, action="raise")

    async def deliver(self, arrivals: Sequence[Sequence[RecordedEvent]], consumers: int) -> None:
        """The same to each of several consumers at once."""
        ways = [Unruly(arrivals) for _ in range(consumers)]
        running = [asyncio.create_task(Consumer(self.source, self.readers, Effects(), way).run()) for way in ways]
        async with asyncio.timeout(DEADLINE):
            for way in ways:
                await way.taken.wait()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def effects(self) -> list[str]:
        return [str(row["event_id"]) for row in await self.readers.fetch("select event_id from effects order by number")]

    def consumer(self) -> Consumer:
        return Consumer(self.source, self.readers, Effects())


@pytest.fixture
def world(database: str) -> Iterator[World]:
    with asyncio.Runner() as runner:
        world = World(runner, database)
        world.run(world.open())
        yield world
        world.run(world.close())


def test_effects_under_an_unruly_subscription_are_the_events_in_order(world: World) -> None:
    class Delivery(RuleBasedStateMachine):
        events: Sequence[RecordedEvent] = ()

        @initialize()
        def begin(self) -> None:
            self.start = world.run(world.begin())

        @rule(keys=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=5))
        def append(self, keys: list[str]) -> None:
            world.run(world.append(keys))
            self.events = world.run(world.source.read(self.start, 10_000)).events

        @precondition(lambda self: self.events)
        @rule(places=st.lists(st.lists(st.integers(0, 40), max_size=8), min_size=1, max_size=4), consumers=st.integers(1, 2))
        def deliver(self, places: list[list[int]], consumers: int) -> None:
            arrivals = [[self.events[place % len(self.events)] for place in some] for some in places]
            world.run(world.deliver(arrivals, consumers))
            reached = world.run(world.consumer().mark()).position
            assert reached >= max((event.position for events in arrivals for event in events), default=0)

        @rule()
        def catch_up(self) -> None:
            world.run(world.consumer().catch_up())

        @invariant()
        def effects_are_the_events_up_to_the_mark(self) -> None:
            mark = world.run(world.consumer().mark())
            assert world.run(world.effects()) == [event.id for event in self.events if event.position <= mark.position]

        def teardown(self) -> None:
            world.run(world.consumer().catch_up())
            assert world.run(world.effects()) == [event.id for event in self.events]

    run_state_machine_as_test(Delivery, settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None))
