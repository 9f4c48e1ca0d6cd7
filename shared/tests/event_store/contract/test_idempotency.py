"""One key, one effect, one answer: every case of rule 14."""

import asyncio
from typing import Any

import pytest

from placet_shared.errors import Conflict, IdempotencyMismatch
from placet_shared.event_store import Answer, EventStore, RequestKey, UnitOfWork

from ..conftest import Counter, metadata, raising
from .conftest import Stores

KEY = RequestKey("order-1", b"a" * 32)


async def noting(uow: UnitOfWork) -> Answer:
    """Loads nothing, so that only the append looks for the key."""
    uow.record("CounterNoticed", stream="notice-all", subject="all", data={})
    return Answer(202, {"noticed": True})


async def run(store: EventStore, handler: Any, key: RequestKey = KEY, actor: str = "person-1") -> Any:
    return await store.run(handler, metadata(actor), None, action="raise", request_key=key)


async def test_repeated_key_gets_the_stored_answer_and_has_no_second_effect(store: EventStore, stores: Stores) -> None:
    first = await run(store, raising("once"))
    again = await run(store, raising("once"))
    assert (again.status, again.body, again.etag, again.position) == (first.status, first.body, first.etag, first.position)
    assert (first.replayed, again.replayed) == (False, True)
    assert len(await stores.events()) == 2


async def test_same_key_at_the_same_moment_runs_once(store: EventStore, stores: Stores) -> None:
    answers = await asyncio.gather(*[run(store, raising("once")) for _ in range(20)])
    assert len(await stores.events()) == 2
    assert len({answer.body for answer in answers}) == 1
    assert sum(not answer.replayed for answer in answers) == 1


async def test_followers_of_a_failing_command_get_its_failure(store: EventStore, stores: Stores) -> None:
    async def refuse(uow: UnitOfWork) -> Answer:
        raise Conflict("No.")

    results = await asyncio.gather(*[run(store, refuse) for _ in range(5)], return_exceptions=True)
    assert [type(result) for result in results] == [Conflict] * 5
    assert [row.type for row in await stores.events()] == ["ActionRefused"]


async def test_recorded_refusal_is_answered_again_without_a_second_record(store: EventStore, stores: Stores) -> None:
    async def refuse(uow: UnitOfWork) -> Answer:
        raise Conflict("No.", code="not_now")

    with pytest.raises(Conflict):
        await run(store, refuse)
    again = await run(store, raising("other"))
    assert again.status == 409
    assert again.json["code"] == "not_now"
    assert len(await stores.events()) == 1


async def test_same_key_in_two_processes_has_one_effect(stores: Stores) -> None:
    first, second = await stores.open(), await stores.open()
    answers = await asyncio.gather(*[run(store, raising("once")) for _ in range(5) for store in (first, second)])
    assert len(await stores.events()) == 2
    assert len({answer.body for answer in answers}) == 1


async def test_key_is_checked_again_under_the_lock_when_nothing_was_loaded(stores: Stores) -> None:
    first, second = await stores.open(), await stores.open()
    one = await run(first, noting)
    two = await run(second, noting)
    assert two.replayed
    assert two.position == one.position
    assert len(await stores.events()) == 1


async def test_key_with_another_request_is_refused(store: EventStore) -> None:
    await run(store, raising("once"))
    with pytest.raises(IdempotencyMismatch):
        await run(store, raising("once"), RequestKey("order-1", b"b" * 32))


async def test_key_with_another_request_is_refused_while_the_first_is_running(store: EventStore) -> None:
    results = await asyncio.gather(
        run(store, raising("once")), run(store, raising("once"), RequestKey("order-1", b"b" * 32)), return_exceptions=True
    )
    assert isinstance(results[1], IdempotencyMismatch)


async def test_key_of_another_actor_is_another_key(stores: Stores) -> None:
    """Rule 14, where the key is looked up: before the decision, and under the lock when the command loads nothing before it.

    What counts is the events: a command that is taken for answered under the lock would leave rows and no event.
    """
    first, second = await stores.open(), await stores.open()
    for actor, store in (("person-1", first), ("person-2", second), ("person-3", first)):
        assert not (await run(store, raising("once"), actor=actor)).replayed
        assert not (await run(store, noting, RequestKey("order-2", b"n" * 32), actor=actor)).replayed
    events = await stores.events()
    assert [event.actor for event in events if event.type == "CounterRaised"] == ["person-1", "person-2", "person-3"]
    assert [event.actor for event in events if event.type == "CounterNoticed"] == ["person-1", "person-2", "person-3"]


async def test_key_of_two_actors_at_the_same_moment_is_two_keys(store: EventStore, stores: Stores) -> None:
    """Rule 14, in one process: neither shares the other's answer, nor is refused for its hash."""
    both = ("person-1", "person-2")
    answers = await asyncio.gather(*[run(store, raising(actor), RequestKey("order-1", actor.encode()), actor=actor) for actor in both])
    assert [answer.replayed for answer in answers] == [False, False]
    events = {event.position: event.actor for event in await stores.events()}
    assert tuple(events[answer.position.position] for answer in answers) == both


async def test_command_that_met_a_conflict_is_decided_again_and_not_answered_from_its_key(store: EventStore, stores: Stores) -> None:
    """Rule 14: a conflict leaves no answer under the key, or the next decision would find it and acknowledge what was never written."""
    tries: list[int] = []

    async def overtaken(uow: UnitOfWork) -> Answer:
        counter = await uow.load(Counter, "once") or Counter.open("once", await uow.now())
        tries.append(counter.version)
        if len(tries) == 1:
            await run(store, raising("once"), RequestKey("order-2", b"b" * 32))
        counter.raise_by(10, await uow.now())
        uow.save(counter, subject="once")
        return Answer(200, {"total": counter.total})

    committed = await run(store, overtaken)
    assert (committed.replayed, committed.json) == (False, {"total": 11})
    assert len(tries) == 2
    assert [event.type for event in await stores.events()] == ["CounterOpened", "CounterRaised", "CounterRaised"]
    assert (await run(store, overtaken)).json == {"total": 11}, "the answer that was stored is that of what was written"


async def test_key_older_than_a_day_is_a_new_command(store: EventStore, stores: Stores) -> None:
    await run(store, raising("once"))
    await stores.pass_a_day()
    again = await run(store, raising("once"), RequestKey("order-1", b"b" * 32))
    assert not again.replayed
    assert again.json == {"total": 2}
    assert (await run(store, raising("once"), RequestKey("order-1", b"b" * 32))).replayed


async def test_caller_that_went_away_does_not_stop_the_command(store: EventStore, stores: Stores) -> None:
    caller = asyncio.create_task(run(store, raising("once")))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    assert (await run(store, raising("once"))).json == {"total": 1}
    assert len(await stores.events()) == 2
