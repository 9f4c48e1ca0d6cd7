"""`GET /v1/feed` over a real server: cursors, limits, waiting, and who sees what."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from msgspec.structs import asdict

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.envelope import events_sha256, from_row
from placet_shared.bus.feed import Feed
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.local import LocalSource
from placet_shared.bus.ports import CarriedText
from placet_shared.errors import OutOfRange, Unavailable
from placet_shared.event_store import Answer, Metadata, UnitOfWork
from placet_shared.event_store.erasing import EraseText, erase_text
from placet_shared.event_store.texts import commits_to
from placet_shared.identifiers import new_id
from placet_shared.testing import eventually, feed_app

from .conftest import CALLERS, PERSON_TOKEN, SCHEMA, SERVICE_TOKEN, Counters, Reader, metadata, raising

pytestmark = pytest.mark.postgres

Ask = Callable[..., Coroutine[Any, Any, httpx.Response]]


@pytest.fixture
async def ask(counters: Counters) -> AsyncIterator[Ask]:
    async with httpx.AsyncClient(base_url=counters.url) as client:

        async def ask(path: str = "", token: str = SERVICE_TOKEN, **query: Any) -> httpx.Response:
            return await client.get(f"/v1/feed{path}", params=query, headers={"Authorization": f"Bearer {token}"})

        yield ask


def cursor_of(event: dict[str, Any]) -> str:
    return f"{event['epoch']}:{event['position']}:{event['id']}"


async def test_events_come_with_their_stored_bytes_in_order(counters: Counters, ask: Ask) -> None:
    await counters.raise_("a", "b", "a")
    response = await ask()
    rows = await counters.site.events()
    body = response.json()
    assert [event["id"] for event in body["events"]] == [str(row["id"]) for row in rows]
    assert all(b'"data":' + row["data"] + b"}" in response.content for row in rows)
    [epoch] = await counters.site.fetch("select * from epochs")
    assert body["head"] == {"epoch": 1, "position": len(rows), "id": str(rows[-1]["id"]), "nonce": epoch["nonce"]}
    assert body["epochs"] == [{"epoch": 1, "first_position": 1, "nonce": epoch["nonce"]}]


async def test_every_column_of_a_stored_event_comes_through(counters: Counters, feed_client: FeedClient) -> None:
    context = Metadata("person-1", "request-1", "person-2", "event-1", "00-trace-span-01", datetime(2026, 11, 23, 14, tzinfo=UTC))
    await counters.store.run(raising("a"), context, None, action="raise")
    arrived = await feed_client.read(Cursor())
    for event, row in zip(arrived.events, await counters.site.events(), strict=True):
        columns = {name: str(value) if name in {"id", "prev"} and value else value for name, value in row.items()}
        assert asdict(event) == {"source": "counters", **columns}


async def test_page_holds_no_more_than_its_limit_and_goes_on_after_its_last_event(counters: Counters, ask: Ask) -> None:
    await counters.raise_("a", "b", "c")
    positions: list[int] = []
    after = ""
    while events := (await ask(after=after, limit=4)).json()["events"]:
        assert len(events) <= 4
        positions += [event["position"] for event in events]
        after = cursor_of(events[-1])
    assert positions == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("after", ["1", "1:x:y", "1:2:3", "-1:2:0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c12"])
async def test_malformed_cursor_is_422_and_names_the_field(ask: Ask, after: str) -> None:
    response = await ask(after=after)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["after"]


@pytest.mark.parametrize("wrong", ["epoch", "position", "id", "beyond"])
async def test_cursor_that_the_source_does_not_know_is_409(counters: Counters, ask: Ask, wrong: str) -> None:
    await counters.raise_("a", "b")
    events = (await ask()).json()["events"]
    cursors = {
        "epoch": {**events[1], "epoch": 2},
        "position": {**events[1], "position": 3},
        "id": {**events[1], "id": events[2]["id"]},
        "beyond": {**events[-1], "position": 999_999_999_999_999_999},
    }
    response = await ask(after=cursor_of(cursors[wrong]))
    assert (response.status_code, response.json()["code"]) == (409, "lost_branch")


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"wait": -1}, {"wait": 26}, {"wait": "nan"}])
async def test_limit_and_wait_outside_their_ranges_are_422(ask: Ask, query: dict[str, Any]) -> None:
    assert (await ask(**query)).status_code == 422


@pytest.mark.parametrize("path", ["", "/digest?until=1", "/head"])
async def test_reading_needs_a_token(counters: Counters, path: str) -> None:
    async with httpx.AsyncClient(base_url=counters.url) as client:
        assert (await client.get(f"/v1/feed{path}")).status_code == 401


async def test_waiting_reader_is_woken_by_an_append(counters: Counters, ask: Ask) -> None:
    """It asks to wait for 25 s, longer than the client's own time-out of 5 s: without the wake-up this fails."""
    waiting = asyncio.create_task(ask(wait=25))
    await eventually(lambda: counters.feed.waiting)
    assert not waiting.done()
    await counters.raise_("a")
    assert [event["position"] for event in (await waiting).json()["events"]] == [1, 2]


async def test_nothing_new_is_answered_by_an_empty_page_that_says_how_far_the_source_is(counters: Counters, ask: Ask) -> None:
    await counters.raise_("a")
    last = (await ask()).json()["events"][-1]
    body = (await ask(after=cursor_of(last), wait=0.1)).json()
    assert (body["events"], body["head"]) == ([], (await ask()).json()["head"])


async def test_head_of_an_empty_store_is_zero(ask: Ask) -> None:
    assert (await ask("/head")).json() == {"source": "counters", "epoch": 0, "position": 0, "id": None, "nonce": None, "followed": []}


async def test_head_is_the_last_event(counters: Counters, ask: Ask) -> None:
    last = await counters.raise_("a", "b")
    assert last
    told = {"source": "counters", "epoch": 1, "position": 4, "id": last.event_id, "nonce": last.nonce, "followed": []}
    assert (await ask("/head")).json() == told
    assert str((await counters.site.events())[-1]["id"]) == last.event_id


async def praised(counters: Counters, body: str) -> dict[str, str]:
    """A comment is recorded; gives its commitment."""

    async def comment(uow: UnitOfWork) -> Answer:
        said = uow.text(body, kind="comment", subject="a")
        uow.record("CounterPraised", stream="praise", subject="a", data={"comment": said})
        return Answer(200, said)

    return dict((await counters.store.run(comment, metadata(), None, action="praise")).json)


async def test_texts_go_to_services_alone(counters: Counters, ask: Ask) -> None:
    await praised(counters, "well done")
    texts = (await ask(token=SERVICE_TOKEN)).json()["texts"]
    assert [(text["body"], text["kind"], text["erased"]) for text in texts] == [("well done", "comment", False)]
    seen_by_a_person = await ask(token=PERSON_TOKEN)
    assert seen_by_a_person.json()["texts"] == []
    assert b"well done" not in seen_by_a_person.content


@pytest.mark.parametrize("body", ["well done", "ü" * 32_768, '"\\\u2028'])
async def test_texts_are_served_by_their_ids_to_services_alone(counters: Counters, ask: Ask, body: str) -> None:
    commitment = await praised(counters, body)
    client = FeedClient("counters", counters.url, lambda: SERVICE_TOKEN)
    [(id_, text)] = (await client.texts([commitment["id"], new_id()])).items()
    assert (id_, text.body) == (commitment["id"], body)
    assert text.salt
    assert commits_to(commitment["hmac"], text.salt, body)
    assert await LocalSource(counters.feed).texts([id_]) == {id_: text}
    refused = await ask("/texts", token=PERSON_TOKEN, id=id_)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_required")
    await client.aclose()


async def test_erased_text_is_served_as_nothing_but_erased(counters: Counters, ask: Ask) -> None:
    id_ = (await praised(counters, "well done"))["id"]
    await counters.store.execute(erase_text, EraseText(id_), metadata=metadata())
    [text] = (await ask("/texts", token=SERVICE_TOKEN, id=id_)).json()["texts"]
    assert (text["salt"], text["body"], text["erased"]) == (None, None, True)
    assert await LocalSource(counters.feed).texts([id_]) == {id_: CarriedText(None, None)}


async def test_page_that_waits_when_the_service_stops_is_sent_away(counters: Counters) -> None:
    waiting = asyncio.create_task(counters.feed.page(Cursor(), 10, 20, with_texts=False))
    await asyncio.sleep(0)
    counters.feed.stop()
    with pytest.raises(Unavailable, match="stopping"):
        await waiting
    assert not (await counters.feed.page(Cursor(), 10, 0, with_texts=False)).events


async def test_digest_is_over_the_events_after_the_cursor(counters: Counters, ask: Ask) -> None:
    await counters.raise_("a", "b", "c")
    stored = [from_row(SCHEMA, row) for row in await counters.site.events()]
    after = Cursor(stored[1].epoch, 2, stored[1].id)
    response = await ask("/digest", PERSON_TOKEN, after=str(after), until=5)
    told = response.json()
    assert (told["source"], told["until"], told["sha256"]) == ("counters", 5, events_sha256(stored[2:5]))
    assert (told["head"]["epoch"], told["head"]["position"], told["head"]["id"]) == (1, 6, stored[-1].id)
    assert (await ask("/digest", until=6)).json()["sha256"] == events_sha256(stored)


@pytest.mark.parametrize("until", [0, 2, 1003, 2**63])
async def test_digest_over_no_events_or_too_many_is_422(counters: Counters, ask: Ask, until: int) -> None:
    await counters.raise_("a")
    last = (await ask()).json()["events"][-1]
    response = await ask("/digest", after=cursor_of(last), until=until)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["until"]


async def test_digest_beyond_the_head_or_of_a_lost_branch_is_refused(counters: Counters, ask: Ask, feed_client: FeedClient) -> None:
    await counters.raise_("a", "b")
    events = (await ask()).json()["events"]
    beyond = await ask("/digest", after=cursor_of(events[1]), until=5)
    assert (beyond.status_code, beyond.json()["code"]) == (400, "beyond_head")
    lost = await ask("/digest", after=f"1:2:{events[0]['id']}", until=4)
    assert (lost.status_code, lost.json()["code"]) == (409, "lost_branch")
    for cursor, position, code in ((Cursor(1, 2, events[1]["id"]), 5, "beyond_head"), (Cursor(1, 2, events[0]["id"]), 4, "lost_branch")):
        with pytest.raises(OutOfRange) as refused:
            await feed_client.digest(cursor, position)
        assert refused.value.code == code


async def test_a_thousand_events_have_a_digest(counters: Counters, feed_client: FeedClient) -> None:
    await asyncio.gather(*[counters.raise_(f"key-{number}") for number in range(500)])
    events = (await feed_client.read(Cursor(), 1000)).events
    assert (await feed_client.digest(Cursor(), 1000)).sha256 == events_sha256(events)


@pytest.mark.parametrize("epoch", [-5, 2**31 - 1])
async def test_cursor_that_the_feed_can_not_read_leads_nowhere(counters: Counters, feed_client: FeedClient, epoch: int) -> None:
    """A mark that an older release took from a forged message: no retry would ever mend it."""
    await counters.raise_("a")
    last = (await feed_client.read(Cursor())).events[-1]
    for ask in (feed_client.read(Cursor(epoch, 2, last.id)), feed_client.digest(Cursor(epoch, 2, last.id), 3)):
        with pytest.raises(OutOfRange) as refused:
            await ask
        assert refused.value.code == "lost_branch"


async def test_service_is_told_with_the_head_what_is_followed_and_was_lost(counters: Counters, reader: Reader, ask: Ask) -> None:
    await counters.raise_("a")
    await reader.consumer.catch_up()
    lost = await counters.raise_("b")
    await reader.consumer.catch_up()
    await counters.copy_data_folder(after=2)
    async with reader.running():
        await eventually(reader.has_reached, 2)
        await eventually(reader.pool.fetch, "select from lost_marks")
        await reader.until(2)
    kept = (await reader.mark()).cursor
    app = feed_app(counters.store, Feed(SCHEMA, reader.pool, counters.watcher, follows=True), CALLERS)
    told = []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://readers") as client:
        for token in (SERVICE_TOKEN, PERSON_TOKEN):
            answer = await client.get("/v1/feed/head", headers={"Authorization": f"Bearer {token}"})
            told.append(answer.json())
    assert lost
    assert sorted((one["epoch"], one["position"], one["id"]) for one in told[0]["followed"]) == [
        (kept.epoch, kept.position, kept.event_id),
        (lost.epoch, lost.position, lost.event_id),
    ]
    assert "followed" not in told[1]


async def test_feed_of_types_has_all_of_these_and_links_to_the_others(counters: Counters, ask: Ask) -> None:
    await counters.raise_("a", "b", "a")
    rows = await counters.site.events()
    body = (await ask(types="CounterOpened", limit=4)).json()
    opened = [row for row in rows[:4] if row["type"] == "CounterOpened"]
    assert [event["id"] for event in body["events"]] == [str(row["id"]) for row in opened]
    assert body["texts"] == []
    both = sorted([*body["events"], *body["passed"]], key=lambda event: int(event["position"]))
    assert [(event["id"], event.get("prev")) for event in both] == [(str(row["id"]), row["prev"] and str(row["prev"])) for row in rows[:4]]
    assert [set(event) for event in body["passed"]] == [{"position", "epoch", "id", "prev", "type", "time"}] * 2
    rest = (await ask(types="CounterOpened", after=cursor_of(both[-1]))).json()
    assert ([], [str(rows[4]["id"])]) == (rest["events"], [event["id"] for event in rest["passed"]])


async def test_stream_of_types_has_of_other_events_the_cursor_alone(counters: Counters) -> None:
    await counters.raise_("a", "b")
    url, headers = f"{counters.url}/v1/feed/events?types=CounterOpened", {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    rows = await counters.site.events()
    said: list[list[str]] = [[]]
    async with httpx.AsyncClient() as client, client.stream("GET", url, headers=headers) as response:
        async for line in response.aiter_lines():
            if line:
                said[-1].append(line)
            elif len(said) == len(rows):
                break
            else:
                said.append([])
    assert [message[-1] for message in said] == [f"id: {row['epoch']}:{row['position']}:{row['id']}" for row in rows]
    assert [len(message) > 1 for message in said] == [row["type"] == "CounterOpened" for row in rows]


async def test_type_that_is_none_is_refused(counters: Counters, ask: Ask) -> None:
    assert (await ask(types="placet.CounterOpened.v1")).status_code == 422
