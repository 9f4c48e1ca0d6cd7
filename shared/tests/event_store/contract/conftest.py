"""The implementations of the event store, each of which passes every test of this folder."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import NamedTuple, Protocol

import pytest

from placet_shared.bus.envelope import from_row
from placet_shared.event_store import Epoch, EventRegistry, EventStore, RecordedEvent
from placet_shared.testing import MemoryEventStore, MemoryTables, restart_server

from ..conftest import EVENT_REGISTRY, SCHEMA, Site

EVENTS = """
    select e.*, e.id::text as id, e.prev::text as prev, $1::text as source from events e order by position
"""
EPOCHS = "select epoch, first_position, nonce from epochs order by epoch"
A_DAY_LATER = "update answers set answered_at = answered_at - interval '25 hours'"


class Row(NamedTuple):
    """A counter as the read model has it."""

    total: int
    position: int


class Stores(Protocol):
    """One implementation: stores of several processes on the same tables, and what the tables hold."""

    async def open(self, event_registry: EventRegistry = EVENT_REGISTRY) -> EventStore:
        """One more process's store."""

    async def events(self) -> Sequence[RecordedEvent]:
        """All, in order of their positions."""

    async def rows(self) -> Mapping[str, Row]:
        """What the projection has written of each stream."""

    async def texts(self) -> Mapping[str, str]:
        """Id → text."""

    async def epochs(self) -> Sequence[Epoch]:
        """All, from the first."""

    async def restart_server(self) -> None:
        """The server was started again, of which only the next append tells."""

    async def pass_a_day(self) -> None:
        """What was answered so far was answered more than 24 hours ago."""


class PostgresStores:
    """The real one."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def open(self, event_registry: EventRegistry = EVENT_REGISTRY) -> EventStore:
        return await self._site.store(event_registry)

    async def events(self) -> Sequence[RecordedEvent]:
        return [from_row(SCHEMA, row) for row in await self._site.events()]

    async def rows(self) -> Mapping[str, Row]:
        return {row["id"]: Row(row["total"], row["position"]) for row in await self._site.fetch("select * from counters")}

    async def texts(self) -> Mapping[str, str]:
        return {str(row["id"]): row["body"] for row in await self._site.fetch("select * from texts")}

    async def epochs(self) -> Sequence[Epoch]:
        return [Epoch(*row) for row in await self._site.fetch(EPOCHS)]

    async def restart_server(self) -> None:
        await restart_server(self._site.superuser_url, SCHEMA)

    async def pass_a_day(self) -> None:
        await self._site.execute(A_DAY_LATER)


class MemoryStores:
    """The one for tests."""

    def __init__(self) -> None:
        self._tables = MemoryTables(SCHEMA)

    async def open(self, event_registry: EventRegistry = EVENT_REGISTRY) -> EventStore:
        return MemoryEventStore(event_registry, self._tables)

    async def events(self) -> Sequence[RecordedEvent]:
        return self._tables.events

    async def rows(self) -> Mapping[str, Row]:
        return {stream: Row(total, position) for stream, total, position in (one.args for one in self._tables.statements)}

    async def texts(self) -> Mapping[str, str]:
        return {text.id: text.body for text in self._tables.texts}

    async def epochs(self) -> Sequence[Epoch]:
        return self._tables.epochs

    async def restart_server(self) -> None:
        self._tables.restart_server()

    async def pass_a_day(self) -> None:
        clock = self._tables.clock
        self._tables.clock = lambda: clock() + timedelta(hours=25)


@pytest.fixture(params=[pytest.param("postgres", marks=pytest.mark.postgres), "memory"])
def database_if_any(request: pytest.FixtureRequest) -> str | None:
    """Of the implementation that needs one."""
    return request.getfixturevalue("database") if request.param == "postgres" else None


@pytest.fixture
async def stores(database_if_any: str | None) -> AsyncIterator[Stores]:
    if database_if_any is None:
        yield MemoryStores()
        return
    async with AsyncExitStack() as stack:
        yield PostgresStores(Site(database_if_any, SCHEMA, stack))


@pytest.fixture
async def store(stores: Stores) -> EventStore:
    return await stores.open()
