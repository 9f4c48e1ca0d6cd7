"""A store of a small domain (counters with unique names) in a database of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

import pytest

from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.event_store import Answer, EventRegistry, EventStore, Metadata, RecordedEvent, Statement, UnitOfWork
from placet_shared.testing import STORE_TABLES, DatabaseSite, PrepareDatabase, prepare_schema, service_role

SCHEMA = "counters"
SERVICE_ROLE = service_role(SCHEMA)
ROWS = "create table counters (id text primary key, total integer not null, position bigint not null)"
UNPROJECTABLE, UNSENDABLE = -13, -14
"""Totals that no counter reaches by being raised one by one."""
UPSERT = "insert into counters values ($1, $2, $3) on conflict (id) do update set total = excluded.total, position = excluded.position"


class Counter(Aggregate):
    TOPIC = "Counter"
    CATEGORY = "counter"
    total: int

    class CounterOpened(Created):
        TOPIC = "CounterOpened"
        total: int

        def apply(self, aggregate: "Counter") -> None:
            aggregate.total = self.total

    class CounterRaised(Event):
        TOPIC = "CounterRaised"
        by: int
        total: int

        def apply(self, aggregate: "Counter") -> None:
            aggregate.total = self.total

    @classmethod
    def open(cls, key: str, at: datetime) -> "Counter":
        return cls.create(cls.CounterOpened, key=key, at=at, total=0)

    def raise_by(self, by: int, at: datetime) -> None:
        self.trigger(self.CounterRaised, at=at, by=by, total=self.total + by)


def project(event: RecordedEvent) -> Iterable[Statement]:
    if event.type in {"CounterOpened", "CounterRaised"}:
        if event.fields["total"] == UNPROJECTABLE:
            raise ValueError("this total can't be projected")
        if event.fields["total"] == UNSENDABLE:
            yield Statement(UPSERT, (event.stream, "no number", event.position))
        yield Statement(UPSERT, (event.stream, event.fields["total"], event.position))


EVENT_REGISTRY = EventRegistry("counters", (Counter,), project)


def metadata(actor: str = "person-1") -> Metadata:
    return Metadata(actor=actor, correlation="test")


def raising(key: str, by: int = 1) -> Callable[[UnitOfWork], Awaitable[Answer]]:
    """A command that opens the counter when there is none and raises it."""

    async def handler(uow: UnitOfWork) -> Answer:
        counter = await uow.load(Counter, key) or Counter.open(key, await uow.now())
        counter.raise_by(by, await uow.now())
        uow.save(counter, subject=key)
        return Answer(200, {"total": counter.total}, etag=counter.version)

    return handler


@dataclass
class Site(DatabaseSite):
    """One database with the store's tables, and stores that work on it."""

    stack: AsyncExitStack

    async def store(self, event_registry: EventRegistry = EVENT_REGISTRY) -> EventStore:
        store = EventStore(self.url, SCHEMA, event_registry)
        await store.start()
        self.stack.push_async_callback(store.close)
        return store


async def prepared(url: str) -> None:
    """The login role, the store's tables and the counters' rows."""
    await prepare_schema(url, SCHEMA, STORE_TABLES, f"{ROWS}; grant select, insert, update, delete on counters to {SERVICE_ROLE}")


@pytest.fixture(scope="session")
def prepare_database() -> PrepareDatabase:
    return prepared


@pytest.fixture
async def site(database: str) -> AsyncIterator[Site]:
    async with AsyncExitStack() as stack:
        yield Site(database, SCHEMA, stack)


@pytest.fixture
async def store(site: Site) -> EventStore:
    return await site.store()
