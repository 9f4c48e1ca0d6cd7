"""How many sessions of the database a store has: as many as there is work for."""

import asyncio

import pytest

from .conftest import Site, metadata, raising

pytestmark = pytest.mark.postgres

SESSIONS = "select count(*) from pg_stat_activity where datname = current_database() and application_name like $1"


async def sessions(site: Site, part: str) -> int:
    (row,) = await site.fetch(SESSIONS, f"% {part}")
    return int(row["count"])


async def test_store_without_commands_neither_loads_nor_writes(site: Site) -> None:
    await site.store()
    assert [await sessions(site, part) for part in ("reader", "loader", "writer")] == [1, 0, 0]


async def test_commands_one_after_the_other_are_written_over_one_connection(site: Site) -> None:
    store = await site.store()
    for _ in range(5):
        await store.run(raising("a"), metadata(), None, action="raise")
    assert [await sessions(site, part) for part in ("loader", "writer")] == [1, 1]


async def test_second_connection_writes_beside_the_first_when_there_is_much_to_write(site: Site) -> None:
    store = await site.store()
    await asyncio.gather(*[store.run(raising(f"key-{number}"), metadata(), None, action="raise") for number in range(200)])
    assert await sessions(site, "writer") == 2
