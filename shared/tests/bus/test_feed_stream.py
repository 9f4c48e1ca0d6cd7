"""`GET /v1/feed/events` over a real server: every event once, with its stored bytes, whichever side breaks off."""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import orjson
import pytest

from placet_shared.bus.envelope import decode, from_row
from placet_shared.event_store import Answer, RecordedEvent, UnitOfWork
from placet_shared.service import feed_routes
from placet_shared.testing import DEADLINE
from placet_shared.web import event_stream

from .conftest import SCHEMA, SERVICE_TOKEN, Counters, metadata

pytestmark = pytest.mark.postgres

# A reader in a process of its own: says the id of each event that it got, and never has enough.
READER = """
import sys, httpx
url, token = sys.argv[1:]
with httpx.stream("GET", url, headers={"Authorization": "Bearer " + token}, timeout=None) as answer:
    for line in answer.iter_lines():
        if line.startswith("id: "):
            print(line[4:], flush=True)
"""

Told = tuple[str, bytes]
Follow = Callable[..., AbstractAsyncContextManager[AsyncIterator[Told]]]


@pytest.fixture
async def follow(counters: Counters) -> AsyncIterator[Follow]:
    async with httpx.AsyncClient(base_url=counters.url, timeout=DEADLINE) as client:

        @asynccontextmanager
        async def follow(after: str = "", last_event_id: str | None = None) -> AsyncIterator[AsyncIterator[Told]]:
            headers = {"Authorization": f"Bearer {SERVICE_TOKEN}", **({"Last-Event-ID": last_event_id} if last_event_id else {})}
            async with client.stream("GET", "/v1/feed/events", params={"after": after}, headers=headers) as response:
                assert (response.status_code, response.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
                yield told(response)

        yield follow


async def told(response: httpx.Response) -> AsyncIterator[Told]:
    """(id, data) of each event, parsed from bytes: a reader of lines in the Unicode sense would break what is one line here."""
    rest = b""
    async for piece in response.aiter_bytes():
        *blocks, rest = (rest + piece).split(b"\n\n")
        for block in blocks:
            fields = dict(line.split(b": ", 1) for line in block.split(b"\n") if not line.startswith(b":"))
            if fields:
                yield fields[b"id"].decode(), fields[b"data"]


async def some(events: AsyncIterator[Told], number: int) -> list[Told]:
    async with asyncio.timeout(DEADLINE):
        return [await anext(events) for _ in range(number)]


async def stored(counters: Counters) -> list[RecordedEvent]:
    return [from_row(SCHEMA, row) for row in await counters.site.events()]


def cursor_of(event: RecordedEvent) -> str:
    return f"{event.epoch}:{event.position}:{event.id}"


async def test_stream_tells_what_there_is_and_what_comes_under_its_cursor(counters: Counters, follow: Follow) -> None:
    await counters.raise_("a", "b")
    async with follow() as events:
        first = await some(events, 4)
        await counters.raise_("c")
        heard = [*first, *await some(events, 2)]
    expected = await stored(counters)
    assert [id_ for id_, _ in heard] == [cursor_of(event) for event in expected]
    assert [decode(data) for _, data in heard] == expected


async def test_data_are_the_stored_bytes_whatever_line_ends_they_speak_of(counters: Counters, follow: Follow) -> None:
    unruly = "one\ntwo\rthree\r\nfour\u2028five\u0085six\x0bseven\x00: end\n\ndata: not one\n\n"

    async def praise(uow: UnitOfWork) -> Answer:
        uow.record("CounterPraised", stream="praise", subject="a", data={"words": unruly})
        return Answer(200, {})

    await counters.store.run(praise, metadata(), None, action="praise")
    await counters.raise_("a")
    async with follow() as events:
        ((_, data), _) = await some(events, 2)
    (event, *_) = await stored(counters)
    assert data.endswith(b',"data":' + event.data + b"}")
    envelope = orjson.loads(data)
    assert envelope["data"]["words"] == unruly
    assert envelope["datasha256"] == hashlib.sha256(event.data).hexdigest()


@pytest.mark.parametrize("way", ["after", "last_event_id"])
async def test_stream_resumes_after_the_event_that_the_reader_has(counters: Counters, follow: Follow, way: str) -> None:
    await counters.raise_("a", "b")
    expected = [cursor_of(event) for event in await stored(counters)]
    async with follow(**{way: expected[1]}) as events:
        assert [id_ for id_, _ in await some(events, 2)] == expected[2:]


async def test_last_event_id_counts_before_after(counters: Counters, follow: Follow) -> None:
    """A browser that reconnects repeats the address it was given at first."""
    await counters.raise_("a", "b")
    expected = [cursor_of(event) for event in await stored(counters)]
    async with follow(after=expected[0], last_event_id=expected[2]) as events:
        assert [id_ for id_, _ in await some(events, 1)] == expected[3:]


async def test_reader_killed_in_the_middle_is_told_the_rest_and_nothing_twice(counters: Counters, follow: Follow) -> None:
    await counters.raise_(*[f"before-{number}" for number in range(30)])
    reader = await asyncio.create_subprocess_exec(
        sys.executable, "-c", READER, f"{counters.url}/v1/feed/events", SERVICE_TOKEN, stdout=asyncio.subprocess.PIPE
    )
    assert reader.stdout is not None
    async with asyncio.timeout(DEADLINE):
        first = await reader.stdout.readline()
        reader.kill()
        had = (first + await reader.stdout.read()).decode().split()
        await reader.wait()
    await counters.raise_(*[f"after-{number}" for number in range(30)])
    async with follow(last_event_id=had[-1]) as events:
        rest = [id_ for id_, _ in await some(events, 120 - len(had))]
    assert had + rest == [cursor_of(event) for event in await stored(counters)]


@pytest.mark.parametrize(("after", "status"), [("1:2:0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c12", 409), ("1:x", 422)])
async def test_stream_from_a_cursor_that_is_not_known_does_not_begin(counters: Counters, after: str, status: int) -> None:
    await counters.raise_("a")
    async with httpx.AsyncClient(base_url=counters.url, headers={"Authorization": f"Bearer {SERVICE_TOKEN}"}) as client:
        answers = [
            await client.get("/v1/feed/events", params={"after": after}),
            await client.get("/v1/feed/events", headers={"Last-Event-ID": after}),
        ]
    assert [answer.status_code for answer in answers] == [status, status]
    if status == 409:
        assert {answer.json()["code"] for answer in answers} == {"lost_branch"}


async def test_stream_needs_a_token(counters: Counters) -> None:
    async with httpx.AsyncClient(base_url=counters.url) as client:
        assert (await client.get("/v1/feed/events")).status_code == 401


async def test_silent_stream_is_kept_alive_by_comments(counters: Counters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "PING_SECONDS", 0.05)
    headers = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    async with (
        httpx.AsyncClient(base_url=counters.url, timeout=DEADLINE) as client,
        client.stream("GET", "/v1/feed/events", headers=headers) as response,
        asyncio.timeout(DEADLINE),
    ):
        assert (await anext(response.aiter_lines())).startswith(":")


async def test_stream_ends_when_the_service_stops(counters: Counters, follow: Follow) -> None:
    await counters.raise_("a")
    async with follow() as events:
        await some(events, 2)
        counters.feed.stop()
        assert await rest(events) == []


async def test_stream_ends_after_its_time_so_that_the_token_is_shown_again(
    counters: Counters, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_routes, "STREAM_SECONDS", 0.2)
    await counters.raise_("a")
    async with follow() as events:
        assert len(await rest(events)) == 2


async def test_stream_ends_before_the_events_of_a_branch_that_the_reader_does_not_have(counters: Counters, follow: Follow) -> None:
    await counters.raise_("a", "b")
    async with follow() as events:
        last, _ = (await some(events, 4))[-1]
        await counters.restore_backup(2)
        await counters.raise_("c", "d")
        assert await rest(events) == []
    async with httpx.AsyncClient(base_url=counters.url, headers={"Authorization": f"Bearer {SERVICE_TOKEN}"}) as client:
        assert (await client.get("/v1/feed/events", headers={"Last-Event-ID": last})).status_code == 409


async def rest(events: AsyncIterator[Told]) -> list[Told]:
    async with asyncio.timeout(DEADLINE):
        return [event async for event in events]
