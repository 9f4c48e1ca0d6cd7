"""The client trusts no answer: another source, another language or no sense at all are as good as none."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.feed_client import FeedClient
from placet_shared.errors import Malformed, Unavailable
from placet_shared.free_ports import free_port

from .conftest import SERVICE_TOKEN, Counters


class Canned:
    """A server that gives one answer to whatever is asked."""

    def __init__(self) -> None:
        self.body = b""
        self.asked: list[bytes] = []
        self.port = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append(await reader.readuntil(b"\r\n\r\n"))
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(self.body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + self.body)
        await writer.drain()
        writer.close()


@pytest.fixture
async def canned() -> AsyncIterator[Canned]:
    canned = Canned()
    server = await asyncio.start_server(canned.answer, "127.0.0.1", 0)
    canned.port = server.sockets[0].getsockname()[1]
    yield canned
    server.close()
    await server.wait_closed()


@pytest.fixture
async def client(canned: Canned) -> AsyncIterator[FeedClient]:
    client = FeedClient("counters", f"http://127.0.0.1:{canned.port}", lambda: SERVICE_TOKEN)
    yield client
    await client.aclose()


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"head":{"epoch":1,"position":"x"},"epochs":[],"events":[]}'])
async def test_answer_that_makes_no_sense_is_none(canned: Canned, client: FeedClient, body: bytes) -> None:
    canned.body = body
    with pytest.raises(Unavailable):
        await client.read(Cursor())
    with pytest.raises(Unavailable):
        await client.head()


async def test_event_that_is_none_is_malformed(canned: Canned, client: FeedClient) -> None:
    canned.body = b'{"head":{"epoch":1,"position":1},"epochs":[],"events":[{"id":"x"}]}'
    with pytest.raises(Malformed):
        await client.read(Cursor())


async def test_token_is_asked_for_at_each_request(canned: Canned) -> None:
    tokens = iter(["first", "second"])
    client = FeedClient("counters", f"http://127.0.0.1:{canned.port}", lambda: next(tokens))
    canned.body = b'{"epoch":1,"position":1,"id":"0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c12"}'
    await client.head()
    await client.head()
    await client.aclose()
    assert [b"Bearer first" in canned.asked[0], b"Bearer second" in canned.asked[1]] == [True, True]


async def test_head_without_an_id_says_nothing(canned: Canned, client: FeedClient) -> None:
    canned.body = b'{"epoch":1,"position":1}'
    with pytest.raises(Unavailable):
        await client.head()


async def test_address_without_a_server_is_unavailable() -> None:
    client = FeedClient("counters", f"http://127.0.0.1:{free_port()}", lambda: SERVICE_TOKEN)
    with pytest.raises(Unavailable):
        await client.head()
    await client.aclose()


@pytest.mark.postgres
async def test_server_that_went_away_is_unavailable_and_comes_back(counters: Counters, feed_client: FeedClient) -> None:
    await counters.raise_("a")
    await counters.stop()
    with pytest.raises(Unavailable):
        await feed_client.read(Cursor())
    with pytest.raises(Unavailable):
        await feed_client.head()
    await counters.serve()
    assert len((await feed_client.read(Cursor())).events) == 2


@pytest.mark.postgres
async def test_events_of_another_source_are_refused(counters: Counters) -> None:
    await counters.raise_("a")
    client = FeedClient("registry", counters.url, lambda: SERVICE_TOKEN)
    with pytest.raises(Unavailable, match="counters"):
        await client.read(Cursor())
    await client.aclose()


@pytest.mark.postgres
async def test_token_that_the_source_refuses_is_unavailable(counters: Counters) -> None:
    client = FeedClient("counters", counters.url, lambda: "placet_nonsense")
    with pytest.raises(Unavailable, match="401"):
        await client.head()
    await client.aclose()


PASSED = b'{"position":1,"epoch":1,"id":"0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f","prev":null,"type":"%b","time":"2026-11-23T14:00:00Z"}'
PASSING = b'{"head":{"epoch":1,"position":1},"epochs":[],"events":[],"passed":[' + PASSED + b"]}"


@pytest.mark.parametrize("types", [(), ("CounterOpened",)])
async def test_answer_that_passes_over_what_was_asked_for_is_none(canned: Canned, types: tuple[str, ...]) -> None:
    client = FeedClient("counters", f"http://127.0.0.1:{canned.port}", lambda: SERVICE_TOKEN, types=types)
    canned.body = PASSING % b"CounterOpened"
    with pytest.raises(Unavailable):
        await client.read(Cursor())
    await client.aclose()
