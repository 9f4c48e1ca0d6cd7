"""A stream of events ends with its events, with its reader or with an error, and leaves nothing running."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest
from starlette.types import Message

from placet_shared.web import event_stream
from placet_shared.web.event_stream import EventStream, encode_event


class Reader:
    """What a server gives an application: it gets messages, until it leaves."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.left = asyncio.Event()
        self.got = asyncio.Event()

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        if message.get("body"):
            self.got.set()

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


@pytest.fixture
def reader() -> Reader:
    return Reader()


class Words:
    """Says a word, and then whatever `afterwards` does; knows whether it was closed."""

    def __init__(self, afterwards: Callable[[], Awaitable[object]]) -> None:
        self.closed = False
        self._afterwards = afterwards

    async def __call__(self) -> AsyncGenerator[str, None]:
        try:
            yield "one"
            await self._afterwards()
            yield "two"
        finally:
            self.closed = True


async def nothing() -> None:
    return None


async def for_ever() -> None:
    await asyncio.Event().wait()


async def failing_source() -> None:
    raise ConnectionError("the database went away")


def answering(words: Words, reader: Reader) -> asyncio.Task[None]:
    stream = EventStream(words(), str.encode)
    return asyncio.create_task(stream({"type": "http"}, reader.receive, reader.send))


async def none_runs_on() -> None:
    """Whatever was cancelled has had its turn to end."""
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_stream_ends_with_its_events(reader: Reader) -> None:
    words = Words(nothing)
    await answering(words, reader)
    start, *bodies = reader.sent
    assert (start["status"], dict(start["headers"])[b"content-type"]) == (200, b"text/event-stream; charset=utf-8")
    assert b"content-length" not in dict(start["headers"])
    assert [(message["body"], message["more_body"]) for message in bodies] == [(b"one", True), (b"two", True), (b"", False)]
    assert words.closed
    await none_runs_on()


async def test_reader_that_leaves_ends_the_events(reader: Reader) -> None:
    words = Words(for_ever)
    answer = answering(words, reader)
    await reader.got.wait()
    reader.left.set()
    await answer
    assert (reader.body, words.closed) == (b"one", True)
    await none_runs_on()


async def test_server_that_gives_up_a_stream_ends_it(reader: Reader) -> None:
    words = Words(for_ever)
    answer = answering(words, reader)
    await reader.got.wait()
    answer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answer
    assert words.closed
    await none_runs_on()


async def test_error_in_the_middle_is_no_whole_stream(reader: Reader) -> None:
    answer = answering(Words(failing_source), reader)
    with pytest.raises(ConnectionError):
        await answer
    assert reader.sent[-1]["more_body"]
    await none_runs_on()


async def test_silence_is_filled_with_comments(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "PING_SECONDS", 0.0)
    silence = asyncio.Event()
    words = Words(silence.wait)
    answer = answering(words, reader)
    while reader.body.count(event_stream.PING) < 2:
        reader.got.clear()
        await reader.got.wait()
    silence.set()
    await answer
    assert reader.body.replace(event_stream.PING, b"") == b"onetwo"


@pytest.mark.parametrize(
    ("data", "name", "event"),
    [
        (b"{}", "progress", b"event: progress\ndata: {}\nid: 7\n\n"),
        (b"{}", None, b"data: {}\nid: 7\n\n"),
        (b"a\nb\r\nc\rd", None, b"data: a\ndata: b\ndata: c\ndata: d\nid: 7\n\n"),
    ],
)
def test_event_has_a_line_for_each_line_of_its_data(data: bytes, name: str | None, event: bytes) -> None:
    assert encode_event(data, "7", name) == event
