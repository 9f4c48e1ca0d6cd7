"""One loop that learns of new events, and many waiters: LISTEN for speed, a slow poll for certainty.

A waiter notes `generation`, reads the table, and only then sleeps until the generation moves: nothing can be missed.
"""

import asyncio
import logging
from collections.abc import Callable

from placet_shared.postgres.connections import connect
from placet_shared.postgres.errors import DATABASE_ERRORS

__all__ = ["StoreWatcher"]

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
CHANNEL = "select append_channel()"
HEAD = "select coalesce(max(position), 0) from events"


class StoreWatcher:
    """Watches one store's events; `start` before use, `close` after."""

    def __init__(self, url: str, schema: str, source: str, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._url = url
        self._schema = schema
        self._source = source
        self._poll_seconds = poll_seconds
        self._generation = 0
        self._head = -1
        self._moved = asyncio.Event()
        self._woken_too: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def generation(self) -> int:
        """Moves whenever there may be something new."""
        return self._generation

    @property
    def is_stopping(self) -> bool:
        """Whether waiting has come to an end for good."""
        return self._closed

    async def start(self) -> None:
        """Begin to watch; reconnects by itself."""
        self._task = asyncio.create_task(self._run(), name=f"{self._source} watcher")

    def stop_waiting(self) -> None:
        """Release all waiters, now and later: the process is about to stop."""
        self._closed = True
        self._wake()

    def also_wake(self, wake: Callable[[], None]) -> None:
        """Call this too whenever there may be something new, whichever process wrote it."""
        self._woken_too.append(wake)

    async def close(self) -> None:
        """Stop, and release all waiters: after this the generation does not move."""
        self.stop_waiting()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def moved_since(self, generation: int, seconds: float) -> bool:
        """Sleep until there may be something new, at most so long; returns whether there may be."""
        if self._generation == generation and not self._closed:
            try:
                async with asyncio.timeout(max(seconds, 0)):
                    await self._moved.wait()
            except TimeoutError:
                return False
        return not self._closed

    def _wake(self) -> None:
        self._generation += 1
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
        for wake in self._woken_too:
            wake()

    async def _run(self) -> None:
        while True:
            try:
                await self._watch()
            except DATABASE_ERRORS as error:
                logger.warning("watching %s was interrupted: %s", self._source, error)
                await asyncio.sleep(0.2)

    async def _watch(self) -> None:
        connection = await connect(self._url, self._schema, f"placet {self._source} watcher", idle_session_timeout="0")
        try:
            await connection.add_listener(await connection.fetchval(CHANNEL), lambda *_: self._wake())
            while True:
                head = await connection.fetchval(HEAD)
                if head != self._head:
                    self._head = head
                    self._wake()
                await asyncio.sleep(self._poll_seconds)
        finally:
            connection.terminate()
