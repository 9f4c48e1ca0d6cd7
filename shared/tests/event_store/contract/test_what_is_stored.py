"""What every store keeps of a command, and what it refuses: envelope, bytes, epochs."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from placet_shared.event_store import Answer, EventStore, Metadata, Position, UnitOfWork

from ..conftest import metadata, raising
from .conftest import Stores

MOST_BYTES = 65536


def noticing(data: Any, stream: str = "notice-all", subject: str = "all") -> Any:
    async def handler(uow: UnitOfWork) -> Answer:
        uow.record("CounterNoticed", stream=stream, subject=subject, data=data)
        return Answer(202, None)

    return handler


async def raised(store: EventStore, key: str) -> Position:
    position = (await store.run(raising(key), metadata(), None, action="raise")).position
    assert position
    return position


async def test_event_has_the_whole_envelope_and_its_bytes(store: EventStore, stores: Stores) -> None:
    occurred = datetime(2026, 11, 23, 14, 5, 9, 1, UTC)
    who = Metadata("person-1", "request-1", "person-2", "event-1", "00-" + "a" * 32 + "-" + "b" * 16 + "-01", occurred)
    committed = await store.run(noticing({"b": 1, "a": "ü"}), who, None, action="notice")
    (event,) = await stores.events()
    assert event.data == orjson.dumps({"b": 1, "a": "ü"})
    assert (event.source, event.epoch, event.position, event.prev, event.version) == ("counters", 1, 1, None, None)
    assert (event.stream, event.type, event.subject, event.schema_version) == ("notice-all", "CounterNoticed", "all", 1)
    assert (event.actor, event.correlation, event.on_behalf_of, event.causation) == ("person-1", "request-1", "person-2", "event-1")
    assert (event.occurred_at, event.traceparent) == (occurred, who.traceparent)
    (epoch,) = await stores.epochs()
    assert committed.position == Position("counters", 1, 1, event.id, epoch.nonce)


async def test_data_of_64_kib_is_kept_and_a_byte_more_is_refused(store: EventStore, stores: Stores) -> None:
    room = MOST_BYTES - len(orjson.dumps({"x": ""}))
    await store.run(noticing({"x": "x" * room}), metadata(), None, action="notice")
    with pytest.raises(ValueError, match="at most 65536 bytes"):
        await store.run(noticing({"x": "x" * (room + 1)}), metadata(), None, action="notice")
    assert [len(event.data) for event in await stores.events()] == [MOST_BYTES]


@pytest.mark.parametrize(("stream", "subject"), [("n" * 301, "all"), ("", "all"), ("notice-all", "s" * 301), ("notice-all", "")])
async def test_name_out_of_bounds_is_refused_and_nothing_is_kept(store: EventStore, stores: Stores, stream: str, subject: str) -> None:
    with pytest.raises(Exception, match=r"stream|subject"):
        await store.run(noticing({}, stream, subject), metadata(), None, action="notice")
    assert await stores.events() == []


async def test_command_without_events_leaves_nothing(store: EventStore, stores: Stores) -> None:
    async def looking(uow: UnitOfWork) -> Answer:
        return Answer(200, {"at": str(await uow.now())})

    committed = await store.run(looking, metadata(), None, action="look")
    assert (committed.position, await stores.events()) == (None, [])


async def test_another_start_of_the_server_opens_an_epoch_that_goes_on_behind_the_last_event(store: EventStore, stores: Stores) -> None:
    before = await raised(store, "a")
    assert (await raised(store, "a")).nonce == before.nonce
    await stores.restart_server()
    after = await raised(store, "a")
    assert (after.epoch, after.position) == (2, 4)
    assert after.nonce != before.nonce
    *_, third, last = await stores.events()
    assert (last.prev, last.id) == (third.id, after.event_id)
    assert [(one.epoch, one.first_position) for one in await stores.epochs()] == [(1, 1), (2, 4)]


async def test_stores_of_one_service_see_what_the_others_wrote(stores: Stores) -> None:
    first, second = await stores.open(), await stores.open()
    for store in (first, second, first):
        await store.run(raising("shared"), metadata(), None, action="raise")
    assert [event.fields["total"] for event in await stores.events()] == [0, 1, 2, 3]


async def test_event_that_was_written_is_not_decided_on_twice(stores: Stores) -> None:
    """Two processes at the same moment: one of them decides again."""
    first, second = await stores.open(), await stores.open()
    await asyncio.gather(*[store.run(raising("hot"), metadata(), None, action="raise") for _ in range(5) for store in (first, second)])
    assert [event.version for event in await stores.events()] == list(range(1, 12))
