"""A store that is closed does not wait for a database that does not answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from placet_shared.errors import Unavailable
from placet_shared.event_store import Committed, EventStore, writer
from placet_shared.postgres import connections
from placet_shared.testing import eventually

from .conftest import SCHEMA, Site, metadata, raising

pytestmark = pytest.mark.postgres

STOP_WRITERS = f"lock table {SCHEMA}.events in share mode"
IS_WAITING = "select exists (select from pg_locks where not granted)"


@asynccontextmanager
async def stuck_command(store: EventStore, site: Site) -> AsyncIterator[asyncio.Task[Committed]]:
    """One that gets no answer of the database until the block ends."""
    blocker = await asyncpg.connect(site.superuser_url)
    try:
        async with blocker.transaction():
            await blocker.execute(STOP_WRITERS)
            command = asyncio.create_task(store.run(raising("a"), metadata(), None, action="raise"))
            await eventually(blocker.fetchval, IS_WAITING)
            yield command
    finally:
        await blocker.close()


async def test_command_that_gets_no_answer_is_refused_in_the_end(store: EventStore, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "FINISH_SECONDS", 0.05)
    async with stuck_command(store, site) as command:
        await store.close()
        with pytest.raises(Unavailable):
            await command
    assert await site.events() == []


async def test_command_under_way_is_finished_before_the_end(store: EventStore, site: Site) -> None:
    async with stuck_command(store, site) as command:
        closing = asyncio.create_task(store.close())
        await asyncio.sleep(0)
    await closing
    assert (await command).status == 200
    assert len(await site.events()) == 2


async def test_connection_that_is_still_in_use_does_not_hold_up_a_pool(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "CLOSE_SECONDS", 0.05)
    kept = await store.pool.acquire()
    await store.close()
    with pytest.raises(asyncpg.InterfaceError):
        await kept.fetchval("select 1")


async def test_connection_that_is_busy_is_dropped(site: Site) -> None:
    connection = await connections.connect(site.url, SCHEMA)
    question = asyncio.create_task(connection.fetchval("select pg_sleep(600)"))
    await asyncio.sleep(0)
    await connections.close(connection)
    assert connection.is_closed()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)):
        await question
