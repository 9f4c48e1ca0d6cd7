"""The server ends what callers begin and do not end: over real sockets, against the real server."""

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import pytest
import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response

from placet_shared.errors import TooMany
from placet_shared.service.identity import CurrentActor
from placet_shared.service.running import kept_open
from placet_shared.testing import eventually
from placet_shared.web.connections import Connections, address_of
from placet_shared.web.event_stream import EventStream
from placet_shared.web.limits import Limits
from placet_shared.web.server import listen, server_for, within_descriptors

SOON = 0.2
PATIENT = Limits(first_byte_seconds=60, header_seconds=60, body_seconds=60, answer_seconds=60)
WITHIN = 30.0
HEAD = b"POST /registrations HTTP/1.1\r\nHost: probe\r\nContent-Type: application/json\r\n"
GET = b"GET /health/live HTTP/1.1\r\nHost: probe\r\n\r\n"

router = APIRouter()


@router.get("/held")
async def held() -> None:
    await asyncio.Event().wait()


@router.get("/stream")
async def stream(request: Request, actor: CurrentActor) -> Response:
    async def nothing() -> AsyncGenerator[bytes, None]:
        await asyncio.Event().wait()
        yield b""

    return EventStream(nothing(), lambda data: data, lambda: kept_open(request, actor))


@router.get("/large")
async def large() -> Response:
    return Response(b"x" * 64 * 1024 * 1024)


@dataclass
class Served:
    """The server, and connections to it that are closed with the test."""

    server: uvicorn.Server
    address: tuple[str, int]
    stack: ExitStack

    def connect(self, said: bytes = b"") -> socket.socket:
        connection = self.stack.enter_context(socket.create_connection(self.address, timeout=WITHIN))
        connection.sendall(said)
        return connection


Serve = Callable[[Limits], Served]


@pytest.fixture
def serve(build_app: Callable[..., FastAPI]) -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda limits: stack.enter_context(_served(build_app(router), limits))


@contextmanager
def _served(app: FastAPI, limits: Limits) -> Iterator[Served]:
    server = server_for(app, limits)
    with ExitStack() as stack, listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield Served(server, listener.getsockname(), stack)
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


def everything(connection: socket.socket) -> bytes:
    """What comes until the server closes; fails when it does not."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def answer(connection: socket.socket) -> bytes:
    """The head of an answer and what came with it."""
    found = b""
    while b"\r\n\r\n" not in found and (part := connection.recv(65536)):
        found += part
    return found


def test_silence_is_closed(serve: Serve) -> None:
    assert everything(serve(replace(PATIENT, first_byte_seconds=SOON)).connect()) == b""


@pytest.mark.parametrize("said", [b"G", b"GET / HTTP/1.1\r\nHost: pro", HEAD])
def test_half_a_header_is_answered_408(serve: Serve, said: bytes) -> None:
    ended = everything(serve(replace(PATIENT, header_seconds=SOON)).connect(said))
    assert ended.startswith(b"HTTP/1.1 408 ")
    assert b"request_timeout" in ended


def test_header_that_comes_byte_by_byte_is_ended_too(serve: Serve) -> None:
    connection = serve(replace(PATIENT, header_seconds=SOON)).connect(HEAD)
    connection.settimeout(0.02)
    said = b""
    while not said:
        try:
            connection.sendall(b"x")
            said = connection.recv(65536)
        except TimeoutError:
            continue
    assert said.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("body", [b"Content-Length: 100\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"])
def test_half_a_body_is_answered_408(serve: Serve, body: bytes) -> None:
    assert everything(serve(replace(PATIENT, body_seconds=SOON)).connect(HEAD + body)).startswith(b"HTTP/1.1 408 ")


def test_rest_of_a_body_that_was_refused_is_not_waited_for(serve: Serve) -> None:
    connection = serve(replace(PATIENT, body_seconds=SOON)).connect(HEAD + b"Content-Length: 99000000\r\n\r\n{")
    assert everything(connection).startswith(b"HTTP/1.1 413 ")


def test_caller_that_is_to_wait_before_it_sends_its_body_is_not_hurried(serve: Serve) -> None:
    """A request whose answer takes longer than any part of a body may; another connection's end shows that the time is over."""
    served = serve(replace(PATIENT, body_seconds=SOON, header_seconds=SOON))
    waiting = served.connect(b"GET /held HTTP/1.1\r\nHost: probe\r\n\r\n")
    assert everything(served.connect(HEAD)).startswith(b"HTTP/1.1 408 ")
    waiting.setblocking(False)
    with pytest.raises(BlockingIOError):
        waiting.recv(1)


MORE_THAN_TWO_SOCKETS_BUFFER = 32 * 1024 * 1024
ENDLESS = {
    "one field": (HEAD + b"X: ", b"x" * 4096),
    "many fields": (HEAD, b"X: y\r\n" * 500),
    "an address": (b"GET /", b"x" * 4096),
    "a trailer": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"x" * 4096),
    "many fields of a trailer": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n" * 500),
    "a chunk's extension": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x" * 4096),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_endless_header_is_cut_off(serve: Serve, what: str) -> None:
    began, goes_on = ENDLESS[what]
    connection = serve(PATIENT).connect(began)
    with pytest.raises(OSError, match=r"Broken pipe|reset by peer"):
        connection.sendall(goes_on * (MORE_THAN_TWO_SOCKETS_BUFFER // len(goes_on)))


WIDE, TOO_WIDE = b"X: %b\r\n" % (b"x" * 20_000), b"X: %b\r\n" % (b"x" * 40_000)


@pytest.mark.parametrize(
    ("fields", "status"), [(b"X: y\r\n" * 50, b"404"), (b"X: y\r\n" * 200, b"431"), (WIDE, b"404"), (TOO_WIDE, b"431")]
)
def test_header_within_and_beyond_the_limits(serve: Serve, fields: bytes, status: bytes) -> None:
    connection = serve(PATIENT).connect(b"GET /nowhere HTTP/1.1\r\nHost: probe\r\n" + fields + b"\r\n")
    assert answer(connection).startswith(b"HTTP/1.1 " + status)


def test_what_is_no_http_is_answered_with_a_problem(serve: Serve) -> None:
    ended = everything(serve(PATIENT).connect(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n"))
    assert ended.startswith(b"HTTP/1.1 400 ")
    assert b"malformed_request" in ended


def test_idle_connection_is_closed_after_its_answer(serve: Serve) -> None:
    assert everything(serve(replace(PATIENT, idle_seconds=1)).connect(GET)).startswith(b"HTTP/1.1 200 ")


async def test_caller_that_does_not_take_its_answer_is_left(serve: Serve) -> None:
    served = serve(replace(PATIENT, answer_seconds=SOON))
    served.connect(b"GET /large HTTP/1.1\r\nHost: probe\r\n\r\n")
    await eventually(lambda: bool(served.server.server_state.connections))
    await eventually(lambda: not served.server.server_state.connections)


def test_idle_connection_makes_room_for_a_new_one(serve: Serve) -> None:
    served = serve(replace(PATIENT, anonymous_connections=3))
    silent = [served.connect() for _ in range(3)]
    assert answer(served.connect(GET)).startswith(b"HTTP/1.1 200 ")
    assert everything(silent[0]) == b""


def test_connection_of_a_known_caller_does_not_make_room(serve: Serve, developer_token: str) -> None:
    served = serve(replace(PATIENT, anonymous_connections=1))
    asked = b"GET /whoami HTTP/1.1\r\nHost: probe\r\nAuthorization: Bearer %b\r\n\r\n" % developer_token.encode()
    known = served.connect(asked)
    assert answer(known).startswith(b"HTTP/1.1 200 ")
    first = served.connect()
    assert answer(served.connect(GET)).startswith(b"HTTP/1.1 200 ")
    assert everything(first) == b""
    known.sendall(asked)
    assert answer(known).startswith(b"HTTP/1.1 200 ")


def test_new_connection_is_refused_when_all_others_are_being_answered(serve: Serve) -> None:
    served = serve(replace(PATIENT, anonymous_connections=1))
    served.connect(b"GET /held HTTP/1.1\r\nHost: probe\r\n\r\n")
    refused = everything(served.connect())
    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"too_many_connections" in refused


def test_token_keeps_no_more_requests_open_than_it_may(serve: Serve, developer_token: str, auditor_token: str) -> None:
    served = serve(replace(PATIENT, open_requests_per_token=2))
    asked = b"GET /stream HTTP/1.1\r\nHost: probe\r\nAuthorization: Bearer %b\r\n\r\n"
    streams = [served.connect(asked % developer_token.encode()) for _ in range(2)]
    assert [answer(stream)[:12] for stream in streams] == [b"HTTP/1.1 200"] * 2
    refused = answer(served.connect(asked % developer_token.encode()))
    assert refused.startswith(b"HTTP/1.1 429 ")
    assert b"retry-after" in refused


@dataclass(eq=False)
class Silent:
    """A connection that only counts."""

    address: str | None
    made_room: bool = False

    def is_idle(self) -> bool:
        return True

    def make_room(self) -> None:
        self.made_room = True

    def look(self, now: float) -> None:
        raise AssertionError


async def test_address_has_its_own_limit() -> None:
    connections = Connections(replace(PATIENT, anonymous_connections_per_address=2))
    of_one, others = [Silent("192.0.2.1") for _ in range(2)], [Silent("192.0.2.2"), Silent(None), Silent(None), Silent(None)]
    assert all(connections.opened(one) for one in [*of_one, *others])
    assert not any(one.made_room for one in [*of_one, *others])
    assert connections.opened(Silent("192.0.2.1"))
    assert [one.made_room for one in [*of_one, *others]] == [True, False, False, False, False, False]


async def test_open_requests_of_a_token_are_counted_while_they_are_open() -> None:
    connections = Connections(replace(PATIENT, open_requests_per_token=1))
    with connections.keeping_open("token"):
        connections.check_room("another")
        with pytest.raises(TooMany):
            connections.check_room("token")
    connections.check_room("token")


@pytest.mark.parametrize(
    ("peer", "address"),
    [(("127.0.0.1", 1), None), (("::1", 1), None), (None, None), (("192.0.2.1", 1), "192.0.2.1"), (("2001:db8::1", 1), "2001:db8::1")],
)
def test_address_by_which_a_connection_is_counted(peer: tuple[str, int] | None, address: str | None) -> None:
    assert address_of(peer) == address


def test_anonymous_connections_leave_half_of_the_descriptors() -> None:
    assert within_descriptors(Limits(), 1024).anonymous_connections == 512
    assert within_descriptors(Limits(), 1_000_000) == Limits()


def test_process_takes_as_many_descriptors_as_it_may() -> None:
    program = """
import resource
from placet_shared.web.limits import raise_descriptor_limit
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 128))
print(raise_descriptor_limit(), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "128 128 128\n"
