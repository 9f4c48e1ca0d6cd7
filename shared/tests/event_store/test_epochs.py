"""Epochs: one for each start of the server and each declared restore, with a nonce, joined by `prev` (rules 4, 27)."""

import pytest

from placet_shared.event_store import EventStore, Position
from placet_shared.postgres import connect

from .conftest import SCHEMA, Site, metadata, raising

pytestmark = pytest.mark.postgres


@pytest.fixture
async def store(site: Site) -> EventStore:
    return await site.store()


async def raised(store: EventStore, key: str) -> Position:
    committed = await store.run(raising(key), metadata(), None, action="raise")
    assert committed.position
    return committed.position


async def test_commands_of_one_start_are_of_one_epoch(site: Site, store: EventStore) -> None:
    positions = [await raised(store, "a") for _ in range(3)]
    [epoch] = await site.fetch("select * from epochs")
    assert {(position.epoch, position.nonce) for position in positions} == {(1, epoch["nonce"])}


async def test_another_start_opens_an_epoch_that_goes_on_behind_the_last_event(site: Site, store: EventStore) -> None:
    before = await raised(store, "a")
    await site.fetch("update store set started_at = 'earlier'")
    after = await raised(store, "a")
    assert (after.epoch, after.position) == (2, before.position + 1)
    assert after.nonce != before.nonce
    last = (await site.events())[-1]
    assert (str(last["prev"]), str(last["id"])) == (before.event_id, after.event_id)
    assert [row["first_position"] for row in await site.fetch("select * from epochs order by epoch")] == [1, after.position]


async def test_store_of_an_older_release_opens_an_epoch_once(site: Site, store: EventStore) -> None:
    await raised(store, "a")
    await site.fetch("update store set started_at = null")
    assert [(await raised(store, "a")).epoch for _ in range(2)] == [2, 2]


async def test_declared_restore_opens_an_epoch_with_the_next_event(site: Site, store: EventStore) -> None:
    before = await raised(store, "a")
    connection = await connect(site.url, SCHEMA)  # as the service's own role
    await connection.execute("select declare_restore()")
    await connection.close()
    assert len(await site.fetch("select * from epochs")) == 1
    after = [await raised(store, "a") for _ in range(2)]
    assert [position.epoch for position in after] == [2, 2]
    assert after[0].nonce != before.nonce


async def test_position_of_a_write_names_its_last_event(site: Site, store: EventStore) -> None:
    position = await raised(store, "new")  # two events
    assert position.event_id == str((await site.events())[-1]["id"])
    assert Position.parse(str(position)) == position
