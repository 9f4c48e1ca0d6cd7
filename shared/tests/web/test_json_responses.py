"""An answer that is awaited is an answer like any other."""

import asyncio

import pytest
from starlette.types import Message

from placet_shared.errors import NotFound
from placet_shared.web.json_responses import AwaitedAnswer


async def no_request() -> Message:
    raise AssertionError("what it answers has been read")


async def test_awaited_answer_has_the_length_of_what_came() -> None:
    sent: list[Message] = []
    come: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def send(message: Message) -> None:
        sent.append(message)

    answering = asyncio.create_task(AwaitedAnswer(lambda: come)({"type": "http"}, no_request, send))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert sent == [], "nothing is sent before it is known"
    come.set_result(b"[1,2]")
    await answering
    start, body = sent
    assert dict(start["headers"]) == {b"content-type": b"application/json", b"content-length": b"5"}
    assert body["body"] == b"[1,2]"


async def test_error_instead_of_an_awaited_answer_is_left_to_the_handlers() -> None:
    sent: list[Message] = []

    async def missing() -> bytes:
        raise NotFound("There is no such thing.", code="thing_not_found")

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(NotFound):
        await AwaitedAnswer(missing)({"type": "http"}, no_request, send)
    assert sent == []
