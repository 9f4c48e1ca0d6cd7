"""A remembered aggregate is used only where it is what stands in the table."""

import pytest

from placet_shared.errors import Conflict
from placet_shared.event_store import Answer, EventStore, UnitOfWork
from placet_shared.event_store.aggregate_cache import AggregateCache, CachedAggregate
from placet_shared.event_store.loader import Loaded

from .conftest import Counter, Site, metadata, raising

pytestmark = pytest.mark.postgres


async def run(store: EventStore, by: int = 1) -> int:
    committed = await store.run(raising("known", by), metadata(), None, action="raise")
    total: int = committed.json["total"]
    return total


def watch(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes of events each load brings."""
    brought: list[int] = []
    load = store.loader.load

    async def watched(*args: object) -> Loaded:
        loaded = await load(*args)  # type: ignore[arg-type]
        brought.append(sum(len(event.data) for stored in loaded.streams.values() for event in stored))
        return loaded

    monkeypatch.setattr(store.loader, "load", watched)
    return brought


async def test_stream_is_not_read_again_by_the_process_that_wrote_it(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await run(store)
    brought = watch(store, monkeypatch)
    assert await run(store) == 2
    assert brought == [0]


async def test_stream_that_another_process_moved_is_read_on_from_there(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = await site.store(), await site.store()
    await run(first)
    await run(second, by=10)
    brought = watch(first, monkeypatch)
    assert await run(first) == 12
    assert brought == [len((await site.events())[-2]["data"])]


async def test_refusal_is_decided_on_what_another_process_wrote(site: Site) -> None:
    first, second = await site.store(), await site.store()
    await run(first)
    await run(second, by=10)

    async def refuse(uow: UnitOfWork) -> Answer:
        counter = await uow.get(Counter, "known", what="counter")
        raise Conflict(f"It is at {counter.total}.")

    with pytest.raises(Conflict, match="at 11"):
        await first.run(refuse, metadata(), None, action="raise")


@pytest.mark.parametrize("lost", [1, 2])
async def test_stream_that_was_restored_to_another_branch_is_read_anew(site: Site, lost: int) -> None:
    """The database loses the newest events of a process that runs on, and another one has gone on from there."""
    first = await site.store()
    for _ in range(3):
        await run(first, by=100)
    await site.fetch("alter table events disable trigger user")
    await site.fetch("delete from events where position > $1", 4 - lost)
    await site.fetch("alter table events enable trigger user")
    second = await site.store()
    for _ in range(lost):
        await run(second, by=1)
    assert await run(first, by=1) == 100 * (3 - lost) + lost + 1


async def test_stream_that_lost_its_newest_events_is_read_anew(site: Site) -> None:
    store = await site.store()
    for _ in range(3):
        await run(store, by=100)
    await site.fetch("alter table events disable trigger user")
    await site.fetch("delete from events where position > 2")
    assert await run(store, by=1) == 101


async def test_aggregate_that_was_changed_but_not_saved_is_forgotten(store: EventStore) -> None:
    await run(store)

    async def change_and_leave(uow: UnitOfWork) -> Answer:
        counter = await uow.get(Counter, "known", what="counter")
        counter.raise_by(1000, await uow.now())
        uow.record("Looked", stream="looked", subject="known", data={})
        return Answer(200, {})

    await store.run(change_and_leave, metadata(), None, action="look")
    assert await run(store) == 2


async def test_aggregate_asked_for_twice_is_one(store: EventStore) -> None:
    await run(store)

    async def twice(uow: UnitOfWork) -> Answer:
        one, other = await uow.load_many(Counter, ["known", "known"])
        return Answer(200, {"same": one is other, "total": one.total if one else None})

    committed = await store.run(twice, metadata(), None, action="look")
    assert committed.json == {"same": True, "total": 1}


async def test_memory_keeps_the_streams_used_last(store: EventStore) -> None:
    memory = AggregateCache(limit=2)
    at = (await store.loader.load({})).decided_at
    for key in "abc":
        counter = Counter.open(key, at)
        counter.collect_events()
        memory.keep(CachedAggregate(counter, 1, key))
    assert [memory.take(f"counter-{key}") is not None for key in "abc"] == [False, True, True]
    assert memory.take("counter-b") is None
