"""A lean HTTP client in a process of its own, so that only the server is measured: requests are bytes, answers are barely parsed.

Run as a module it reads one order a line from standard input and answers each with one line of figures.
"""

import asyncio
import json
import re
import sys
from asyncio import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import uvloop

from bench.measuring import Contestant, Figure, measure_tasks
from placet_shared.identifiers import new_id

__all__ = ["Client", "Order", "asking", "http_client"]

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Order:
    """Ask for `paths` in turn, a POST with `body` and a fresh Idempotency-Key each time; anything but `status` ends the run."""

    port: int
    token: str
    paths: list[str]
    body: str
    status: int
    concurrent: int
    seconds: float = 0
    method: str = "POST"


class Connection(asyncio.Protocol):
    """One kept connection, one request at a time."""

    def __init__(self, status: int) -> None:
        self._status = b"HTTP/1.1 %d " % status
        self._received = b""
        self._answered: asyncio.Future[None] | None = None

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not end or (length and len(body) < int(length[1])) or not self._answered:
            return
        answered, whole = self._answered, self._received
        self._received, self._answered = b"", None
        if whole.startswith(self._status):
            answered.set_result(None)
        else:
            answered.set_exception(RuntimeError(whole.decode(errors="replace")))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answered:
            self._answered.set_exception(exc or ConnectionError("the server hung up"))

    async def ask(self, transport: asyncio.WriteTransport, request: bytes) -> None:
        self._answered = asyncio.get_running_loop().create_future()
        transport.write(request)
        await self._answered


def _requests(order: Order) -> Callable[[str], bytes]:
    """The bytes of a request to a path."""
    known = f" HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {order.token}\r\n"
    if order.method == "GET":
        return lambda path: f"GET {path}{known}\r\n".encode()
    body = order.body.encode()
    after_path = f"{known}Content-Type: application/json\r\nContent-Length: {len(body)}\r\nIdempotency-Key: ".encode()
    return lambda path: b"POST " + path.encode() + after_path + new_id().encode() + b"\r\n\r\n" + body


async def carry_out(order: Order) -> Figure:
    """Each connection starts at a place of its own in the paths, so that no two ask the same one at once."""
    loop = asyncio.get_running_loop()
    connections = [await loop.create_connection(lambda: Connection(order.status), "127.0.0.1", order.port) for _ in range(order.concurrent)]
    request = _requests(order)
    share = max(1, len(order.paths) // order.concurrent)
    turn = [0] * order.concurrent

    async def post(number: int) -> None:
        turn[number] = (turn[number] + 1) % share
        path = order.paths[(number * share + turn[number]) % len(order.paths)]
        transport, connection = connections[number]
        await connection.ask(transport, request(path))

    try:
        return await measure_tasks(post, order.concurrent, order.seconds)
    finally:
        for transport, _ in connections:
            transport.close()


def asking(client: "Client", name: str, order: Order) -> Contestant:
    """An order as a contestant."""

    async def measure(seconds: float) -> Figure:
        return await client.measure(replace(order, seconds=seconds))

    return Contestant(name, order.concurrent, measure)


class Client:
    """A handle on the client process."""

    def __init__(self, process: subprocess.Process) -> None:
        self._process = process

    async def measure(self, order: Order) -> Figure:
        """Send an order and wait for its figures; raises `RuntimeError` on failure, with details on standard error."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the client failed")
        return Figure(**json.loads(line))


@asynccontextmanager
async def http_client() -> AsyncIterator[Client]:
    """Started and stopped."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.http_client", stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent
    )
    try:
        yield Client(process)
    finally:
        assert process.stdin
        process.stdin.close()
        await process.wait()


def main() -> None:
    """Until standard input ends."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for line in sys.stdin:
            figure = runner.run(carry_out(Order(**json.loads(line))))
            print(json.dumps(asdict(figure)), flush=True)


if __name__ == "__main__":
    main()
