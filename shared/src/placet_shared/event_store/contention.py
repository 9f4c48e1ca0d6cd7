"""Turns for hot streams: after a conflict, the commands of this process that want the same streams go one after the other.

The versions that the append checks keep everything right without this; it only saves decisions that are bound to be in vain.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager

__all__ = ["Contended", "Turns"]


class Contended(Exception):
    """Control flow: this stream is hot just now, so begin again when it is your turn."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.stream = stream


class Turns:
    """One lock a hot stream, there only while somebody holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: dict[str, int] = {}

    def are_taken(self, stream: str) -> bool:
        """Whether somebody works on this stream who has lost a conflict before."""
        return stream in self._locks

    @asynccontextmanager
    async def at(self, streams: Collection[str]) -> AsyncIterator[None]:
        """Wait for one's turn at all these streams; the order of the names rules out deadlock."""
        async with AsyncExitStack() as held:
            for stream in sorted(streams):
                held.callback(self._leave, stream)
                self._users[stream] = self._users.get(stream, 0) + 1
                await held.enter_async_context(self._locks.setdefault(stream, asyncio.Lock()))
            yield

    def _leave(self, stream: str) -> None:
        self._users[stream] -= 1
        if not self._users[stream]:
            del self._users[stream], self._locks[stream]
