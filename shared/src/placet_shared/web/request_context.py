"""The layer around all but measuring: gives each request its id and its trace and every answer its headers, and stops every exception."""

import logging
import time
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from uuid import UUID

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from placet_shared.current_request import caller_address
from placet_shared.errors import PlacetError
from placet_shared.identifiers import new_id
from placet_shared.logs import request_id
from placet_shared.web.observed import traceparent_in
from placet_shared.web.problems import problem_response

__all__ = ["BrokenOff", "Context", "RequestContext", "canonical_uuid", "context_of"]

log = logging.getLogger(__name__)

_SCOPE_KEY = "placet.context"
_REQUEST_ID = b"x-request-id"
_DEFAULT_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    # Should a browser ever show an answer as a page: nothing in it may run or load.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
]


class BrokenOff(Exception):
    """Reports to the server that an answer can't be completed."""


@dataclass(frozen=True, slots=True)
class Context:
    """What identifies a request: our id or the caller's, and a W3C `traceparent`."""

    request_id: str
    traceparent: str


def context_of(connection: HTTPConnection) -> Context:
    """The context of a request that came through `RequestContext`."""
    context = connection.scope[_SCOPE_KEY]
    assert isinstance(context, Context)
    return context


def canonical_uuid(text: str | None) -> str | None:
    """`text` as a UUID in lower case with hyphens; None when it is none."""
    if text is None or len(text) != 36:
        return None
    try:
        return str(UUID(text))
    except ValueError:
        return None


class RequestContext:
    """Pure ASGI; a caller's `X-Request-Id` that is malformed is replaced in silence."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        context = Context(canonical_uuid(headers.get("x-request-id")) or new_id(), traceparent_in(scope))
        scope[_SCOPE_KEY] = context
        mark = request_id.set(context.request_id)
        client = scope.get("client")
        address_mark = caller_address.set(client[0] if client else None)
        try:
            await self._answer(scope, receive, _Answering(send, context, scope))
        finally:
            request_id.reset(mark)
            caller_address.reset(address_mark)

    async def _answer(self, scope: Scope, receive: Receive, send: "_Answering") -> None:
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            log.info("the client disconnected before its request was read")
        except Exception:
            path = getattr(scope.get("route"), "path", "")  # as documented: an address may hold a person's name
            log.exception("a request ended in an error that no handler foresaw", extra={"method": scope["method"], "path": path})
            if send.started:
                # Half an answer must not look like a whole one: the server drops the connection.
                raise BrokenOff("the answer broke off; the line before says why") from None
            await problem_response(_unforeseen())(scope, receive, send)


class _Answering:
    """`send` with our headers; at DEBUG it leaves one line per request."""

    def __init__(self, send: Send, context: Context, scope: Scope) -> None:
        self._send = send
        self._context = context
        self._scope = scope
        self._began = time.perf_counter()
        self.started = False

    def __call__(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.started = True
            message["headers"] = _completed(message.get("headers", ()), self._context.request_id)
            self._tell(message["status"])
        return self._send(message)

    def _tell(self, status: int) -> None:
        if log.isEnabledFor(logging.DEBUG):
            seconds = round(time.perf_counter() - self._began, 6)
            what = {"method": self._scope["method"], "path": self._scope["path"], "status": status, "seconds": seconds}
            log.debug("answered", extra=what)


def _completed(given: Iterable[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
    """Headers that the answer has already stay; names are in lower case, as ASGI requires of applications."""
    headers = [(name, value) for name, value in given if name != _REQUEST_ID]
    names = {name for name, _ in headers}
    return [*headers, (_REQUEST_ID, request_id.encode()), *[header for header in _DEFAULT_HEADERS if header[0] not in names]]


def _unforeseen() -> PlacetError:
    return PlacetError(
        "Something went wrong here that is not your fault.",
        code="internal_error",
        resolve="Try again; if it lasts, give the `instance` of this problem to the operator of this service.",
    )
