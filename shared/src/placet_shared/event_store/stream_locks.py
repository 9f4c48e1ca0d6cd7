"""Locks on contended streams: after a conflict, the commands of this process that need the same streams run one after the other.

The versions that the append checks are enough for correctness; the locks only save decisions that would lose the next conflict.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager

__all__ = ["Contended", "StreamLocks"]


class Contended(Exception):
    """Control flow: this stream is contended, so begin again under its lock."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.stream = stream


class StreamLocks:
    """One lock for each contended stream, kept only while a command holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: dict[str, int] = {}

    def is_locked(self, stream: str) -> bool:
        """Whether a command that lost a conflict before works on this stream."""
        return stream in self._locks

    @asynccontextmanager
    async def held(self, streams: Collection[str]) -> AsyncIterator[None]:
        """Hold the locks of all these streams within the block; taking them in the order of their names rules out deadlock."""
        async with AsyncExitStack() as stack:
            for stream in sorted(streams):
                stack.callback(self._leave, stream)
                self._users[stream] = self._users.get(stream, 0) + 1
                await stack.enter_async_context(self._locks.setdefault(stream, asyncio.Lock()))
            yield

    def _leave(self, stream: str) -> None:
        self._users[stream] -= 1
        if not self._users[stream]:
            del self._users[stream], self._locks[stream]
