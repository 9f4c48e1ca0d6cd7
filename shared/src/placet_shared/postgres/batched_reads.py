"""Single rows that many callers ask for at the same moment, read in one statement."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

__all__ = ["BatchedReads"]

# More than one, so that a session that hangs does not hold up the callers that come after it.
AT_ONCE = 2

K = TypeVar("K")
V = TypeVar("V")


class BatchedReads(Generic[K, V]):
    """`read` gets different keys and returns what it found, by key; at most two reads run at the same time.

    An answer always comes from a read that began after its caller had asked. Callers that arrive in the same turn of the event loop
    share a read, and those that arrive while two reads run share the next one.
    """

    def __init__(self, read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._read = read
        self._asked: dict[K, list[asyncio.Future[V | None]]] = {}
        self._reads: set[asyncio.Task[None]] = set()
        self._is_scheduled = False

    async def get(self, key: K) -> V | None:
        """The row, None when there is none; raises what `read` raises."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[V | None] = loop.create_future()
        self._asked.setdefault(key, []).append(answer)
        if not self._is_scheduled and len(self._reads) < AT_ONCE:
            self._is_scheduled = True
            loop.call_soon(self._begin)
        return await answer

    def _begin(self) -> None:
        self._is_scheduled = False
        asked, self._asked = self._asked, {}
        if asked:
            read = asyncio.create_task(self._answer(asked))
            self._reads.add(read)
            read.add_done_callback(self._ended)

    async def _answer(self, asked: Mapping[K, Sequence[asyncio.Future[V | None]]]) -> None:
        try:
            found = await self._read(list(asked))
        except Exception as error:
            for answer in _waiting(asked):
                answer.set_exception(error)
        except asyncio.CancelledError:
            for answer in _waiting(asked):
                answer.cancel()
            raise
        else:
            for key, answers in asked.items():
                for answer in answers:
                    if not answer.done():
                        answer.set_result(found.get(key))

    def _ended(self, read: asyncio.Task[None]) -> None:
        self._reads.discard(read)
        if self._asked and not self._is_scheduled:
            self._begin()


def _waiting(asked: Mapping[K, Sequence[asyncio.Future[V | None]]]) -> list[asyncio.Future[V | None]]:
    """Without those whose callers were cancelled."""
    return [answer for answers in asked.values() for answer in answers if not answer.done()]
