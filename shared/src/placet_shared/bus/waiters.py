"""One read for all requests that wait: each names a key and a condition, and a change costs one read, however many wait.

    waiting = Waiters("runs", read_runs)
    watcher.also_wake(waiting.wake)
    run = await waiting.wait(run_id, lambda run: run.ended, seconds=25)

A waiter registers, its key is read, and only then it sleeps: nothing is missed. A wake-up is a hint for speed and the table the truth,
which is read again every `every_seconds` while there are waiters. Without waiters nothing runs.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context
from types import TracebackType
from typing import Generic, TypeVar

__all__ = ["Waiter", "Waiters"]

EVERY_SECONDS = 1.0

K = TypeVar("K", bound=Hashable)
S = TypeVar("S")


class Waiter(Generic[K, S]):
    """Waits for states of its key that are news to it.

    A thousand of them are notified one after the other, so a notification is one future and neither a task nor a lock.
    """

    __slots__ = ("_asleep", "_error", "_has_read", "_is_news", "_is_over", "_untold", "key", "read_at", "state")

    def __init__(self, key: K, is_news: Callable[[S], bool]) -> None:
        self.key = key
        self.state: S | None = None
        """What the last read found; None for a key that does not exist."""
        self.read_at = 0
        """When the last news was read, in nanoseconds."""
        self._is_news = is_news
        self._untold: S | None = None
        self._error: tuple[Exception, TracebackType | None] | None = None
        self._has_read = self._is_over = False
        self._asleep: asyncio.Future[None] | None = None

    async def news(self) -> S | None:
        """The newest state that is news; None when there will be none: time is over, the process stops, or the key does not exist.

        Returns after the first read at the earliest. Raises what the read raised.
        """
        while not self._is_answered():
            self._asleep = asyncio.get_running_loop().create_future()
            await self._asleep
        self._asleep = None
        if self._error is not None:
            error, traceback = self._error
            raise error.with_traceback(traceback)  # shared by all waiters: without this it would grow by the frames of each
        news, self._untold = self._untold, None
        return news

    @property
    def is_asleep(self) -> bool:
        """Whether it has read its key and waits for a change."""
        return self._has_read and self._asleep is not None and not self._asleep.done()

    def tell(self, state: S | None, at: int) -> None:
        """A read found this; `at` in nanoseconds."""
        self.state, self._has_read = state, True
        try:
            if state is None:
                self._is_over = True
            elif self._is_news(state):
                self._untold, self.read_at = state, at
        except Exception as error:
            self.fail(error)
        self._wake()

    def fail(self, error: Exception) -> None:
        """A read failed."""
        self._error = error, error.__traceback__
        self._wake()

    def end(self) -> None:
        """End the wait after the first read: its time is over, or the process stops."""
        self._is_over = True
        self._wake()

    def _is_answered(self) -> bool:
        return self._error is not None or (self._has_read and (self._untold is not None or self._is_over))

    def _wake(self) -> None:
        if self._asleep is not None and not self._asleep.done() and self._is_answered():
            self._asleep.set_result(None)


class Waiters(Generic[K, S]):
    """The waiters of one process for one kind of thing; `read` gives the states of those of the keys that exist.

    One read runs at a time. A waiter that arrives meanwhile, and a change that is noticed meanwhile, get the next one.
    """

    def __init__(
        self, name: str, read: Callable[[Collection[K]], Awaitable[Mapping[K, S]]], *, every_seconds: float = EVERY_SECONDS
    ) -> None:
        self.name = name
        self.wake_ups = 0
        """The number of changes that were noticed while there were waiters."""
        self.reads = self.rereads = 0
        """All reads, and those of them that a change or the clock has caused; the others are the first ones of waiters that arrived."""
        self.looks = 0
        """The number of times at which the clock said that it is due."""
        self._read = read
        self._every_seconds = every_seconds
        self._all: set[Waiter[K, S]] = set()
        self._arrived: set[Waiter[K, S]] = set()
        self._has_moved = self._stopped = False
        self._due = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """The number of waiters."""
        return len(self._all)

    @property
    def asleep(self) -> int:
        """The number of waiters whose key has been read, and which wait for a change."""
        return sum(waiter.is_asleep for waiter in self._all)

    @property
    def is_stopped(self) -> bool:
        """Whether waiting has come to an end for good."""
        return self._stopped

    def wake(self) -> None:
        """Something may have changed, for any key."""
        if self._all:
            self.wake_ups += 1
            self._has_moved = True
            self._due.set()

    def stop(self) -> None:
        """The process stops: end all waits, and later ones after their first read."""
        self._stopped = True
        for waiter in self._all:
            waiter.end()

    async def wait(self, key: K, is_met: Callable[[S], bool], seconds: float) -> S | None:
        """The state that meets the condition; the last one read, after so many seconds or at the process's stop; None without such a key.

        Raises what the read raised.
        """
        with self.joined(key, is_met, seconds) as waiter:
            await waiter.news()
            return waiter.state

    @contextmanager
    def joined(self, key: K, is_news: Callable[[S], bool], seconds: float) -> Iterator[Waiter[K, S]]:
        """A waiter, within the block and no longer than so many seconds; its key is read at once, and again with each change."""
        waiter = Waiter(key, is_news)
        if self._stopped:
            waiter.end()
        end = asyncio.get_running_loop().call_later(seconds, waiter.end)
        self._all.add(waiter)
        self._arrived.add(waiter)
        self._due.set()
        if self._reading is None or self._reading.done():
            # Not in the first waiter's context: what is read for all belongs to no request's trace.
            self._reading = asyncio.create_task(self._read_on(), name=f"waiters for {self.name}", context=Context())
        try:
            yield waiter
        finally:
            end.cancel()
            self._all.discard(waiter)
            self._arrived.discard(waiter)
            if not self._all:
                self._due.set()

    async def _read_on(self) -> None:
        """Read whenever it is due, until there are no waiters."""
        while self._all:
            self._due.clear()
            waiters = self._all if self._has_moved else self._arrived
            self.rereads += self._has_moved
            self._has_moved, self._arrived = False, set()
            if waiters:
                await self._read_for([*waiters])
            if self._all:
                await self._until_due()

    async def _until_due(self) -> None:
        try:
            async with asyncio.timeout(self._every_seconds):
                await self._due.wait()
        except TimeoutError:
            self.looks += 1
            self._has_moved = True

    async def _read_for(self, waiters: Iterable[Waiter[K, S]]) -> None:
        self.reads += 1
        try:
            states = await self._read({waiter.key for waiter in waiters})
        except Exception as error:
            for waiter in waiters:
                waiter.fail(error)
        else:
            at = time.time_ns()
            for waiter in waiters:
                waiter.tell(states.get(waiter.key), at)
