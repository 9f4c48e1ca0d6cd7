"""Server-sent events (HTML Living Standard, section 9.2) from an asynchronous generator, without tasks or queues in between.

An endpoint returns `EventStream(generator, encode)` and documents itself with `responses=EVENT_STREAM`.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, aclosing, nullcontext, suppress
from typing import Any, Generic, TypeVar

from fastapi import Response
from starlette.types import Receive, Scope, Send

from placet_shared.errors import Unauthenticated

__all__ = ["EVENT_STREAM", "EventStream", "encode_event"]

# A comment so often: proxies between server and reader take a connection for dead that is silent for long.
PING_SECONDS = 15.0
PING = b": ping\n\n"
EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/event-stream": {
                "schema": {
                    "type": "string",
                    "description": "Events of the fields `event`, `id` and `data`; a line that begins with `:` says nothing.",
                }
            }
        }
    }
}

Item = TypeVar("Item")


def encode_event(data: bytes, id_: str, name: str | None = None) -> bytes:
    """`data` of one line or of several; `id_` and `name` of one."""
    lines = [b"event: %b" % name.encode()] if name else []
    lines += [b"data: %b" % line for line in data.splitlines()]
    return b"%b\nid: %b\n\n" % (b"\n".join(lines), id_.encode())


class EventStream(Response, Generic[Item]):
    """Sends each item of `items` as soon as it is there, and closes `items` when the reader disconnects.

    `keeping` surrounds it; when it raises `Unauthenticated`, since the reader's token is over, the stream ends like a complete one:
    a reader that reconnects gets 401.

    Sent from a task of its own that has nothing else on its stack: when a thousand streams are woken by the same event, resuming
    the layers around each of them, and ending them, would cost more than to send the event.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        items: AsyncGenerator[Item, None],
        encode: Callable[[Item], bytes],
        keeping: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        super().__init__(headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._items = items
        self._encode = encode
        self._keeping = keeping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send(send))
        attending = asyncio.create_task(_attend(receive, send, sending))
        try:
            await sending
        except asyncio.CancelledError:
            if (current := asyncio.current_task()) and current.cancelling():
                raise  # else the reader has disconnected, and only the sending was cancelled
        finally:
            attending.cancel()

    async def _send(self, send: Send) -> None:
        keeping = self._keeping()  # may refuse, which can be answered only now
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        with suppress(Unauthenticated), keeping:
            async with aclosing(self._items):
                async for item in self._items:
                    await send({"type": "http.response.body", "body": self._encode(item), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _attend(receive: Receive, send: Send, sending: asyncio.Task[None]) -> None:
    """Keeps the connection alive; when the reader has disconnected, there is nothing more to send."""
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(PING_SECONDS):
                while (await receive())["type"] != "http.disconnect":
                    pass
                break
        await send({"type": "http.response.body", "body": PING, "more_body": True})
    sending.cancel()
