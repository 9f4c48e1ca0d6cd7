"""Receivers of webhooks in one server: what comes to `/<number>` is counted and answered at once; every so many of them never answer."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

__all__ = ["Sink", "sink"]

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass
class Sink:
    """`arrived` has the times of what came to each receiver that answers, by its number; one in `hanging_of` hangs, none for 0."""

    port: int = 0
    hanging_of: int = 0
    arrived: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    total: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, number: int) -> str:
        """Of a receiver."""
        return f"http://127.0.0.1:{self.port}/{number}"

    def hangs(self, number: int) -> bool:
        """Whether this one never answers."""
        return bool(self.hanging_of) and number % self.hanging_of == 0

    def begin(self, hanging_of: int = 0) -> None:
        """Forget what came."""
        self.hanging_of, self.total = hanging_of, 0
        self.arrived.clear()

    async def until(self, total: int) -> None:
        """Until so many came to receivers that answer."""
        while self.total < total:
            self.came.clear()
            await self.came.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.split(b"\r\n")
                number = int(lines[0].split()[1][1:])
                length = next(int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:"))
                await reader.readexactly(length)
                if self.hangs(number):
                    await reader.read()
                    return
                self.arrived[number].append(time.perf_counter())
                self.total += 1
                self.came.set()
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def sink() -> AsyncIterator[Sink]:
    """On a free port of this machine."""
    found = Sink()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0, backlog=2048)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
