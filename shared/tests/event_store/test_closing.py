"""A store that is closed does not wait for a database that does not answer."""

import asyncio

import asyncpg
import pytest

from placet_shared.errors import Unavailable
from placet_shared.event_store import EventStore, writer
from placet_shared.postgres import connections

from ..bus.patience import until
from .conftest import SCHEMA, Site, metadata, raising

pytestmark = pytest.mark.postgres

STOP_WRITERS = f"lock table {SCHEMA}.events in share mode"
IS_WAITING = "select exists (select from pg_locks where not granted)"


async def test_command_that_gets_no_answer_is_refused_in_the_end(store: EventStore, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "FINISH_SECONDS", 0.05)
    blocker = await asyncpg.connect(site.superuser_url)
    try:
        async with blocker.transaction():
            await blocker.execute(STOP_WRITERS)
            command = asyncio.create_task(store.run(raising("a"), metadata(), None, action="raise"))
            await until(blocker.fetchval, IS_WAITING)
            await store.close()
            with pytest.raises(Unavailable):
                await command
    finally:
        await blocker.close()
    assert await site.events() == []


async def test_command_under_way_is_finished_before_the_end(store: EventStore, site: Site) -> None:
    blocker = await asyncpg.connect(site.superuser_url)
    try:
        async with blocker.transaction():
            await blocker.execute(STOP_WRITERS)
            command = asyncio.create_task(store.run(raising("a"), metadata(), None, action="raise"))
            await until(blocker.fetchval, IS_WAITING)
            closing = asyncio.create_task(store.close())
            await asyncio.sleep(0)
        await closing
        assert (await command).status == 200
    finally:
        await blocker.close()
    assert len(await site.events()) == 2


async def test_connection_that_somebody_still_has_does_not_hold_up_a_pool(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
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
