"""One request and its answer: the identity of both, a limit on the body that is read, and the headers of every answer."""

import logging
import time
from collections.abc import Awaitable, Iterable
from uuid import UUID

from fastapi import Request
from starlette.requests import HTTPConnection
from starlette.types import Message, Receive, Scope, Send

from placet_shared.errors import TooLarge
from placet_shared.identifiers import new_id
from placet_shared.telemetry.spans import new_traceparent

__all__ = ["BODY_LIMIT", "Exchange", "canonical_uuid", "exchange_of", "header", "streamed_body"]

log = logging.getLogger(__name__)

BODY_LIMIT = 1024 * 1024
UNANSWERED = 499  # the caller disconnected before there was a status

_SCOPE_KEY = "placet.exchange"
_REQUEST_ID = b"x-request-id"
_DEFAULT_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    # Should a browser ever show an answer as a page: nothing in it may run or load.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
]


class Exchange:
    """Stands between the server and the application: its `receive` and `send` are those of the request.

    A caller's `X-Request-Id` that is malformed is replaced in silence. Bodies are at most 1 MiB, unless the route streams its body
    and depends on `streamed_body`.
    """

    __slots__ = (
        "_announced",
        "_began",
        "_continued",
        "_receive",
        "_received",
        "_send",
        "body_limit",
        "headers",
        "request_id",
        "scope",
        "status",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self._receive = receive
        self._send = send
        self.headers = dict(reversed(scope["headers"]))  # of several with the same name the first
        self.request_id = canonical_uuid(self.header(_REQUEST_ID)) or new_id()
        self.body_limit: int | None = BODY_LIMIT
        self.status = UNANSWERED
        self._continued: str | None = None
        self._received = 0
        self._announced = self.announced_length
        self._began = time.perf_counter()
        scope[_SCOPE_KEY] = self

    @property
    def started(self) -> bool:
        """Whether a part of the answer has been sent."""
        return self.status != UNANSWERED

    @property
    def seconds(self) -> float:
        """Since the request arrived."""
        return time.perf_counter() - self._began

    @property
    def traceparent(self) -> str:
        """The trace of this request, as later spans continue it (W3C Trace Context)."""
        if self._continued is None:
            self._continued = new_traceparent()
        return self._continued

    @traceparent.setter
    def traceparent(self, continued: str) -> None:
        self._continued = continued

    @property
    def announced_length(self) -> int:
        """The `Content-Length`; 0 without one."""
        length = self.headers.get(b"content-length", b"")
        return int(length) if length.isdigit() else 0

    def header(self, name: bytes) -> str | None:
        """By its name in lower case."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    async def receive(self) -> Message:
        """The next part of the body; raises `TooLarge` past the limit, or at once when the length was announced."""
        self._hold_against_limit(self._announced)
        message = await self._receive()
        self._received += len(message.get("body", b""))
        self._hold_against_limit(self._received)
        return message

    def send(self, message: Message) -> Awaitable[None]:
        """With our headers; at DEBUG it leaves one line per request."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = _completed(message.get("headers", ()), self.request_id)
            if log.isEnabledFor(logging.DEBUG):
                what = {
                    "method": self.scope["method"],
                    "path": self.scope["path"],
                    "status": self.status,
                    "seconds": round(self.seconds, 6),
                }
                log.debug("answered", extra=what)
        return self._send(message)

    def _hold_against_limit(self, size: int) -> None:
        if self.body_limit is not None and size > self.body_limit:
            raise TooLarge(f"The body is larger than {self.body_limit} bytes.", code="body_too_large", limit_bytes=self.body_limit)


def exchange_of(connection: HTTPConnection) -> Exchange:
    """Of a request that came through the shell."""
    exchange: Exchange = connection.scope[_SCOPE_KEY]
    return exchange


def header(connection: HTTPConnection, name: bytes) -> str | None:
    """A header of the request by its name in lower case; of several with the same name the first."""
    return exchange_of(connection).header(name)


async def streamed_body(request: Request) -> None:
    """A dependency for routes that read their body as a stream and count for themselves.

    @router.put("/v1/blobs/{digest}", dependencies=[Depends(streamed_body)])
    """
    exchange_of(request).body_limit = None


def canonical_uuid(text: str | None) -> str | None:
    """`text` as a UUID in lower case with hyphens; None when it is none."""
    if text is None or len(text) != 36:
        return None
    try:
        return str(UUID(text))
    except ValueError:
        return None


def _completed(given: Iterable[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
    """Headers that the answer has already stay; names are in lower case, as ASGI requires of applications."""
    headers = [one for one in given if one[0] != _REQUEST_ID]
    names = {name for name, _ in headers}
    headers += [default for default in _DEFAULT_HEADERS if default[0] not in names]
    headers.append((_REQUEST_ID, request_id.encode()))
    return headers
