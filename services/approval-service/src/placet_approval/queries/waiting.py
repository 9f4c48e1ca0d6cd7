"""Waiting for sign-offs: one listener per process, one read of the table per wake-up, for any number of waiters.

A waiter registers, then reads the table, then sleeps: nothing is missed, and a resumed waiter begins with the table.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

import asyncpg
from opentelemetry import trace
from opentelemetry.trace import Link

from placet_approval.queries.progress import OpenReader, Progress, ReadProgress, read_progress
from placet_shared.bus.watcher import StoreWatcher
from placet_shared.errors import NotFound
from placet_shared.postgres.errors import DATABASE_ERRORS
from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.spans import TRACER, sampled_parent_of

__all__ = ["WAITERS", "Waiting"]

logger = logging.getLogger(__name__)

LISTEN_SECONDS = 5.0
RETRY_SECONDS = 0.2
WAITERS = Instrument("placet.waiting.waiters", "gauge", "{request}", "Long-polls and event streams that wait for people to decide.")


class _Waiter:
    """A waiter that knows a sign-off up to a version, and the news that it has not received yet.

    A thousand of them are notified one after the other, so a notification is one future and neither a task nor a lock.
    """

    __slots__ = ("_asleep", "_known", "_let_go", "_untold", "sign_off_id", "told_at")

    def __init__(self, sign_off_id: str, known: int) -> None:
        self.sign_off_id = sign_off_id
        self._known = known
        self._untold: Progress | None = None
        self._let_go = False
        self._asleep: asyncio.Future[None] | None = None
        self.told_at = 0

    def tell(self, now: Progress, at: int) -> None:
        """Notify the waiter, if it is news; `at` in nanoseconds."""
        if now.stream_version > self._known:
            self.told_at = at
            self._known, self._untold = now.stream_version, now
            self._wake()

    def let_go(self) -> None:
        """End the wait: its time is over, or the process stops."""
        self._let_go = True
        self._wake()

    async def news(self) -> Progress | None:
        """The newest state; None when there will be none."""
        if self._untold is None and not self._let_go:
            self._asleep = asyncio.get_running_loop().create_future()
            await self._asleep
        news, self._untold = self._untold, None
        return news

    def _wake(self) -> None:
        if self._asleep and not self._asleep.done():
            self._asleep.set_result(None)


class Waiting:
    """Wakes those whose sign-off has moved."""

    def __init__(self, pool: asyncpg.Pool, watcher: StoreWatcher, open_reader: OpenReader) -> None:
        self._pool = pool
        self._watcher = watcher
        self._open_reader = open_reader
        self._waiters: set[_Waiter] = set()
        self._stopped = False

    @property
    def waiters(self) -> int:
        """The number of waiters."""
        return len(self._waiters)

    async def read(self, sign_off_id: str) -> Progress:
        """Its state now; raises `NotFound`."""
        found = await read_progress(self._pool, [sign_off_id])
        if sign_off_id not in found:
            raise NotFound(f"There is no sign-off {sign_off_id}.", code="sign_off_not_found", resolve="See GET /v1/sign-offs.")
        return found[sign_off_id]

    async def outcome(self, sign_off_id: str, seconds: float) -> Progress:
        """Its final state, or its current one after so many seconds or when the process stops. Raises `NotFound`."""
        with self._joined(sign_off_id, 0, seconds) as waiter:
            now = await self.read(sign_off_id)
            waiter.tell(now, time.time_ns())
            while not self._stopped and (news := await waiter.news()) and not (now := news).ended:
                pass
        if now.ended:
            _trace_answer(now, waiter.told_at)
        return now

    async def changes(self, sign_off_id: str, known: int, seconds: float) -> AsyncGenerator[Progress, None]:
        """Its state, if newer than the known version, and each newer state, until it has ended.

        No longer than so many seconds or than the process runs. States that follow faster than they are consumed are merged into one.
        """
        with self._joined(sign_off_id, known, seconds) as waiter:
            now = await self.read(sign_off_id)
            waiter.tell(now, time.time_ns())
            if now.ended and now.stream_version <= known:
                return
            while news := await waiter.news():
                yield news
                await asyncio.sleep(0)  # the other waiters of the same act are notified before this one ends
                if news is not now or now.ended:
                    _trace_answer(news, waiter.told_at)
                if news.ended or self._stopped:
                    return

    @contextmanager
    def _joined(self, sign_off_id: str, known: int, seconds: float) -> Iterator[_Waiter]:
        waiter = _Waiter(sign_off_id, known)
        end = asyncio.get_running_loop().call_later(seconds, waiter.let_go)
        if self._stopped:
            waiter.let_go()
        self._waiters.add(waiter)
        try:
            yield waiter
        finally:
            end.cancel()
            self._waiters.discard(waiter)

    def stop(self) -> None:
        """The process stops: end all waits, and later ones at once."""
        self._stopped = True
        for waiter in self._waiters:
            waiter.let_go()

    async def run(self) -> None:
        """The one listener, until `stop`."""
        while not self._stopped:
            try:
                async with self._open_reader() as read:
                    await self._listen(read)
            except DATABASE_ERRORS as error:
                logger.warning("waiters can't be notified just now: %s", error)
                await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self, read: ReadProgress) -> None:
        while not self._stopped:
            generation = self._watcher.generation
            await self._tell(read)
            await self._watcher.moved_since(generation, LISTEN_SECONDS)

    async def _tell(self, read: ReadProgress) -> None:
        if not self._waiters:
            return
        states = await read(sorted({waiter.sign_off_id for waiter in self._waiters}))
        at = time.time_ns()
        for waiter in self._waiters:
            if now := states.get(waiter.sign_off_id):
                waiter.tell(now, at)


def _trace_answer(news: Progress, told_at: int) -> None:
    """The act's trace continues in the answer to the waiter, whose own request is linked; `told_at` in nanoseconds."""
    if parent := sampled_parent_of(news.traceparent):
        request = trace.get_current_span().get_span_context()
        links = [Link(request)] if request.is_valid else []
        attributes = {"placet.sign_off.id": news.id, "placet.sign_off.state": news.state}
        TRACER.start_span("answer waiter", parent, attributes=attributes, links=links, start_time=told_at).end()
