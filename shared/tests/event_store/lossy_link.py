"""A link between the writer and PostgreSQL that can be cut: at once, or right after the server has said that it committed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit, urlunsplit

WRITER = b" writer\x00"  # in the first message of a session, which names its application
COMMITTED = b"COMMIT\x00"  # what the server says of a transaction
APPENDED = b"appended"  # and of an append that was a transaction of its own
IDLE = b"Z\x00\x00\x00\x05I"  # the end of an answer, outside of any transaction


@dataclass
class LossyLink:
    """Every session goes through it unharmed until it is told otherwise; the loader's always do."""

    server: str
    port: int = 0
    lost: int = 0
    _to_lose: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The server's address, by way of this link."""
        parts = urlsplit(self.server)
        account = parts.netloc.rpartition("@")[0]
        return urlunsplit(parts._replace(netloc=f"{account}@127.0.0.1:{self.port}", query="sslmode=disable"))

    def lose_answers(self, count: int) -> None:
        """The next answers to a commit never come: it has taken effect, and the writer's session ends there."""
        self._to_lose = count

    def cut(self) -> None:
        """The writers' sessions end, and the server does not learn of it."""
        for client in self._writers:
            client.transport.abort()
        self._writers.clear()

    async def carry(self, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        """One session."""
        server_in, server_out = await self._reach_server()
        first = await client_in.read(65536)
        server_out.write(first)
        if is_writer := WRITER in first:
            self._writers.append(client_out)
        back = asyncio.create_task(self._bring_answers(server_in, client_out, is_writer))
        try:
            with suppress(OSError):
                while said := await client_in.read(65536):
                    server_out.write(said)
            if not client_out.is_closing():
                back.cancel()  # the client took its leave; after a cut the server goes on until it has done what it was told
            await asyncio.gather(back, return_exceptions=True)
        finally:
            back.cancel()
            for way in (client_out, server_out):
                way.transport.abort()
                await asyncio.gather(way.wait_closed(), return_exceptions=True)

    async def _bring_answers(self, server_in: asyncio.StreamReader, client_out: asyncio.StreamWriter, is_writer: bool) -> None:
        while said := await server_in.read(65536):
            if is_writer and self._to_lose and said.endswith(IDLE) and (COMMITTED in said or APPENDED in said):
                self._to_lose -= 1
                self.lost += 1
                client_out.transport.abort()
                return
            if not client_out.is_closing():
                client_out.write(said)
        client_out.close()

    async def _reach_server(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self.server)
        options = parse_qs(parts.query)
        if "host" in options:
            return await asyncio.open_unix_connection(f"{options['host'][0]}/.s.PGSQL.{options['port'][0]}")
        return await asyncio.open_connection(parts.hostname, parts.port or 5432)


@asynccontextmanager
async def open_link(server: str) -> AsyncIterator[LossyLink]:
    """A link to this server for the length of the block."""
    link = LossyLink(server)
    sessions: set[asyncio.Task[None]] = set()

    async def accept(client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(link.carry(client_in, client_out))
        sessions.add(task)
        task.add_done_callback(sessions.discard)

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    link.port = listener.sockets[0].getsockname()[1]
    try:
        yield link
    finally:
        listener.close()
        for session in list(sessions):
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
