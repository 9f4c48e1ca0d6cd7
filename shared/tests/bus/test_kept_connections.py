"""Questions over kept connections: one at a time each, asked again only where that is safe, dropped when it is not known what comes."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from placet_shared.bus.kept_connections import LARGEST_ANSWER, KeptConnections
from placet_shared.free_ports import free_port

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """Replies to each question with the next of its `replies`, then with OK; `heads` are the questions, by connection."""

    replies: list[Reply] = field(default_factory=list)
    heads: list[list[str]] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heads.append(heads := [])
        self.writers.append(writer)
        try:
            while True:
                heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
                await (self.replies.pop(0) if self.replies else saying(OK))(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def saying(*parts: bytes) -> Reply:
    async def reply(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()

    return reply


def hanging_up(*parts: bytes) -> Reply:
    async def reply(writer: asyncio.StreamWriter) -> None:
        await saying(*parts)(writer)
        writer.close()
        raise ConnectionError

    return reply


async def silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


@asynccontextmanager
async def served() -> AsyncIterator[Server]:
    server = Server()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for writer in server.writers:
            writer.transport.abort()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with served() as server:
        yield server


@pytest.fixture
async def kept(server: Server) -> AsyncIterator[KeptConnections]:
    connections = KeptConnections(f"http://127.0.0.1:{server.port}/behind/", ssl.create_default_context())
    yield connections
    connections.close()


async def test_questions_in_turn_go_over_one_connection(server: Server, kept: KeptConnections) -> None:
    for _ in range(3):
        answer = await kept.get("/v1/feed/head", {"Authorization": "Bearer x"})
        assert (answer.status, answer.body) == (200, b"ok")
    assert [len(heads) for heads in server.heads] == [3]
    assert server.heads[0][0] == (f"GET /behind/v1/feed/head HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer x\r\n\r\n")


async def test_questions_at_once_have_a_connection_each_and_keep_them(server: Server, kept: KeptConnections) -> None:
    for _ in range(2):
        await asyncio.gather(*[kept.get("/", {}) for _ in range(4)])
    assert [len(heads) for heads in server.heads] == [2, 2, 2, 2]


async def test_answer_in_parts_and_in_chunks(server: Server, kept: KeptConnections) -> None:
    head = b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.replies.append(saying(head[:9], head[9:], b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n"))
    answer = await kept.get("/", {})
    assert (answer.status, answer.body) == (404, b"abcde")
    assert (await kept.get("/", {})).body == b"ok"
    assert len(server.heads) == 1


async def test_connection_that_the_server_closed_meanwhile_is_replaced(server: Server, kept: KeptConnections) -> None:
    await kept.get("/", {})
    server.replies.append(hanging_up())
    assert (await kept.get("/", {})).body == b"ok"
    assert len(server.heads) == 2


async def test_server_that_closes_a_new_connection_is_not_asked_again(server: Server, kept: KeptConnections) -> None:
    server.replies.append(hanging_up())
    with pytest.raises(ConnectionResetError):
        await kept.get("/", {})
    assert len(server.heads) == 1


async def test_half_an_answer_is_an_error_and_not_asked_again(server: Server, kept: KeptConnections) -> None:
    await kept.get("/", {})
    server.replies.append(hanging_up(OK[:-1]))
    with pytest.raises(ConnectionResetError):
        await kept.get("/", {})
    assert len(server.heads) == 1


async def test_connection_that_the_answer_closes_is_not_kept(server: Server, kept: KeptConnections) -> None:
    server.replies.append(saying(OK.replace(b"Content", b"Connection: close\r\nContent")))
    assert (await kept.get("/", {})).body == b"ok"
    await kept.get("/", {})
    assert len(server.heads) == 2


async def test_answer_to_a_question_that_was_given_up_is_no_answer_to_the_next(server: Server, kept: KeptConnections) -> None:
    server.replies.append(silence)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await kept.get("/", {})
    assert (await kept.get("/", {})).body == b"ok"
    assert len(server.heads) == 2


@pytest.mark.parametrize("more", [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmore", b"HTTP/1.1 2"])
async def test_bytes_behind_an_answer_end_the_connection(server: Server, kept: KeptConnections, more: bytes) -> None:
    """The next question would take them for its own answer."""
    server.replies.append(saying(OK + more))
    for _ in range(2):
        assert (await kept.get("/", {})).body == b"ok"
    assert [len(heads) for heads in server.heads] == [1, 1]


@pytest.mark.parametrize(
    ("said", "error"),
    [(b"SSH-2.0-OpenSSH\r\n\r\n", "no HTTP"), (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (LARGEST_ANSWER + 1), "more than")],
)
async def test_answer_that_is_none(server: Server, kept: KeptConnections, said: bytes, error: str) -> None:
    server.replies.append(saying(said))
    with pytest.raises(ConnectionError, match=error):
        await kept.get("/", {})


async def test_address_where_no_server_listens() -> None:
    with pytest.raises(ConnectionRefusedError):
        await KeptConnections(f"http://127.0.0.1:{free_port()}", ssl.create_default_context()).get("/", {})


@pytest.mark.parametrize("url", ["", "127.0.0.1:80", "ftp://127.0.0.1", "http://"])
def test_address_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        KeptConnections(url, ssl.create_default_context())


async def test_header_with_a_line_break_is_not_sent(server: Server, kept: KeptConnections) -> None:
    with pytest.raises(ValueError, match="line break"):
        await kept.get("/", {"Authorization": "Bearer x\r\nHost: elsewhere"})
    assert server.heads == []
