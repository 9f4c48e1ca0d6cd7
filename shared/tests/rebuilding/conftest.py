"""A store whose rows, and a reader whose effects, stand behind views, so that they can be built anew."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

import asyncpg
import pytest

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.ports import Source
from placet_shared.event_store import Part, RecordedEvent
from placet_shared.postgres.connections import open_pool
from placet_shared.rebuilding import Replay, rebuild
from placet_shared.testing import DEADLINE, connected

from ..bus.conftest import READER_ROLE, READERS, Counters, counters, feed_client, prepare_database, reader_url
from ..event_store.conftest import EVENT_REGISTRY, SCHEMA, SERVICE_ROLE, Counter, Site, metadata, project, raising, site

__all__ = [
    "EVENT_REGISTRY",
    "READERS",
    "SCHEMA",
    "TOTALS",
    "Counter",
    "Counters",
    "Kept",
    "Site",
    "anew",
    "counters",
    "feed_client",
    "metadata",
    "prepare_database",
    "raising",
    "reader_url",
    "site",
]

TOTALS = Part(["counters"], {"CounterOpened": project, "CounterRaised": project})
AS_GENERATION = """
    set role "placet_{0}_owner";
    alter table {1} rename to {1}_g1;
    create view {1} as select * from {1}_g1;
    grant select, insert, update, delete on {1} to {2};
"""
KEPT = 'set role "placet_readers_owner"; create table kept (position bigint primary key, stream text not null, type text not null)'
KEEP = "insert into kept values ($1, $2, $3)"


async def anew(url: str, schema: str, replay: Replay, **options: float) -> Mapping[str, int]:
    """Rebuilt as the process does it, without its terminal: up to which positions."""
    async with asyncio.timeout(DEADLINE):
        reached = await rebuild(url, schema, replay, lambda done, of: None, **options)
    return {name: cursor.position for name, cursor in reached.items()}


@pytest.fixture
async def generations(site: Site) -> Site:
    """The counters' rows behind a view."""
    await execute(site.superuser_url, SCHEMA, AS_GENERATION.format(SCHEMA, "counters", SERVICE_ROLE))
    return site


class Kept:
    """A projection that keeps a row an event and fails on what it was told to fail on."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        self.never: set[str] = set()

    async def apply(self, connection: asyncpg.Connection, event: RecordedEvent) -> None:
        if event.stream in self.broken:
            raise ValueError("this reader has a defect")
        await connection.execute(KEEP, event.position, event.stream, event.type)

    def subjects(self, event: RecordedEvent) -> Sequence[str]:
        return [event.subject]

    def never_parks(self, event: RecordedEvent) -> bool:
        return event.stream in self.never

    async def reset(self, connection: asyncpg.Connection, source: Source) -> Cursor:
        await connection.execute("delete from kept")
        return Cursor()


@pytest.fixture
async def readers_pool(reader_url: str, site: Site) -> AsyncIterator[asyncpg.Pool]:
    """What a reader's consumers work with; `kept` stands behind a view."""
    await execute(site.superuser_url, READERS, KEPT)
    await execute(site.superuser_url, READERS, AS_GENERATION.format(READERS, "kept", READER_ROLE))
    pool = await open_pool(reader_url, READERS)
    yield pool
    await pool.close()


async def execute(url: str, schema: str, statements: str) -> None:
    async with as_superuser(url, schema) as connection:
        await connection.execute(statements)


def as_superuser(url: str, schema: str) -> AbstractAsyncContextManager[asyncpg.Connection]:
    """A connection whose transactions may be idle for long."""
    return connected(url, schema, idle_in_transaction_session_timeout="0")
