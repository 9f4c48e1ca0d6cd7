"""The server's protocol with limits on what a caller may send, and a time-out for every wait.

uvicorn limits neither the size of a header nor the time in which it arrives, nor a body's; it ends idle connections between requests.
"""

import asyncio
from contextlib import AbstractContextManager
from typing import Any, Literal, cast

from placet_shared.errors import PlacetError
from placet_shared.web.connections import Connections, address_of
from placet_shared.web.plain_http import PlainHttp
from placet_shared.web.problems import FrameworkError, problem_response

__all__ = ["CONNECTION", "GuardedHttp"]

CONNECTION = "placet.connection"
"""Where a request's scope has the protocol over which it came."""

Reading = Literal["nothing", "head", "body"]


class GuardedHttp(PlainHttp):
    """One connection; `connections` are those of its process."""

    def __init__(self, connections: Connections, **options: Any) -> None:
        super().__init__(**options)
        self.address: str | None = None
        self._here = connections
        self._limits = connections.limits
        self._reading: Reading = "nothing"
        self._deadline: float | None = None
        self._stuck_since: float | None = None
        self._header_bytes = self._header_count = 0
        self._framing_bytes = 0
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the connection until a valid token is sent over it."""
        super().connection_made(transport)
        self.address = address_of(self.client)
        self._deadline = self.loop.time() + self._limits.first_byte_seconds
        if not self._here.opened(self):
            self._refuse(503, "There are too many connections without a valid token.", code="too_many_connections")

    def connection_lost(self, exc: Exception | None) -> None:
        """Make room for another connection."""
        self._here.closed(self)
        super().connection_lost(exc)

    def authenticated(self) -> None:
        """A request with a valid token has arrived."""
        self._here.known(self)

    def keeping_open(self, token_id: str) -> AbstractContextManager[None]:
        """For a request that waits or streams; raises `TooMany` at once."""
        self._here.check_room(token_id)
        return self._here.keeping_open(token_id)

    # Receiving

    def data_received(self, data: bytes) -> None:
        """Checked against the limits before it is kept."""
        if self._refused:
            return
        if self._reading == "body":
            self._framing_bytes += len(data)
        else:
            self._header_bytes += len(data)
        super().data_received(data)
        if self._reading == "body":
            self._deadline = self.loop.time() + self._limits.body_seconds
        if max(self._header_bytes, self._framing_bytes) > self._limits.header_bytes and self._reading != "nothing":
            self._refuse_header()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        cast(dict[str, Any], self.scope)[CONNECTION] = self
        self._reading, self._header_count = "head", 0
        self._deadline = self.loop.time() + self._limits.header_seconds

    def on_header(self, name: bytes, value: bytes) -> None:
        """Also of a chunked body's trailer."""
        self._header_count += 1
        if self._header_count <= self._limits.header_count:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The size of the head alone: a part of the body may have arrived with it."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if self._header_count > self._limits.header_count or size > self._limits.header_bytes:
            self._refuse_header()
        if not self._refused:
            self._reading, self._header_bytes = "body", 0
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Keep nothing of a refused request. Bytes that are no part of the body are a trailer or the like."""
        self._framing_bytes = 0
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete; an idle connection is ended by uvicorn."""
        if not self._refused:
            self._reading, self._deadline, self._header_bytes, self._framing_bytes = "nothing", None, 0, 0
            super().on_message_complete()

    # Sending

    def pause_writing(self) -> None:
        """The caller does not read its answer."""
        super().pause_writing()
        self._stuck_since = self.loop.time()

    def resume_writing(self) -> None:
        """The caller reads its answer again."""
        super().resume_writing()
        self._stuck_since = None

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser can't read with a problem document."""
        self._refuse(400, "This is no HTTP/1.1.", code="malformed_request")

    # Time-outs

    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def make_room(self) -> None:
        """Close without an answer: no client waits for one."""
        self._here.closed(self)
        self._end()

    def look(self, now: float) -> None:
        """Close when what it waits for is overdue."""
        if self._stuck_since is not None and now - self._stuck_since > self._limits.answer_seconds:
            self.transport.abort()
        elif self._deadline is not None and now > self._deadline:
            self._end_or_wait(now)

    def _end_or_wait(self, now: float) -> None:
        if self._reading == "nothing":
            self._end()
        elif self._is_ours_to_go_on():
            self._deadline = now + self._limits.body_seconds
        elif self.is_idle() and self._reading == "body":
            self._end()  # answered before the body had arrived
        else:
            self._refuse(408, "The request was not sent to its end in time.", code="request_timeout")

    def _is_ours_to_go_on(self) -> bool:
        """The caller is not to blame: it has to wait, or has not been asked to continue."""
        busy = not self.is_idle()
        return busy and (self._reading == "head" or self.flow.read_paused or self.cycle.waiting_for_100_continue)

    def _refuse_header(self) -> None:
        if self._refused:
            return
        self._refuse(
            431,
            f"The header has more than {self._limits.header_bytes} bytes or {self._limits.header_count} fields.",
            code="header_too_large",
        )

    def _refuse(self, status: int, detail: str, *, code: str) -> None:
        """Answer unless an answer is on its way, and close."""
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(_raw(FrameworkError(status, detail, code=code, resolve=None)))
        self._end()

    def _end(self) -> None:
        self._refused, self._deadline = True, None
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()


def _raw(error: PlacetError) -> bytes:
    """The bytes of an answer that the protocol gives without the application."""
    answer = problem_response(error, {"connection": "close"})
    head = b"".join(b"%b: %b\r\n" % header for header in answer.raw_headers)
    return b"HTTP/1.1 %d \r\n%b\r\n%b" % (answer.status_code, head, bytes(answer.body))
