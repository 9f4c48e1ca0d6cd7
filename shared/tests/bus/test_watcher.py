"""The watcher wakes all waiters, through lost connections too."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from placet_shared.bus.watcher import StoreWatcher
from placet_shared.event_store import EventStore
from placet_shared.testing import eventually

from .conftest import SCHEMA, Site, metadata, raising

pytestmark = pytest.mark.postgres

LONG = 30.0
END_BACKEND = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'placet counters watcher'"
BACKENDS = "select pid from pg_stat_activity where application_name = 'placet counters watcher'"
OTHER_BACKENDS = BACKENDS + " and pid <> all ($1::int[])"


@pytest.fixture
async def watcher(site: Site) -> AsyncIterator[StoreWatcher]:
    watcher = StoreWatcher(site.url, SCHEMA, SCHEMA)
    await watcher.start()
    await watcher.moved_since(0, LONG)  # it looks at the table when it begins
    yield watcher
    await watcher.close()


@pytest.fixture
async def store(site: Site) -> EventStore:
    return await site.store()


async def append(store: EventStore) -> None:
    await store.run(raising("a"), metadata(), None, action="raise")


async def test_append_wakes_all_waiters_without_a_look_at_the_table(site: Site, store: EventStore) -> None:
    watcher = StoreWatcher(site.url, SCHEMA, SCHEMA, poll_seconds=10 * LONG)
    await watcher.start()
    await watcher.moved_since(0, LONG)
    generation = watcher.generation
    waiting = [asyncio.create_task(watcher.moved_since(generation, LONG)) for _ in range(50)]
    await asyncio.sleep(0)
    await append(store)
    assert await asyncio.gather(*waiting) == [True] * 50
    await watcher.close()


async def test_what_came_before_the_wait_began_is_not_missed(watcher: StoreWatcher, store: EventStore) -> None:
    generation = watcher.generation
    await append(store)
    await eventually(lambda: watcher.generation != generation)
    assert await watcher.moved_since(generation, 0)


async def test_nothing_new_is_told_after_the_time_to_wait(watcher: StoreWatcher) -> None:
    assert not await watcher.moved_since(watcher.generation, 0.05)


async def test_its_backend_s_end_loses_no_append(watcher: StoreWatcher, store: EventStore, site: Site) -> None:
    for _ in range(3):
        generation = watcher.generation
        ended = [row["pid"] for row in await site.fetch(BACKENDS)]
        assert ended
        await site.fetch(END_BACKEND)
        await append(store)
        assert await watcher.moved_since(generation, LONG)
        await eventually(site.fetch, OTHER_BACKENDS, ended)


async def test_close_lets_go_who_waits(site: Site) -> None:
    watcher = StoreWatcher(site.url, SCHEMA, SCHEMA)
    await watcher.start()
    await watcher.moved_since(0, LONG)
    waiting = asyncio.create_task(watcher.moved_since(watcher.generation, LONG))
    await asyncio.sleep(0)
    await watcher.close()
    assert not await waiting
    assert not await watcher.moved_since(watcher.generation, LONG)
