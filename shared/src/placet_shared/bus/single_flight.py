"""Single flight: one request at a time, whose answer is shared by all callers that arrived before it was sent (rule 16)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

__all__ = ["SingleFlight"]

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Callers that arrive while a request is in flight share the next one.

    So an answer always comes from a request that was sent after the caller arrived.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._running: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def answer(self) -> T:
        """Send a request, or share one that has not been sent yet; raises what the request raises."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._running))
            self._next.add_done_callback(_look_at)
        # Shielded: a caller that is cancelled must not take the answer away from the others.
        return await asyncio.shield(self._next)

    async def _after(self, running: asyncio.Task[T] | None) -> T:
        if running is not None:
            await asyncio.wait([running])
        self._running, self._next = self._next, None
        return await self._ask()


def _look_at(task: asyncio.Task[Any]) -> None:
    """An error for which no caller waits any longer needs no report."""
    if not task.cancelled():
        task.exception()
