"""One question at a time, shared by all who came before it was sent (rule 16)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

__all__ = ["SharedQuestion"]

T = TypeVar("T")


class SharedQuestion(Generic[T]):
    """Who comes while a question runs waits for the next one, which all who wait share.

    So an answer always comes from a question that was sent after the asker arrived.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._running: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def answer(self) -> T:
        """Ask, or share a question that has not been sent yet; raises what the question raises."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._running))
            self._next.add_done_callback(_look_at)
        # Shielded: who leaves must not take the answer away from those who share it.
        return await asyncio.shield(self._next)

    async def _after(self, running: asyncio.Task[T] | None) -> T:
        if running is not None:
            await asyncio.wait([running])
        self._running, self._next = self._next, None
        return await self._ask()


def _look_at(task: asyncio.Task[Any]) -> None:
    """An answer that nobody waits for any longer may be an error; that is no news."""
    if not task.cancelled():
        task.exception()
