"""Waiting for sign-offs: one listener a process, one read of the table a wake-up, however many wait.

Who waits registers first, then the table is read, then they sleep: nothing is missed, and a resumed waiter begins with the table.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime

import asyncpg
from opentelemetry import trace
from opentelemetry.trace import Link
from pydantic import BaseModel, Field, computed_field

from placet_approval.domain.sign_off import SignOffState
from placet_shared.bus.watcher import StoreWatcher
from placet_shared.errors import NotFound
from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.spans import TRACER, sampled_parent_of

__all__ = ["WAITERS", "Progress", "Waiting"]

logger = logging.getLogger(__name__)

STATES = """
    select s.sign_off_id as id, s.state, s.state = 'approved' and s.expires_at <= clock_timestamp() as expired, s.stream_version,
           s.model_id, s.version_id, s.environment, s.changed_at, s.expires_at,
           (select e.traceparent from events e where e.stream = 'signoff-' || s.sign_off_id and e.version = s.stream_version)
    from sign_offs s where s.sign_off_id = any ($1)
"""
LISTEN_SECONDS = 5.0
RETRY_SECONDS = 0.2
WAITERS = Instrument("placet.waiting.waiters", "gauge", "{request}", "Long-polls and event streams that wait for people to decide.")


class Progress(BaseModel):
    """How a sign-off stands."""

    id: str
    state: SignOffState
    expired: bool = Field(description="Whether an approved sign-off is no longer valid, as of this answer.")
    stream_version: int = Field(description="Grows with every act; the ETag of the sign-off.")
    model_id: str
    version_id: str
    environment: str
    changed_at: datetime
    expires_at: datetime | None
    traceparent: str | None = Field(
        description="W3C trace context of the act that led to this state: who goes on because of it sends it with the next request."
    )

    @computed_field(description="Whether people are done with it, one way or another.")  # type: ignore[prop-decorator]
    @property
    def ended(self) -> bool:
        return self.state != "pending"


class _Waiter:
    """Somebody who knows a sign-off up to a version, and what they have not been told yet."""

    def __init__(self, sign_off_id: str, known: int) -> None:
        self.sign_off_id = sign_off_id
        self._known = known
        self._untold: Progress | None = None
        self._woken = asyncio.Event()
        self.told_at = 0

    def tell(self, now: Progress) -> None:
        """If it is news."""
        if now.stream_version > self._known:
            self.told_at = time.time_ns()
            self._known, self._untold = now.stream_version, now
            self._woken.set()

    def let_go(self) -> None:
        """There will be no more news from this process."""
        self._woken.set()

    async def news(self, deadline: float) -> Progress | None:
        """The newest state; None when there is none by then, or there will be none."""
        try:
            async with asyncio.timeout_at(deadline):
                await self._woken.wait()
        except TimeoutError:
            return None
        self._woken.clear()
        news, self._untold = self._untold, None
        return news


class Waiting:
    """Wakes those whose sign-off has moved."""

    def __init__(self, pool: asyncpg.Pool, watcher: StoreWatcher) -> None:
        self._pool = pool
        self._watcher = watcher
        self._waiters: set[_Waiter] = set()
        self._stopped = False

    @property
    def waiters(self) -> int:
        """How many wait."""
        return len(self._waiters)

    async def read(self, sign_off_id: str) -> Progress:
        """How it stands now; raises `NotFound`."""
        found = await self._read([sign_off_id])
        if sign_off_id not in found:
            raise NotFound(f"There is no sign-off {sign_off_id}.", code="sign_off_not_found", resolve="See GET /v1/sign-offs.")
        return found[sign_off_id]

    async def outcome(self, sign_off_id: str, seconds: float) -> Progress:
        """How it ended; how it stands, if it has not after so many seconds or the process stops. Raises `NotFound`."""
        latest: Progress | None = None
        async with aclosing(self.changes(sign_off_id, 0, seconds)) as changes:
            async for now in changes:
                latest = now
        assert latest is not None
        return latest

    async def changes(self, sign_off_id: str, known: int, seconds: float) -> AsyncGenerator[Progress, None]:
        """How it stands, if that is beyond the version that is known, and each newer state, until it has ended.

        No longer than so many seconds or than the process runs. What follows faster than it is taken is told as one.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        waiter = _Waiter(sign_off_id, known)
        self._waiters.add(waiter)
        try:
            now = await self.read(sign_off_id)
            waiter.tell(now)
            if self._stopped or (now.ended and now.stream_version <= known):
                waiter.let_go()
            while news := await waiter.news(deadline):
                if news is not now or now.ended:
                    _trace_answer(news, waiter.told_at)
                yield news
                if news.ended or self._stopped:
                    return
        finally:
            self._waiters.discard(waiter)

    def stop(self) -> None:
        """The process stops: let everybody go, and whoever still comes."""
        self._stopped = True
        for waiter in self._waiters:
            waiter.let_go()

    async def run(self) -> None:
        """The one listener, until `stop`."""
        while not self._stopped:
            generation = self._watcher.generation
            try:
                await self._tell()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                logger.warning("waiters can't be told just now: %s", error)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            await self._watcher.moved_since(generation, LISTEN_SECONDS)

    async def _tell(self) -> None:
        if not self._waiters:
            return
        states = await self._read(sorted({waiter.sign_off_id for waiter in self._waiters}))
        for waiter in self._waiters:
            if waiter.sign_off_id in states:
                waiter.tell(states[waiter.sign_off_id])

    async def _read(self, ids: Sequence[str]) -> Mapping[str, Progress]:
        return {row["id"]: Progress(**dict(row)) for row in await self._pool.fetch(STATES, list(ids))}


def _trace_answer(news: Progress, told_at: int) -> None:
    """The trace of the act goes on in the answer to whoever waited for it, whose own request is linked; `told_at` in nanoseconds."""
    if parent := sampled_parent_of(news.traceparent):
        request = trace.get_current_span().get_span_context()
        links = [Link(request)] if request.is_valid else []
        attributes = {"placet.sign_off.id": news.id, "placet.sign_off.state": news.state}
        TRACER.start_span("answer waiter", parent, attributes=attributes, links=links, start_time=told_at).end()
