"""Waiting for sign-offs: for their outcome, or for each state on the way to it."""

import asyncio
from collections.abc import AsyncGenerator

from opentelemetry import trace
from opentelemetry.trace import Link

from placet_approval.queries.progress import Progress, ReadProgress
from placet_shared.bus.waiters import Waiters
from placet_shared.errors import NotFound
from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.spans import TRACER, sampled_parent_of

__all__ = ["WAITERS", "Waiting"]

EVERY_SECONDS = 5.0
WAITERS = Instrument("placet.waiting.waiters", "gauge", "{request}", "Long-polls and event streams that wait for people to decide.")


class Waiting:
    """Of one process: any number of requests, and one read of the table for all of them when a sign-off may have moved."""

    def __init__(self, read: ReadProgress) -> None:
        self.waiters: Waiters[str, Progress] = Waiters("sign-offs", read, every_seconds=EVERY_SECONDS)

    def stop(self) -> None:
        """The process stops: end all waits, and later ones at once."""
        self.waiters.stop()

    async def read(self, sign_off_id: str) -> Progress:
        """Its state now; raises `NotFound`."""
        return _found(sign_off_id, await self.waiters.wait(sign_off_id, lambda _: True, 0))

    async def outcome(self, sign_off_id: str, seconds: float) -> Progress:
        """Its final state, or its current one after so many seconds or when the process stops. Raises `NotFound`."""
        with self.waiters.joined(sign_off_id, lambda now: now.ended, seconds) as waiter:
            await waiter.news()
        now = _found(sign_off_id, waiter.state)
        if now.ended:
            _trace_answer(now, waiter.read_at)
        return now

    async def changes(self, sign_off_id: str, known: int, seconds: float) -> AsyncGenerator[Progress, None]:
        """Its state, if newer than the known version, and each newer state, until it has ended.

        No longer than so many seconds or than the process runs. States that follow faster than they are consumed are merged into one.
        """

        def is_news(now: Progress) -> bool:
            return now.ended or now.stream_version > known

        first = True
        with self.waiters.joined(sign_off_id, is_news, seconds) as waiter:
            while (now := await waiter.news()) and now.stream_version > known:
                known = now.stream_version
                yield now
                await asyncio.sleep(0)  # the other waiters of the same act are notified before this one ends
                if now.ended or not first:
                    _trace_answer(now, waiter.read_at)
                if now.ended or self.waiters.is_stopped:
                    return
                first = False


def _found(sign_off_id: str, now: Progress | None) -> Progress:
    if now is None:
        raise NotFound(f"There is no sign-off {sign_off_id}.", code="sign_off_not_found", resolve="See GET /v1/sign-offs.")
    return now


def _trace_answer(news: Progress, told_at: int) -> None:
    """The act's trace continues in the answer to the waiter, whose own request is linked; `told_at` in nanoseconds."""
    if parent := sampled_parent_of(news.traceparent):
        request = trace.get_current_span().get_span_context()
        links = [Link(request)] if request.is_valid else []
        attributes = {"placet.sign_off.id": news.id, "placet.sign_off.state": news.state}
        TRACER.start_span("answer waiter", parent, attributes=attributes, links=links, start_time=told_at).end()
