"""A service that answers what a test tells it to: for failures that a real one can't be made to have at a given moment."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from placet_client import Addresses, AsyncClient, Client, Positions, RetryPolicy
from placet_client.calls import Operation
from placet_client.services import Blocking, Installation

TOKEN = "placet_" + "t" * 40


AT = "2026-11-23T14:05:09.000001Z"
IDENTITY = {"id": "p", "kind": "person", "name": "alice", "roles": ["developer"], "token_id": "t"}
MODEL = {"id": "m", "name": "fraud", "registered_by": "p", "registered_at": AT, "changed_at": AT, "revision": 1}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Says:
    """One answer, as JSON unless it is bytes; without a status the connection is dropped."""

    status: int | None = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def a_problem(status: int, code: str, **members: Any) -> Says:
    headers = {"Content-Type": "application/problem+json", "Retry-After": "0"}
    return Says(status, {"status": status, "code": code, "detail": f"It is {code}.", **members}, headers)


class Scripted:
    """Answers in the order it was told; `by_path` wins over the order."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.next: list[Says] = []
        self.by_path: dict[str, Callable[[Asked], Says]] = {}
        self.url = ""

    def answer(self, asked: Asked) -> Says:
        self.asked.append(asked)
        if asked.path in self.by_path:
            return self.by_path[asked.path](asked)
        return self.next.pop(0)

    def headers(self, name: str) -> list[str | None]:
        """That header of each request."""
        return [asked.headers.get(name) for asked in self.asked]


@contextmanager
def serving(scripted: Scripted) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            asked = Asked(self.command, parts.path, parse_qs(parts.query), dict(self.headers), self.rfile.read(length))
            said = scripted.answer(asked)
            self.close_connection = True
            if said.status is None:
                return
            body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            if said.body is None or self.command == "HEAD":
                body = b""
            self.send_response(said.status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_HEAD = answer

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scripted.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def service() -> Iterator[Scripted]:
    """Stands for all four."""
    scripted = Scripted()
    with serving(scripted):
        yield scripted


@pytest.fixture
def positions() -> Positions:
    return Positions()


class AwaitedElsewhere(Installation[Blocking]):
    """An `AsyncClient` whose event loop runs in another thread, so that one test tries both clients."""

    def __init__(self, client: AsyncClient, portal: BlockingPortal) -> None:
        super().__init__()
        self._client = client
        self._portal = portal

    def run(self, operation: Operation[Any]) -> Any:
        return self._portal.call(self._client.run, operation)


HASTY = RetryPolicy(seconds=5.0, first_pause=0.01, longest_pause=0.02)


@pytest.fixture(params=["blocking", "awaiting"])
def placet(request: pytest.FixtureRequest, service: Scripted, positions: Positions) -> Iterator[Installation[Blocking]]:
    """A client that does not wait long between attempts."""
    addresses = Addresses(*[service.url] * 4)
    if request.param == "blocking":
        with Client(addresses, TOKEN, positions, HASTY) as client:
            yield client
        return
    with start_blocking_portal() as portal:
        awaited = portal.call(lambda: AsyncClient(addresses, TOKEN, positions, HASTY))
        yield AwaitedElsewhere(awaited, portal)
        portal.call(awaited.aclose)


@pytest.fixture
def says() -> Callable[..., Says]:
    return Says


@pytest.fixture
def problem() -> Callable[..., Says]:
    return a_problem


@pytest.fixture
def identity() -> Mapping[str, Any]:
    """What `GET /v1/whoami` answers."""
    return IDENTITY


@pytest.fixture
def model() -> Mapping[str, Any]:
    """What `GET /v1/models/{id}` answers, and with more members what `POST /v1/models` does."""
    return MODEL
