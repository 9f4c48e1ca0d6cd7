"""Small questions to another service over connections that are kept open: a twentieth of the processor time of a general client.

Only for `GET` with answers of at most 1 MiB. A connection carries one question at a time. A question that finds its kept connection
closed by the server is sent again over a new one, once: RFC 9112 section 9.3.1 allows it for methods that are idempotent.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

import httptools

__all__ = ["Answer", "KeptConnections"]

LARGEST_ANSWER = 1024 * 1024
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body."""

    status: int
    body: bytes


class KeptConnections:
    """To one server; `certificates` are those that an `https` address is checked against."""

    def __init__(self, url: str, certificates: ssl.SSLContext) -> None:
        """Raises `ValueError` for an address that is none."""
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise ValueError(f"{url!r} is no address of a server")
        self._host, self._port = parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme]
        self._tls = certificates if parts.scheme == "https" else None
        self._prefix = parts.path.rstrip("/")
        self._authority = parts.netloc.rpartition("@")[2]
        self._idle: list[_Connection] = []
        self._is_closed = False

    async def get(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Without a time-out of its own; raises `OSError` when there is no whole answer, `ValueError` for a header with a line break."""
        request = self._request(path, headers)
        if (kept := self._usable()) is not None:
            try:
                return await self._ask(kept, request)
            except ConnectionResetError:
                if kept.has_answered_in_part:
                    raise
        return await self._ask(await self._connect(), request)

    def close(self) -> None:
        """Drop all that are idle; those in use are dropped when they have answered."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()

    def _request(self, path: str, headers: Mapping[str, str]) -> bytes:
        lines = [f"GET {self._prefix}{path} HTTP/1.1", f"Host: {self._authority}", *[f"{name}: {value}" for name, value in headers.items()]]
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("a header must not have a line break")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _usable(self) -> "_Connection | None":
        while self._idle:
            if not (kept := self._idle.pop()).is_closed:
                return kept
        return None

    async def _connect(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, self._host, self._port, ssl=self._tls)
        return connection

    async def _ask(self, connection: "_Connection", request: bytes) -> Answer:
        """Kept afterwards only with a whole answer: of a question that was given up the answer is still to come."""
        try:
            answer = await connection.ask(request)
        except BaseException:
            connection.close()
            raise
        if connection.may_be_kept and not self._is_closed:
            self._idle.append(connection)
        else:
            connection.close()
        return answer


class _Connection(asyncio.Protocol):
    """One connection; the parser calls the methods `on_…`."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._begin()

    @property
    def is_closed(self) -> bool:
        """Whether no further question can be sent."""
        return self._transport is None or self._transport.is_closing()

    @property
    def may_be_kept(self) -> bool:
        """Whether the answer was whole, and nothing came behind it that the next question would take for its own."""
        return self._is_kept_alive and not self._has_more

    async def ask(self, request: bytes) -> Answer:
        """Send it and wait for the answer; raises `ConnectionResetError` when the server closes before."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("the server has closed the connection")
        self._begin()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """At once."""
        if self._transport is not None:
            self._transport.abort()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._size = 0
        self.has_answered_in_part = False
        self._is_kept_alive = self._has_more = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Part of asyncio's protocol."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Part of asyncio's protocol. What comes without a question, or can't be read, ends the connection."""
        if self._answer is None or self._answer.done():
            self.close()
            return
        self.has_answered_in_part = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(ConnectionError(f"the answer is no HTTP: {error}"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Part of asyncio's protocol."""
        self._transport = None
        self._fail(ConnectionResetError("the server has closed the connection"))

    def on_message_begin(self) -> None:
        """An answer begins; to this question there is only one."""
        self._has_more = self._answer is not None and self._answer.done()

    def on_body(self, body: bytes) -> None:
        """A part of the answer."""
        self._size += len(body)
        if self._size > LARGEST_ANSWER:
            self._fail(ConnectionError(f"the answer has more than {LARGEST_ANSWER} bytes"))
        else:
            self._body.append(body)

    def on_message_complete(self) -> None:
        """The whole answer is there."""
        self._is_kept_alive = self._parser.should_keep_alive()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Answer(self._parser.get_status_code(), b"".join(self._body)))

    def _fail(self, error: OSError) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self.close()
