"""The server on real sockets, and as a process of its own."""

import asyncio
import json
import logging
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from placet_shared.testing import eventually
from placet_shared.tokens import new_token
from placet_shared.web.server import listen, server_for

PROGRAM = """
import asyncio, sys
from contextlib import asynccontextmanager
from fastapi import APIRouter
from placet_shared.logs import configure_logging
from placet_shared.service.application import create_app
from placet_shared.web.server import serve

router = APIRouter()

@router.get("/slow")
async def slow():
    print("asked", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    return {"done": True}

@router.get("/bug")
async def bug(token: str):
    raise RuntimeError(f"no {token}")

@asynccontextmanager
async def lifespan(app):
    print("up", flush=True)
    yield
    print("down", flush=True)

configure_logging("probe", "DEBUG")
app = create_app(title="P", source="probe", version="1", description="", lifespan=lifespan, routers=[router])
serve(app, "127.0.0.1", int(sys.argv[1]))
"""


@dataclass
class Running:
    server: uvicorn.Server
    address: tuple[str, int]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.address[1]}"

    def accepted(self) -> list[socket.socket]:
        """The sockets that the server has accepted, duplicated so that they can be asked."""
        transports = [connection.transport for connection in self.server.server_state.connections]
        return [socket.fromfd(one.get_extra_info("socket").fileno(), socket.AF_INET, socket.SOCK_STREAM) for one in transports if one]


@contextmanager
def running(app: FastAPI, loop: str = "uvloop") -> Iterator[Running]:
    """The server in a thread of its own, as it is until it answers."""
    server = server_for(app, loop=loop)
    with listen("127.0.0.1", 0) as listener:
        address = listener.getsockname()
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield Running(server, address)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def serving(app: FastAPI) -> Iterator[Running]:
    with running(app) as server:
        yield server


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_accepted_socket_has_tcp_nodelay(app: FastAPI, loop: str) -> None:
    with running(app, loop) as serving, httpx.Client(trust_env=False) as client:
        assert client.get(f"{serving.url}/health/live").status_code == 200
        (accepted,) = serving.accepted()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_socket_accepted_by_the_kernel_alone_has_tcp_nodelay() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_listen_on_a_port_in_use() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(OSError, match=f"can't listen on 127.0.0.1:{port}: another process listens there"):
            listen("127.0.0.1", port)


def test_proxy_headers_are_not_believed(serving: Running) -> None:
    answer = httpx.get(f"{serving.url}/openapi.json", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "1.2.3.4"}, trust_env=False)
    assert answer.status_code == 200
    assert "server" not in answer.headers


def test_offer_of_another_protocol_is_ignored_and_the_request_served(serving: Running) -> None:
    """As Java's HttpClient makes it; the second request comes on the same connection."""
    offer = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAEAAEAAAAIAAAAB"}
    with httpx.Client(base_url=serving.url, trust_env=False, headers=offer) as client:
        for name in ("first", "second"):
            answer = client.post("/registrations", json={"name": name})
            assert (answer.status_code, answer.json().get("name")) == (200, name)


def test_answer_that_broke_off_is_not_taken_for_whole(serving: Running) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{serving.url}/half", trust_env=False)


def test_large_body_is_refused_before_it_is_sent(serving: Running) -> None:
    """A caller that asks with `Expect: 100-continue` hears 413 instead of 100."""
    with socket.create_connection(serving.address) as connection:
        connection.sendall(
            b"POST /registrations HTTP/1.1\r\nHost: probe\r\nContent-Type: application/json\r\n"
            b"Content-Length: 99000000\r\nExpect: 100-continue\r\n\r\n"
        )
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


@pytest.fixture
def program(unused_tcp_port: int) -> Callable[[], AbstractContextManager[tuple[subprocess.Popen[str], str]]]:
    """A service as a process of its own, up when the block begins."""

    @contextmanager
    def start() -> Iterator[tuple[subprocess.Popen[str], str]]:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(unused_tcp_port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
            yield process, f"http://127.0.0.1:{unused_tcp_port}"
        finally:
            process.kill()
            process.communicate()

    return start


def accepts_no_more(port: int) -> bool:
    """Whether the server has begun to stop."""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
async def test_stopped_process_finishes_what_is_running(
    program: Callable[[], AbstractContextManager[tuple[subprocess.Popen[str], str]]], stop: signal.Signals
) -> None:
    with program() as (process, url):
        assert process.stdin is not None
        assert process.stdout is not None
        async with httpx.AsyncClient(trust_env=False) as client:
            request = asyncio.create_task(client.get(f"{url}/slow"))
            assert await asyncio.to_thread(process.stdout.readline) == "asked\n"
            process.send_signal(stop)
            await eventually(accepts_no_more, int(url.rpartition(":")[2]))
            process.stdin.write("go on\n")
            process.stdin.flush()
            assert (await request).json() == {"done": True}
        out, _ = await asyncio.to_thread(process.communicate)
        assert out == "down\n"


def test_every_line_of_a_process_is_json_and_holds_no_token(
    program: Callable[[], AbstractContextManager[tuple[subprocess.Popen[str], str]]],
) -> None:
    token = new_token()
    with program() as (process, url):
        answer = httpx.get(f"{url}/bug", params={"token": token}, headers={"Authorization": f"Bearer {token}"}, trust_env=False)
        process.terminate()
        _, err = process.communicate()
    lines = [json.loads(line) for line in err.splitlines()]
    assert token not in err
    assert token not in answer.text
    assert {line["service"] for line in lines} == {"probe"}
    assert "uvicorn.error" in {line["logger"] for line in lines}
    (error,) = [line for line in lines if line["level"] == "error"]
    assert error["request_id"] == answer.headers["x-request-id"]


def test_serving_leaves_the_logging_configuration_alone(serving: Running) -> None:
    assert not logging.getLogger("uvicorn").handlers
