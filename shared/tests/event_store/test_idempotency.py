"""One key, one effect, one answer: every case of rule 14."""

import asyncio
from typing import Any

import pytest

from placet_shared.errors import Conflict, IdempotencyMismatch
from placet_shared.event_store import Answer, EventStore, RequestKey, UnitOfWork

from .conftest import Site, metadata, raising

pytestmark = pytest.mark.postgres

KEY = RequestKey("order-1", b"a" * 32)


async def run(store: EventStore, handler: Any, key: RequestKey = KEY, actor: str = "person-1") -> Any:
    return await store.run(handler, metadata(actor), None, action="raise", request_key=key)


async def test_repeated_key_gets_the_stored_answer_and_has_no_second_effect(store: EventStore, site: Site) -> None:
    first = await run(store, raising("once"))
    again = await run(store, raising("once"))
    assert (again.status, again.body, again.etag, again.position) == (first.status, first.body, first.etag, first.position)
    assert (first.replayed, again.replayed) == (False, True)
    assert len(await site.events()) == 2


async def test_same_key_at_the_same_moment_runs_once(store: EventStore, site: Site) -> None:
    answers = await asyncio.gather(*[run(store, raising("once")) for _ in range(20)])
    assert len(await site.events()) == 2
    assert len({answer.body for answer in answers}) == 1
    assert sum(not answer.replayed for answer in answers) == 1


async def test_followers_of_a_failing_command_get_its_failure(store: EventStore, site: Site) -> None:
    async def refuse(uow: UnitOfWork) -> Answer:
        raise Conflict("No.")

    results = await asyncio.gather(*[run(store, refuse) for _ in range(5)], return_exceptions=True)
    assert [type(result) for result in results] == [Conflict] * 5
    assert [row["type"] for row in await site.events()] == ["ActionRefused"]


async def test_recorded_refusal_is_answered_again_without_a_second_record(store: EventStore, site: Site) -> None:
    async def refuse(uow: UnitOfWork) -> Answer:
        raise Conflict("No.", code="not_now")

    with pytest.raises(Conflict):
        await run(store, refuse)
    again = await run(store, raising("other"))
    assert again.status == 409
    assert again.json["code"] == "not_now"
    assert len(await site.events()) == 1


async def test_same_key_in_two_processes_has_one_effect(site: Site) -> None:
    first, second = await site.store(), await site.store()
    answers = await asyncio.gather(*[run(store, raising("once")) for _ in range(5) for store in (first, second)])
    assert len(await site.events()) == 2
    assert len({answer.body for answer in answers}) == 1


async def test_key_is_checked_again_under_the_lock_when_nothing_was_loaded(site: Site) -> None:
    first, second = await site.store(), await site.store()

    async def note(uow: UnitOfWork) -> Answer:
        uow.record("CounterNoticed", stream="notice-all", subject="all", data={})
        return Answer(202, {"noticed": True})

    one = await run(first, note)
    two = await run(second, note)
    assert two.replayed
    assert two.position == one.position
    assert len(await site.events()) == 1


async def test_key_with_another_request_is_refused(store: EventStore) -> None:
    await run(store, raising("once"))
    with pytest.raises(IdempotencyMismatch):
        await run(store, raising("once"), RequestKey("order-1", b"b" * 32))


async def test_key_with_another_request_is_refused_while_the_first_is_running(store: EventStore) -> None:
    results = await asyncio.gather(
        run(store, raising("once")), run(store, raising("once"), RequestKey("order-1", b"b" * 32)), return_exceptions=True
    )
    assert isinstance(results[1], IdempotencyMismatch)


async def test_key_of_another_actor_is_another_key(store: EventStore, site: Site) -> None:
    await run(store, raising("once"))
    await run(store, raising("once"), actor="person-2")
    assert (await site.fetch("select total from counters"))[0]["total"] == 2


async def test_key_older_than_a_day_is_a_new_command(store: EventStore, site: Site) -> None:
    await run(store, raising("once"))
    await site.fetch("update answers set answered_at = answered_at - interval '25 hours'")
    again = await run(store, raising("once"), RequestKey("order-1", b"b" * 32))
    assert not again.replayed
    assert again.json == {"total": 2}
    assert (await run(store, raising("once"), RequestKey("order-1", b"b" * 32))).replayed


async def test_caller_that_went_away_does_not_stop_the_command(store: EventStore, site: Site) -> None:
    caller = asyncio.create_task(run(store, raising("once")))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    assert (await run(store, raising("once"))).json == {"total": 1}
    assert len(await site.events()) == 2
