"""Applications on a loopback port, in the test's own event loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from placet_shared.testing.waiting import eventually
from placet_shared.web.limits import Limits
from placet_shared.web.server import listen, server_for

__all__ = ["Served", "ServedApp", "served"]


class ServedApp:
    """An application on a port of its own, which it keeps: it can be stopped like a process that was killed, and served again."""

    def __init__(self, app: Any, port: int = 0) -> None:
        self.port = port
        self._app = app
        self._server: uvicorn.Server | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The address, once it was served."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self) -> None:
        """Returns when it answers."""
        listener = listen("127.0.0.1", self.port)
        self.port = listener.getsockname()[1]
        self._server = server = server_for(self._app)
        self._running = asyncio.create_task(server.serve(sockets=[listener]))
        await eventually(lambda: server.started)

    async def stop(self) -> None:
        """At once: readers that wait lose their connections."""
        server, running = self._server, self._running
        if server is None or running is None:
            return
        self._server = None
        server.should_exit = server.force_exit = True
        await running
        # A forced end leaves connections to the process's own end; here the process goes on.
        for connection in list(server.server_state.connections):
            connection.transport.close()
        for task in list(server.server_state.tasks):
            task.cancel()
        await asyncio.gather(*server.server_state.tasks, return_exceptions=True)
        await server.lifespan.shutdown()


@dataclass(frozen=True, slots=True)
class Served:
    """A running server; `ended` is done when it has ended."""

    server: uvicorn.Server
    url: str
    ended: asyncio.Task[None]


@asynccontextmanager
async def served(app: Any, limits: Limits | None = None) -> AsyncIterator[Served]:
    """The application, from when it answers to its clean stop."""
    with listen("127.0.0.1", 0) as listener:
        server = server_for(app, limits, loop="none")
        ended = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await eventually(lambda: server.started or ended.done())
            yield Served(server, f"http://127.0.0.1:{listener.getsockname()[1]}", ended)
        finally:
            server.should_exit = True
            await ended
