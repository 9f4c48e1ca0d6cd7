"""A caller that waits for people is woken by what they do, at whichever process, and misses nothing."""

import asyncio

import httpx
import orjson
import pytest

from placet_shared.testing import eventually

from ..decisions.conftest import WHY, Bank
from .conftest import Elsewhere

pytestmark = pytest.mark.postgres

TERMINATE = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = current_database()"
READER = "select xact_start from pg_stat_activity where application_name = 'placet waiting' and datname = current_database()"


async def acts(bank: Bank, path: str, act: str) -> None:
    """The act that ends it."""
    if act == "approved":
        await bank.bob.post(f"{path}/approve", WHY)
        answer = await bank.carol.post(f"{path}/approve", WHY)
    elif act == "rejected":
        answer = await bank.bob.post(f"{path}/reject", WHY)
    else:
        answer = await bank.alice.post(f"{path}/withdraw", WHY)
    assert answer.status_code == 200, answer.text


def state(answer: httpx.Response) -> tuple[str, bool]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return body["state"], body["ended"]


def told(event: dict[str, str]) -> tuple[int, str]:
    data = orjson.loads(event["data"])
    assert (event["event"], int(event["id"])) == ("progress", data["stream_version"])
    return data["stream_version"], data["state"]


@pytest.mark.parametrize("act", ["approved", "rejected", "withdrawn"])
async def test_waiter_is_woken_by_what_was_done_through_another_process(bank: Bank, elsewhere: Elsewhere, act: str) -> None:
    path = await bank.a_pending_sign_off()
    waiting = asyncio.create_task(elsewhere.wait(path))
    await elsewhere.until_waiting(1)
    await acts(bank, path, act)
    assert state(await waiting) == (act, True)
    await elsewhere.until_waiting(0)


@pytest.mark.parametrize("act", ["approved", "rejected", "withdrawn"])
async def test_waiter_that_comes_after_the_fact_is_answered_at_once(bank: Bank, elsewhere: Elsewhere, act: str) -> None:
    path = await bank.a_pending_sign_off()
    await acts(bank, path, act)
    assert state(await elsewhere.wait(path)) == (act, True)
    async with elsewhere.follow(path) as events:
        assert [told(event)[1] for event in [event async for event in events]] == [act]


async def test_waiter_that_waited_long_enough_hears_how_it_stands(bank: Bank, elsewhere: Elsewhere) -> None:
    path = await bank.a_pending_sign_off()
    assert state(await elsewhere.wait(path, 0)) == ("pending", False)
    assert state(await elsewhere.wait(path, 0.01)) == ("pending", False)


@pytest.mark.parametrize("way", ["wait", "events"])
async def test_waiting_for_what_is_not_there_or_without_a_token(elsewhere: Elsewhere, way: str) -> None:
    path = f"/v1/sign-offs/0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f/{way}"
    missing = await elsewhere.alice.get(path)
    assert (missing.status_code, missing.json()["code"]) == (404, "sign_off_not_found")
    assert (await elsewhere.alice.client.get(path)).status_code == 401
    assert (await elsewhere.alice.get(f"/v1/sign-offs/%00/{way}")).status_code == 422


async def test_waiter_whose_listener_lost_its_connection_misses_nothing(bank: Bank, elsewhere: Elsewhere) -> None:
    path = await bank.a_pending_sign_off()
    waiting = asyncio.create_task(elsewhere.wait(path))
    await elsewhere.until_waiting(1)
    assert len(await bank.service.site.fetch(TERMINATE, "placet approval watcher")) == 2
    await acts(bank, path, "approved")
    assert state(await waiting) == ("approved", True)


async def test_waiter_whose_reader_lost_its_connection_misses_nothing(bank: Bank, elsewhere: Elsewhere) -> None:
    path = await bank.a_pending_sign_off()
    waiting = asyncio.create_task(elsewhere.wait(path))
    await elsewhere.until_asleep(1)
    assert len(await bank.service.site.fetch(TERMINATE, "placet waiting")) == 1
    await acts(bank, path, "approved")
    assert state(await waiting) == ("approved", True)


async def test_reader_for_those_who_wait_is_in_no_transaction_without_waiters(bank: Bank, elsewhere: Elsewhere) -> None:
    """One that is holds locks, for which a rebuild would wait for ever."""
    assert not await bank.service.site.fetch(READER), "it connects when there is something to read"
    await elsewhere.wait(await bank.a_pending_sign_off(), 0.01)
    assert [row["xact_start"] for row in await bank.service.site.fetch(READER)] == [None]


async def test_stream_tells_each_state_and_ends(bank: Bank, elsewhere: Elsewhere) -> None:
    path = await bank.a_pending_sign_off()
    async with elsewhere.follow(path) as events:
        assert told(await anext(events)) == (1, "pending")
        await bank.bob.post(f"{path}/approve", WHY)
        assert told(await anext(events)) == (2, "pending")
        await bank.carol.post(f"{path}/approve", WHY)
        assert [told(event) async for event in events] == [(4, "approved")]


async def test_stream_that_broke_off_goes_on_where_it_was(bank: Bank, elsewhere: Elsewhere) -> None:
    path = await bank.a_pending_sign_off()
    async with elsewhere.follow(path) as events:
        last = (await anext(events))["id"]
    await elsewhere.until_waiting(0)
    async with elsewhere.follow(path, last) as events:
        await elsewhere.until_waiting(1)
        await bank.bob.post(f"{path}/approve", WHY)
        event = await anext(events)
        assert told(event) == (2, "pending"), "what was told before is not told again"
    await acts(bank, path, "withdrawn")
    async with elsewhere.follow(path, event["id"]) as events:
        assert [told(event) async for event in events] == [(3, "withdrawn")], "what happened meanwhile is"
    async with elsewhere.follow(path, "3") as events:
        assert [event async for event in events] == []


async def test_stream_resumed_from_a_history_that_is_gone_begins_again(bank: Bank, elsewhere: Elsewhere) -> None:
    path = await bank.a_pending_sign_off()
    async with elsewhere.follow(path, "77") as events:
        assert told(await anext(events)) == (1, "pending")


async def test_many_waiters_cost_one_read_a_wake_up(bank: Bank) -> None:
    waiting = bank.service.services.waiting
    path = await bank.a_pending_sign_off()
    waits = [asyncio.create_task(waiting.outcome(path.rpartition("/")[2], 60)) for _ in range(200)]

    async def all_have_read() -> bool:
        return waiting.waiters.asleep == 200

    await eventually(all_have_read)
    reads, due = waiting.waiters.reads, waiting.waiters.wake_ups + waiting.waiters.looks
    await acts(bank, path, "approved")
    assert {one.state for one in await asyncio.gather(*waits)} == {"approved"}
    assert waiting.waiters.reads - reads <= waiting.waiters.wake_ups + waiting.waiters.looks - due


async def test_server_that_stops_lets_waiters_go(bank: Bank, elsewhere: Elsewhere) -> None:
    path = await bank.a_pending_sign_off()
    waits = [asyncio.create_task(elsewhere.wait(path)) for _ in range(3)]
    async with elsewhere.follow(path) as events:
        assert told(await anext(events)) == (1, "pending")
        await elsewhere.until_waiting(4)
        elsewhere.served.server.should_exit = True
        assert [event async for event in events] == [], "the stream ends as a whole one"
    assert {state(await wait) for wait in waits} == {("pending", False)}
    await elsewhere.served.ended
    assert elsewhere.waiting.waiters.count == 0
