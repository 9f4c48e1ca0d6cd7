"""Keeps request bodies small: 1 MiB, unless a route streams its body and says so.

    @router.put("/v1/blobs/{digest}", dependencies=[Depends(streamed_body)])

The web framework has a limit too; its answer is no problem document and replaces answers that refuse for other reasons.
"""

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from placet_shared.errors import TooLarge

__all__ = ["BODY_LIMIT", "BodyLimit", "streamed_body"]

BODY_LIMIT = 1024 * 1024

_SCOPE_KEY = "placet.body"


class BodyLimit:
    """Pure ASGI; raises `TooLarge` when the application reads past the limit, or at once when the length was announced."""

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(receive, self._limit, _announced(scope))
        scope[_SCOPE_KEY] = body
        await self._app(scope, body.read, send)


class _Body:
    def __init__(self, receive: Receive, limit: int, announced: int) -> None:
        self._receive = receive
        self._announced = announced
        self._seen = 0
        self.limit: int | None = limit

    async def read(self) -> Message:
        self._hold_against(self._announced)
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        self._hold_against(self._seen)
        return message

    def _hold_against(self, size: int) -> None:
        if self.limit is not None and size > self.limit:
            raise TooLarge(f"The body is larger than {self.limit} bytes.", code="body_too_large", limit_bytes=self.limit)


async def streamed_body(request: Request) -> None:
    """A dependency for routes that read their body as a stream and count for themselves."""
    body = request.scope[_SCOPE_KEY]
    assert isinstance(body, _Body)
    body.limit = None


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isdecimal() else 0
