"""What every append promises: order, no gaps, `prev`, atomicity, re-decision, several streams, any-version streams."""

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from placet_shared.errors import Conflict, PreconditionFailed, Unavailable
from placet_shared.event_store import Answer, EventStore, UnitOfWork

from ..conftest import UNPROJECTABLE, Counter, metadata, raising
from .conftest import Row, Stores


async def run(store: EventStore, handler: Any, **options: Any) -> Any:
    return await store.run(handler, metadata(), None, action="raise", **options)


async def test_positions_under_concurrency_are_gapless_and_chained_by_prev(store: EventStore, stores: Stores) -> None:
    await asyncio.gather(*[run(store, raising(f"key-{number % 40}")) for number in range(200)])
    events = await stores.events()
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    assert [event.prev for event in events] == [None, *[event.id for event in events[:-1]]]
    times = [event.recorded_at for event in events]
    assert times == sorted(times)


async def test_commands_on_one_stream_are_each_decided_on_the_state_before(store: EventStore, stores: Stores) -> None:
    answers = await asyncio.gather(*[run(store, raising("hot")) for _ in range(4)])
    assert sorted(orjson.loads(answer.body)["total"] for answer in answers) == [1, 2, 3, 4]
    versions = [row.version for row in await stores.events()]
    assert versions == [1, 2, 3, 4, 5]


async def test_two_processes_writing_leave_no_gap_and_no_lost_command(stores: Stores) -> None:
    first, second = await stores.open(), await stores.open()
    commands = [run(store, raising(f"{name}-{number}")) for number in range(60) for name, store in (("a", first), ("b", second))]
    answers = await asyncio.gather(*commands)
    events = await stores.events()
    assert [event.position for event in events] == list(range(1, 241))
    assert {answer.position.position for answer in answers} <= {event.position for event in events}


async def test_two_processes_contending_for_one_stream_both_win_in_turn(stores: Stores) -> None:
    first, second = await stores.open(), await stores.open()
    for _ in range(5):
        await asyncio.gather(run(first, raising("shared")), run(second, raising("shared")))
    assert (await stores.rows())["counter-shared"].total == 10


async def test_command_that_loses_to_another_process_again_and_again_still_comes_through(stores: Stores) -> None:
    mine, other = await stores.open(), await stores.open()
    seen: list[int] = []

    async def losing_seven_times(uow: UnitOfWork) -> Answer:
        counter = await uow.load(Counter, "hot")
        seen.append(counter.total if counter else 0)
        if len(seen) < 8:
            await run(other, raising("hot"))
        own = counter or Counter.open("hot", await uow.now())
        own.raise_by(1, await uow.now())
        uow.save(own, subject="hot")
        return Answer(200, {})

    await run(mine, losing_seven_times)
    assert seen == list(range(8))
    assert (await stores.rows())["counter-hot"].total == 8


async def test_command_on_several_streams_is_written_whole_or_not_at_all(store: EventStore, stores: Stores) -> None:
    await run(store, raising("taken"))

    async def open_both(uow: UnitOfWork) -> Answer:
        for key in ("fresh", "taken"):
            uow.save(Counter.open(key, await uow.now()), subject=key)
        return Answer(201, {})

    with pytest.raises(Unavailable, match="keep changing"):
        await run(store, open_both)
    assert "counter-fresh" not in {row.stream for row in await stores.events()}


async def test_stream_that_was_only_read_stops_the_append_when_it_has_moved(store: EventStore, stores: Stores) -> None:
    await run(store, raising("guard"))
    seen: list[int] = []

    async def rely_on_guard(uow: UnitOfWork) -> Answer:
        guard = await uow.get(Counter, "guard", what="counter")
        seen.append(guard.total)
        if len(seen) == 1:
            await run(store, raising("guard"))
        uow.save(Counter.open("follower", await uow.now()), subject="follower")
        return Answer(201, {"relied_on": guard.total})

    answer = await run(store, rely_on_guard)
    assert seen == [1, 2]
    assert orjson.loads(answer.body) == {"relied_on": 2}


async def test_stream_that_moved_between_two_reads_of_one_decision_stops_the_append(store: EventStore) -> None:
    await run(store, raising("guard"))
    seen: list[tuple[int, int]] = []

    async def reading_twice(uow: UnitOfWork) -> Answer:
        first = await uow.get(Counter, "guard", what="counter")
        if not seen:
            await run(store, raising("guard"))
        second = await uow.get(Counter, "guard", what="counter")
        seen.append((first.total, second.total))
        second.raise_by(first.total, await uow.now())
        uow.save(second, subject="guard")
        uow.save(Counter.open("follower", await uow.now()), subject="follower")
        return Answer(201, {})

    await run(store, reading_twice)
    assert seen == [(1, 2), (2, 2)]


async def test_unchecked_read_does_not_stop_the_append(store: EventStore) -> None:
    await run(store, raising("guard"))
    attempts: list[int] = []

    async def glance_at_guard(uow: UnitOfWork) -> Answer:
        attempts.append(1)
        await uow.load(Counter, "guard", check=False)
        await run(store, raising("guard"))
        uow.save(Counter.open("follower", await uow.now()), subject="follower")
        return Answer(201, {})

    await run(store, glance_at_guard)
    assert len(attempts) == 1


async def test_aggregates_read_ahead_are_loaded_at_once(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("a", "b"):
        await run(store, raising(key))
    loads: list[set[str]] = []
    load = store.loader.load

    async def counted(streams: Mapping[str, int], key: tuple[str, str] | None) -> Any:
        loads.append({*streams})
        return await load(streams, key)

    monkeypatch.setattr(store.loader, "load", counted)

    async def read_ahead(uow: UnitOfWork) -> Answer:
        await uow.preload(*[(Counter, key) for key in ("a", "b", "absent", "a")])
        found = [await uow.load(Counter, key) for key in ("a", "absent")]
        found += await uow.load_many(Counter, ["b"])
        return Answer(200, [one and one.total for one in found])

    assert orjson.loads((await run(store, read_ahead)).body) == [1, None, 1]
    assert loads == [{"counter-a", "counter-b", "counter-absent"}]


async def test_stream_that_moves_after_it_was_read_ahead_stops_the_append(store: EventStore) -> None:
    await run(store, raising("guard"))
    seen: list[int] = []

    async def rely_on_guard(uow: UnitOfWork) -> Answer:
        await uow.preload((Counter, "guard"))
        if not seen:
            await run(store, raising("guard"))
        seen.append((await uow.get(Counter, "guard", what="counter")).total)
        uow.save(Counter.open("follower", await uow.now()), subject="follower")
        return Answer(201, {})

    await run(store, rely_on_guard)
    assert seen == [1, 2]


async def test_stream_that_was_only_read_ahead_does_not_stop_the_append(store: EventStore) -> None:
    await run(store, raising("guard"))
    attempts: list[int] = []

    async def read_ahead(uow: UnitOfWork) -> Answer:
        attempts.append(1)
        await uow.preload((Counter, "guard"))
        await run(store, raising("guard"))
        uow.save(Counter.open("follower", await uow.now()), subject="follower")
        return Answer(201, {})

    await run(store, read_ahead)
    assert len(attempts) == 1


async def test_if_match_conflict_is_refused_at_once(store: EventStore) -> None:
    await run(store, raising("edited"))

    async def edit(uow: UnitOfWork) -> Answer:
        counter = await uow.get(Counter, "edited", what="counter")
        uow.expect(counter)
        if counter.version == 2:
            await run(store, raising("edited"))
        counter.raise_by(5, await uow.now())
        uow.save(counter, subject="edited")
        return Answer(200, {})

    with pytest.raises(PreconditionFailed):
        await run(store, edit, if_match=1)
    with pytest.raises(PreconditionFailed):
        await run(store, edit, if_match=2)


async def test_any_version_events_never_conflict(store: EventStore, stores: Stores) -> None:
    async def note(uow: UnitOfWork) -> Answer:
        uow.record("CounterNoticed", stream="notice-all", subject="all", data={"seen": True})
        return Answer(202, {})

    await asyncio.gather(*[run(store, note) for _ in range(20)])
    rows = await stores.events()
    assert len(rows) == 20
    assert {row.version for row in rows} == {None}


async def test_refusal_is_recorded_and_raised(store: EventStore, stores: Stores) -> None:
    async def refuse(uow: UnitOfWork) -> Answer:
        uow.about("model-7")
        raise Conflict("No.", code="not_now")

    with pytest.raises(Conflict) as refused:
        await run(store, refuse)
    (row,) = await stores.events()
    assert (row.type, row.subject, row.stream) == ("ActionRefused", "model-7", "refusal-raise")
    assert orjson.loads(row.data) == {"action": "raise", "code": "not_now", "kind": "Conflict"}
    assert refused.value.committed.position.position == 1


async def test_rows_and_texts_are_written_with_the_events(store: EventStore, stores: Stores) -> None:
    async def with_text(uow: UnitOfWork) -> Answer:
        uow.save(Counter.open("told", await uow.now()), subject="told")
        commitment = uow.text("because", kind="reason", subject="told")
        uow.record("CounterExplained", stream="explanation-told", subject="told", data={"reason": commitment})
        return Answer(201, {})

    await run(store, with_text)
    (text,) = (await stores.texts()).items()
    explained = (await stores.events())[1].fields
    assert text == (explained["reason"]["id"], "because")
    assert b"because" not in b"".join(row.data for row in await stores.events())
    assert (await stores.rows())["counter-told"] == Row(0, 1)


async def test_one_upsert_that_touches_a_row_twice_in_a_batch_keeps_the_last(store: EventStore, stores: Stores) -> None:
    async def twice(uow: UnitOfWork) -> Answer:
        counter = Counter.open("twice", await uow.now())
        counter.raise_by(1, await uow.now())
        counter.raise_by(2, await uow.now())
        uow.save(counter, subject="twice")
        return Answer(201, {})

    await run(store, twice)
    assert (await stores.rows())["counter-twice"].total == 3


async def test_culprit_of_a_batch_fails_alone(store: EventStore, stores: Stores) -> None:
    async def oversized(uow: UnitOfWork) -> Answer:
        uow.record("CounterNoticed", stream="n" * 301, subject="all", data={})
        return Answer(202, {})

    commands = [run(store, raising(f"good-{number}")) for number in range(10)]
    commands[4:4] = [run(store, oversized), run(store, raising("unlucky", by=UNPROJECTABLE))]
    results = await asyncio.gather(*commands, return_exceptions=True)
    failed = [number for number, result in enumerate(results) if isinstance(result, Exception)]
    assert failed == [4, 5]
    assert len(await stores.rows()) == 10
    assert [event.position for event in await stores.events()] == list(range(1, 21))


async def test_many_commands_on_one_hot_stream_all_succeed(store: EventStore, stores: Stores) -> None:
    answers = await asyncio.gather(*[run(store, raising("hot")) for _ in range(60)])
    assert sorted(orjson.loads(answer.body)["total"] for answer in answers) == list(range(1, 61))
    assert not store.locks.is_locked("counter-hot")
