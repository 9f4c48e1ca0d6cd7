"""One address before several processes: passes connections on, to each in turn that accepts them."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress

__all__ = ["OneAddress"]

BLOCK = 65536


class OneAddress:
    """Listens in a thread of its own, until `close`; `ports` may be set anew at any time and count for new connections.

    `answers` grows with everything that was passed back to a caller.
    """

    def __init__(self, port: int, ports: Sequence[int]) -> None:
        self.ports = list(ports)
        self.answers = 0
        self._turn = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._pass_on, "127.0.0.1", port), self._loop).result()
        self.port: int = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """No connection is accepted any more."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await self._connect()
            if there:
                await asyncio.gather(self._copy(reader, there[1]), self._copy(there[0], writer, back=True))
        except asyncio.CancelledError:
            pass
        finally:
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """To the next that accepts; None when none does."""
        self._turn += 1
        for step in range(len(self.ports)):
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", self.ports[(self._turn + step) % len(self.ports)])
        return None

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, back: bool = False) -> None:
        """Until one side ends; then the other learns it."""
        try:
            while block := await reader.read(BLOCK):
                writer.write(block)
                await writer.drain()
                self.answers += back
        except OSError:
            pass
        finally:
            with suppress(OSError):
                writer.close()
