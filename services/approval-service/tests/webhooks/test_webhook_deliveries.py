"""From an event to its receivers: in order, at least once, and none waits for another."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Reference

from placet_shared.bus.envelope import encode, from_row
from placet_shared.testing import eventually

from ..conftest import no_sources
from ..decisions.conftest import WHY, Bank
from .conftest import Received, Receiver, ReceiverApp, deliveries, hang, is_tried_now, receiving, subscribed

pytestmark = pytest.mark.postgres


async def test_a_receiver_gets_the_events_that_it_asks_for_as_the_feed_gives_them(bank: Bank, receiver: Receiver) -> None:
    await subscribed(bank, receiver, "SignOff*", "ApprovalGranted")
    await bank.an_approved_sign_off()
    await bank.service.account("another", "pipeline")
    came = await receiver.gets(5)
    wanted = await bank.connection.fetch(
        "select * from events where type = any ($1) order by position",
        ["SignOffOpened", "SignOffRequested", "ApprovalGranted", "SignOffApproved"],
    )
    assert [one.body for one in came] == [encode(from_row("approval", row)) for row in wanted]
    feed = await bank.service.client.get("/v1/feed", headers={"Authorization": f"Bearer {bank.dora.token}"}, params={"limit": 1000})
    assert all(one.body in feed.content for one in came)
    for one in came:
        assert Reference(receiver.secret).verify(one.body, dict(one.headers)) == one.event
        assert one.headers["webhook-id"] == one.event["id"]
    assert b"Looked at the report" not in b"".join(one.body for one in came)


async def test_a_delivery_that_failed_is_tried_again_and_holds_up_what_comes_after(bank: Bank, receiver: Receiver) -> None:
    await subscribed(bank, receiver, "SignOffRequested", "ApprovalGranted")
    receiver.app.status = 503
    path = await bank.a_pending_sign_off()
    await eventually(lambda: receiver.app.attempts)
    await bank.bob.post(f"{path}/approve", WHY)
    await eventually(lambda: _number(bank, receiver, 2))
    [second, first] = await deliveries(bank, receiver)
    assert (second["attempts"], second["state"], first["state"], first["status"]) == (0, "pending", "pending", 503)
    assert first["response"] == "said  [2J so"
    receiver.app.status = 204
    await is_tried_now(bank)
    came = await receiver.gets(2)
    assert [one.event["type"] for one in came] == ["placet.SignOffRequested.v3", "placet.ApprovalGranted.v2"]
    assert receiver.app.attempts[0].headers["webhook-id"] == came[0].headers["webhook-id"]


async def test_a_message_that_is_refused_lets_others_pass(bank: Bank, receiver: Receiver) -> None:
    async def refuses_requests(came: Received) -> int:
        return 400 if "SignOffRequested" in came.event["type"] else 204

    receiver.app.answering = refuses_requests
    await subscribed(bank, receiver, "SignOffRequested", "ApprovalGranted")
    path = await bank.a_pending_sign_off()
    await bank.bob.post(f"{path}/approve", WHY)
    [came] = await receiver.gets(1)
    assert came.event["type"] == "placet.ApprovalGranted.v2"
    await eventually(lambda: _states(bank, receiver, ["delivered", "pending"]))
    [refused] = await deliveries(bank, receiver, state="pending")
    assert (refused["type"], refused["status"]) == ("SignOffRequested", 400)


async def test_a_delivery_that_no_attempt_brings_home_is_parked_and_goes_by_hand(bank: Bank, receiver: Receiver) -> None:
    receiver.app.status = 500
    await subscribed(bank, receiver, "SignOffRequested")
    await bank.a_pending_sign_off()

    async def parked() -> list[dict[str, Any]]:
        await is_tried_now(bank)
        return await deliveries(bank, receiver, state="parked")

    [given_up] = await eventually(parked)
    assert (given_up["attempts"], len(receiver.app.attempts)) == (9, 9)
    metrics = (await bank.service.client.get("/metrics")).text
    assert "placet_webhooks_parked 1.0" in metrics
    assert 'placet_webhooks_deliveries_total{state="parked"} 1.0' in metrics
    receiver.app.status = 204
    answer = await bank.dora.post(f"/v1/webhooks/{receiver.webhook_id}/redeliver", {"event_id": given_up["event_id"]})
    assert answer.status_code == 200, answer.text
    [came] = await receiver.gets(1)
    assert came.headers["webhook-id"] == given_up["event_id"]


async def test_a_receiver_that_is_gone_is_disabled_by_an_event(bank: Bank, receiver: Receiver) -> None:
    receiver.app.status = 410
    await subscribed(bank, receiver, "SignOffRequested")
    await bank.a_pending_sign_off()

    async def disabled() -> bool:
        view = (await bank.dora.get(f"/v1/webhooks/{receiver.webhook_id}")).json()
        return (view["enabled"], view["disabled_because"]) == (False, "gone")

    await eventually(disabled)
    assert "WebhookDisabled" in await bank.service.site.event_types()
    assert len(receiver.app.attempts) == 1


async def test_receivers_that_hang_keep_no_other_waiting(bank: Bank) -> None:
    """More of them than there are connections to the database: none is held while a receiver is waited for."""
    async with AsyncExitStack() as stack:
        stuck = [await stack.enter_async_context(receiving(ReceiverApp(answering=hang))) for _ in range(8)]
        prompt = await stack.enter_async_context(receiving())
        for one in (*stuck, prompt):
            await subscribed(bank, one, "SignOffRequested")
        await bank.a_pending_sign_off()
        await prompt.gets(1)
        await eventually(lambda: all(one.app.attempts for one in stuck))
        assert not any(one.app.received for one in stuck)


async def test_while_it_is_disabled_nothing_is_sent_or_queued_and_what_waited_goes_first(bank: Bank, receiver: Receiver) -> None:
    await subscribed(bank, receiver, "SignOffRequested", "SignOffWithdrawn")
    receiver.app.status = 503
    path = await bank.a_pending_sign_off()
    await eventually(lambda: receiver.app.attempts)
    at = f"/v1/webhooks/{receiver.webhook_id}"
    assert (await bank.dora.post(f"{at}/disable")).json()["enabled"] is False
    receiver.app.status = 204
    await bank.alice.post(f"{path}/withdraw", WHY)
    await _all_is_queued(bank)
    await bank.dora.post(f"{at}/enable")
    await bank.a_pending_sign_off()
    came = await receiver.gets(2)
    assert [one.event["type"] for one in came] == ["placet.SignOffRequested.v3"] * 2
    assert came[0].event["data"]["sign_off_id"] == path.rpartition("/")[2]


async def test_a_ping_goes_to_its_webhook_alone(bank: Bank, receiver: Receiver) -> None:
    async with receiving() as other:
        await subscribed(bank, other, "*")
        await subscribed(bank, receiver, "SignOffRequested")
        await bank.dora.post(f"/v1/webhooks/{receiver.webhook_id}/ping")
        [came] = await receiver.gets(1)
        assert (came.event["type"], came.event["subject"]) == ("placet.WebhookPinged.v1", receiver.webhook_id)
        await bank.a_pending_sign_off()
        await eventually(lambda: any("SignOffRequested" in one.event["type"] for one in other.app.received))
        assert "placet.WebhookPinged.v1" not in [one.event["type"] for one in other.app.received]


async def test_a_rotation_signs_with_both_secrets_for_a_day(bank: Bank, receiver: Receiver) -> None:
    await subscribed(bank, receiver, "WebhookPinged")
    at = f"/v1/webhooks/{receiver.webhook_id}"
    new = (await bank.dora.post(f"{at}/rotate-secret")).json()["secret"]
    await bank.dora.post(f"{at}/ping")
    [came] = await receiver.gets(1)
    for secret in (new, receiver.secret):
        Reference(secret).verify(came.body, dict(came.headers))
    await bank.connection.execute("update webhook_endpoints set previous_until = clock_timestamp()")
    await bank.dora.post(f"{at}/ping")
    came = (await receiver.gets(2))[1]
    Reference(new).verify(came.body, dict(came.headers))
    assert len(came.headers["webhook-signature"].split()) == 1


async def test_a_process_killed_between_delivery_and_note_sends_it_again_with_the_same_id(bank: Bank) -> None:
    """Its tasks are cut off while the receiver has the message already: as a kill leaves it, but for the lease, which ends by itself."""
    has_it, may_answer = asyncio.Event(), asyncio.Event()

    async def answers_late(came: Received) -> int:
        has_it.set()
        await may_answer.wait()
        return 204

    async with receiving(ReceiverApp(answering=answers_late)) as receiver:
        await subscribed(bank, receiver, "SignOffRequested")
        await bank.a_pending_sign_off()
        await has_it.wait()
        await bank.service.services.webhooks.stop()
        await bank.connection.execute("update webhook_endpoints set busy_until = null")
        may_answer.set()
        await eventually(lambda: len(receiver.app.attempts) == 2)
        first, second = receiver.app.attempts
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        await eventually(lambda: _states(bank, receiver, ["delivered"]))


async def test_a_lease_that_ends_on_a_busy_machine_begins_no_second_delivery_beside_the_first(bank: Bank) -> None:
    async with receiving(ReceiverApp(answering=hang)) as receiver:
        await subscribed(bank, receiver, "SignOffRequested")
        await bank.a_pending_sign_off()
        await eventually(lambda: receiver.app.attempts)
        await bank.connection.execute("update webhook_endpoints set busy_until = null")
        await bank.service.services.webhooks.work()  # type: ignore[attr-defined]  # of the real one
        assert await bank.connection.fetchval("select busy_until from webhook_endpoints") is None
        assert len(receiver.app.attempts) == 1


async def test_of_two_processes_one_sends(bank: Bank, receiver: Receiver) -> None:
    site = bank.service.site
    async with site.services(no_sources) as second:
        await subscribed(bank, receiver, "SignOff*")
        await bank.an_approved_sign_off()
        await receiver.gets(3)
        assert second.webhooks.loop.failures == 0
    assert len({one.headers["webhook-id"] for one in receiver.app.attempts}) == len(receiver.app.attempts) == 3


async def test_what_is_older_than_thirty_days_is_forgotten_with_what_receivers_answered(bank: Bank, receiver: Receiver) -> None:
    await subscribed(bank, receiver, "SignOffRequested")
    await bank.a_pending_sign_off()
    await eventually(lambda: _states(bank, receiver, ["delivered"]))
    await bank.connection.execute("update webhook_events set queued_at = queued_at - interval '30 days'")
    await bank.service.services.webhooks.forget()
    assert await deliveries(bank, receiver) == []
    assert await bank.connection.fetchval("select count(*) from webhook_attempts") == 0


async def _number(bank: Bank, receiver: Receiver, number: int) -> bool:
    return len(await deliveries(bank, receiver)) == number


async def _states(bank: Bank, receiver: Receiver, states: list[str]) -> bool:
    return [one["state"] for one in await deliveries(bank, receiver)] == states


async def _all_is_queued(bank: Bank) -> None:
    async def caught_up() -> bool:
        return bool(
            await bank.connection.fetchval(
                "select position = (select max(position) from events) from webhook_cursors where source = 'approval'"
            )
        )

    await eventually(caught_up)
