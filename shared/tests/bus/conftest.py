"""A source (the counters' store behind a real server) and readers of it that keep one row an effect."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest

from placet_shared.access import Actor
from placet_shared.bus.consumer import Consumer
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.marks import Mark
from placet_shared.bus.ports import Arrived, Source, Subscription
from placet_shared.event_store import Position, RecordedEvent
from placet_shared.postgres import Migrations
from placet_shared.postgres.connections import open_pool
from placet_shared.testing import KnownTokens, PrepareDatabase, ServedSource, as_role, eventually, open_source, prepare_schema, service_role
from placet_shared.tokens import new_token

from ..event_store.conftest import EVENT_REGISTRY, SCHEMA, Site, metadata, prepared, raising, site
from .over_kafka import kafka, kafka_subscription, relay

__all__ = [
    "SCHEMA",
    "Site",
    "kafka",
    "kafka_subscription",
    "metadata",
    "raising",
    "relay",
    "site",
]

READERS = "readers"
READER_ROLE = service_role(READERS)
SERVICE_TOKEN, PERSON_TOKEN = new_token(), new_token()
EFFECTS = (
    "create table effects (number bigserial, event_id uuid not null, position bigint not null, stream text not null, type text not null)"
)
KEEP = "insert into effects (event_id, position, stream, type) values ($1, $2, $3, $4)"
CALLERS = KnownTokens(
    {
        SERVICE_TOKEN: Actor("account-1", "service_account", frozenset({"service"}), "token-1"),
        PERSON_TOKEN: Actor("person-1", "person", frozenset({"developer"}), "token-2"),
    }
)


class Counters(ServedSource):
    """The source: counters, raised by a command each."""

    async def raise_(self, *keys: str) -> Position | None:
        """One command a key; each new key makes two events. Where the source is then."""
        position = None
        for key in keys:
            position = (await self.store.run(raising(key), metadata(), None, action="raise")).position
        return position


@dataclass
class Effects:
    """A projection that keeps one row an event and fails on what it was told to fail on."""

    broken: set[str] = field(default_factory=set)
    never: set[str] = field(default_factory=set)
    error: Callable[[], Exception] = lambda: ValueError("this reader has a defect")

    async def apply(self, connection: asyncpg.Connection, event: RecordedEvent) -> None:
        await connection.execute(KEEP, event.id, event.position, event.stream, event.type)
        if event.stream in self.broken:
            raise self.error()

    def subjects(self, event: RecordedEvent) -> Sequence[str]:
        return [event.subject]

    def never_parks(self, event: RecordedEvent) -> bool:
        return event.stream in self.never

    async def reset(self, connection: asyncpg.Connection, source: Source) -> Cursor:
        await connection.execute("delete from effects")
        return Cursor()


@dataclass
class WholePages(Effects):
    """The same, a page at a time."""

    pages: list[int] = field(default_factory=list)

    async def apply_page(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        for event in events:
            await self.apply(connection, event)
        self.pages.append(len(events))


@dataclass
class Reader:
    """One consuming process: its pool, its projection, its consumer."""

    pool: asyncpg.Pool
    projection: Effects
    consumer: Consumer
    source: Source
    stack: AsyncExitStack

    async def positions(self) -> list[int]:
        return [row["position"] for row in await self.pool.fetch("select position from effects order by number")]

    async def parked(self) -> list[tuple[int, str | None]]:
        rows = await self.pool.fetch("select position, reason from parked_events order by position")
        return [(row["position"], row["reason"]) for row in rows]

    async def mark(self) -> Mark:
        return await self.consumer.mark()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.consumer.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def until(self, position: int) -> None:
        """Until the mark is there."""
        await eventually(self.has_reached, position)

    async def has_nothing_parked(self) -> bool:
        return not await self.parked()

    async def is_rebuilding(self) -> bool:
        return (await self.mark()).rebuilding

    async def is_whole(self) -> bool:
        return not await self.is_rebuilding()

    async def has_reached(self, position: int) -> bool:
        return (await self.mark()).position >= position


MakeReader = Callable[..., Awaitable[Reader]]


@pytest.fixture
async def counters(site: Site) -> AsyncIterator[Counters]:
    async with open_source(Counters, site, CALLERS, EVENT_REGISTRY) as counters:
        yield counters


async def prepared_with_readers(url: str) -> None:
    """The counters' schema, and the readers' in the same database."""
    await prepared(url)
    packages = Migrations("placet_shared.event_store", "placet_shared.bus")
    await prepare_schema(url, READERS, packages, f"{EFFECTS}; grant all on effects, effects_number_seq to {READER_ROLE}")


@pytest.fixture(scope="session")
def prepare_database() -> PrepareDatabase:
    return prepared_with_readers


@pytest.fixture
def reader_url(site: Site) -> str:
    """The same database for the readers' role."""
    return as_role(site.superuser_url, READER_ROLE)


@pytest.fixture
async def feed_client(counters: Counters) -> AsyncIterator[FeedClient]:
    client = FeedClient(SCHEMA, counters.url, lambda: SERVICE_TOKEN, long_poll_seconds=0.2)
    yield client
    await client.aclose()


@pytest.fixture
async def make_reader(reader_url: str, feed_client: FeedClient) -> AsyncIterator[MakeReader]:
    async with AsyncExitStack() as stack:

        async def make(
            subscription: Subscription | None = None, source: Source | None = None, projection: Effects | None = None, **options: Any
        ) -> Reader:
            pool = await open_pool(reader_url, READERS, "placet reader")
            stack.push_async_callback(pool.close)
            projection = projection or Effects()
            source = source or feed_client
            return Reader(pool, projection, Consumer(source, pool, projection, subscription, **options), source, stack)

        yield make


@pytest.fixture
async def reader(make_reader: MakeReader) -> Reader:
    return await make_reader()


@dataclass
class Scripted:
    """A subscription that gives what it was told to give, and then waits."""

    arrivals: Sequence[Sequence[RecordedEvent]]
    head: Position

    async def follow(self, after: Cursor) -> AsyncIterator[Arrived]:
        for events in self.arrivals:
            yield Arrived(events, self.head)
        await asyncio.Event().wait()
