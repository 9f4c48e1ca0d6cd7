"""JSON answers, encoded once and fast."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from fastapi import Response
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

__all__ = ["AwaitedAnswer", "json_response"]


class AwaitedAnswer(Response):
    """JSON that is not there yet; errors that `answer` raises are handled like those of an endpoint.

    Awaited and sent in a task of its own that has nothing else on its stack: when a thousand of them get their answer at the same
    moment, resuming the layers around each of them, and ending them, would cost more than the answer.
    """

    def __init__(self, answer: Callable[[], Awaitable[bytes]]) -> None:
        super().__init__(media_type="application/json")
        del self.headers["content-length"]
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.create_task(self._send(send))

    async def _send(self, send: Send) -> None:
        body = await self._answer()
        headers = [*self.raw_headers, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def json_response(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`content` may hold pydantic models, dataclasses, dates and UUIDs at any depth."""
    return Response(orjson.dumps(content, default=_plain), status, headers, "application/json")


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
