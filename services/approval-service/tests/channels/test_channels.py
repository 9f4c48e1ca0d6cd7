"""From a request for a sign-off to posts in channels, over HTTP, to a receiver that reads them as Slack and Teams do."""

import asyncio
from typing import Any

import pytest

from placet_approval.workers.channel_posts import ChannelPosts
from placet_shared.testing import eventually

from ..decisions.conftest import WHY, Bank
from ..webhooks.conftest import Received, Receiver, ReceiverApp, receiving
from .test_post_rules import slack_texts, teams_texts

pytestmark = pytest.mark.postgres


@pytest.fixture
async def posts(bank: Bank, receiver: Receiver) -> ChannelPosts:
    """Beside the service's own, which looks every ten seconds."""
    return ChannelPosts(bank.store, bank.service.services.receivers, "https://placet.example.org/")


async def added(bank: Bank, url: str, **body: Any) -> str:
    about = {"kind": "slack", "url": url, **({} if "person" in body else {"roles": ["reviewer"]}), **body}
    answer = await bank.dora.post("/v1/channels", about)
    assert answer.status_code == 201, answer.text
    channel_id: str = answer.json()["channel_id"]
    return channel_id


async def shown(bank: Bank, channel_id: str) -> dict[str, Any]:
    answer = await bank.dora.get(f"/v1/channels/{channel_id}")
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def test_a_role_s_channel_is_told_once_of_what_waits_for_the_role(bank: Bank, receiver: Receiver, posts: ChannelPosts) -> None:
    channel = await added(bank, receiver.url)
    path = await bank.a_pending_sign_off()
    await posts.tell()
    await posts.tell()
    [came] = receiver.app.received
    _, item, *_ = slack_texts(came.event)
    assert (came.path, came.headers["content-type"]) == ("/hook", "application/json")
    assert "fraud/1 → prod" in item
    assert "asked to sign as reviewer, by policy version 1" in item
    assert f"placet signoff show {path.rpartition('/')[2]}" in item
    seen = await shown(bank, channel)
    assert (seen["status"], seen["error"], seen["retry_at"]) == (204, None, None)


async def test_what_is_signed_for_a_role_is_not_told_to_it(bank: Bank, receiver: Receiver, posts: ChannelPosts) -> None:
    await added(bank, receiver.url, kind="teams", roles=["risk-officer"])
    await added(bank, receiver.url)
    await bank.bob.post(f"{await bank.a_pending_sign_off()}/approve", WHY)
    await posts.tell()
    [came] = receiver.app.received
    assert "asked to sign as risk-officer" in [*teams_texts(came.event)][1]


async def test_a_person_s_channel_follows_the_rules_of_signing_and_the_person_s_preferences(
    bank: Bank, receiver: Receiver, posts: ChannelPosts
) -> None:
    for person in ("alice", "bob"):
        await added(bank, receiver.url, person=person)
    preferences = "/v1/people/me/notifications"
    await bank.bob.client.put(preferences, json={"mail": "off"}, headers={"Authorization": f"Bearer {bank.bob.token}"})
    await bank.a_pending_sign_off()
    await posts.tell()
    assert receiver.app.received == []  # alice requested it, and bob wants nothing
    await bank.bob.client.put(preferences, json={}, headers={"Authorization": f"Bearer {bank.bob.token}"})
    await posts.tell()
    assert len(receiver.app.received) == 1


async def test_in_quiet_hours_nothing_is_posted_and_afterwards_all_of_it_in_one(
    bank: Bank, receiver: Receiver, posts: ChannelPosts
) -> None:
    channel = await added(bank, receiver.url, quiet_from=0, quiet_until=23)
    await bank.connection.execute("update channels set quiet_until = 24 where channel_id = $1", channel)
    for environment in ("prod", "test"):
        await bank.a_pending_sign_off(environment)
        await posts.tell()
    assert receiver.app.received == []
    await bank.connection.execute("update channels set quiet_from = null, quiet_until = null")
    await posts.tell()
    [came] = receiver.app.received
    assert came.event["text"] == "2 sign-offs wait for people here"


async def test_a_channel_that_refuses_is_tried_later_and_loses_nothing(bank: Bank, receiver: Receiver, posts: ChannelPosts) -> None:
    channel = await added(bank, receiver.url)
    receiver.app.status = 404
    await bank.a_pending_sign_off()
    await posts.tell()
    await posts.tell()
    assert len(receiver.app.attempts) == 1
    seen = await shown(bank, channel)
    assert (seen["status"], seen["error"]) == (404, "said  [2J so")
    assert seen["retry_at"]
    receiver.app.status = 204
    await bank.connection.execute("update telling_states set retry_at = clock_timestamp()")
    await posts.tell()
    assert len(receiver.app.received) == 1


async def test_a_channel_that_hangs_keeps_no_other_waiting(bank: Bank, receiver: Receiver, posts: ChannelPosts) -> None:
    may_answer = asyncio.Event()

    async def hangs(_: Received) -> int:
        await may_answer.wait()
        return 204

    async with receiving(ReceiverApp(answering=hangs)) as slow:
        await added(bank, slow.url)
        await bank.a_pending_sign_off()
        await posts.begin()
        await eventually(lambda: len(slow.app.attempts) == 1)
        await added(bank, receiver.url)
        await posts.begin()
        await eventually(lambda: len(receiver.app.received) == 1)
        await posts.begin()
        assert (len(slow.app.attempts), slow.app.received) == (1, [])
        may_answer.set()
        await eventually(lambda: len(slow.app.received) == 1)


async def test_a_test_is_posted_once_and_says_what_became_of_it(bank: Bank, receiver: Receiver, posts: ChannelPosts) -> None:
    channel = await added(bank, receiver.url, kind="teams")
    assert (await bank.dora.post(f"/v1/channels/{channel}/test")).status_code == 200
    await posts.tell()
    await posts.tell()
    [came] = receiver.app.received
    assert next(teams_texts(came.event)) == "A test from Placet"
    assert (await shown(bank, channel))["status"] == 204


async def test_the_address_is_shown_by_nothing_and_goes_with_the_channel(bank: Bank, receiver: Receiver, posts: ChannelPosts) -> None:
    channel = await added(bank, receiver.url)
    for answer in (await bank.dora.get("/v1/channels"), await bank.dora.get(f"/v1/channels/{channel}")):
        assert "hook?key" not in answer.text
    stored = await bank.service.site.stored()
    assert {table for table, rows in stored.items() if "hook?key" in rows} == {"channel_addresses"}
    assert (await bank.dora.post(f"/v1/channels/{channel}/remove")).status_code == 200
    stored = await bank.service.site.stored()
    assert not [table for table, rows in stored.items() if "hook?key" in rows]
    await bank.a_pending_sign_off()
    await posts.tell()
    assert receiver.app.attempts == []
    again = await bank.dora.post(f"/v1/channels/{channel}/test")
    assert (again.status_code, again.json()["code"]) == (404, "channel_not_found")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"url": "https://10.0.0.1/"}, 422, "webhook_url_refused"),
        ({"url": "https://169.254.169.254/latest"}, 422, "webhook_url_refused"),
        ({"url": "http://hooks.slack.com/services/x"}, 422, "webhook_url_refused"),
        ({"person": "nemo", "roles": []}, 404, "person_not_found"),
        ({"person": "bob"}, 422, "malformed"),
    ],
)
async def test_what_can_t_be_posted_to_is_not_added(bank: Bank, receiver: Receiver, body: dict[str, Any], status: int, code: str) -> None:
    answer = await bank.dora.post("/v1/channels", {"kind": "slack", "url": receiver.url, "roles": ["reviewer"], **body})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_channels_are_for_admins(bank: Bank, receiver: Receiver) -> None:
    channel = await added(bank, receiver.url)
    path = f"/v1/channels/{channel}"
    assert [(await bank.bob.get(one)).status_code for one in ("/v1/channels", path)] == [403, 403]
    new = {"kind": "slack", "url": receiver.url, "roles": ["reviewer"]}
    asked = [await bank.bob.post("/v1/channels", new), await bank.bob.post(f"{path}/test"), await bank.bob.post(f"{path}/remove")]
    assert [answer.status_code for answer in asked] == [403, 403, 403]
