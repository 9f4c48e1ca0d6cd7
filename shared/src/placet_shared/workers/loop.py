"""A loop of a service: it does its piece of work when it is woken, and every so often in any case.

    loop = Loop("sign-off invalidator", invalidator.work, every_seconds=30)
    async with in_background(loop.run()): ...
    loop.wake()

A piece of work that fails is tried again after a pause that grows; a loop ends only with its process. What the loop waits for is the
table: waking it is a hint for speed, so that a lost notification costs at most `every_seconds`.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from placet_shared.errors import PlacetError
from placet_shared.postgres.errors import is_passing
from placet_shared.workers.leadership import LeadershipLost, leading, while_leading

__all__ = ["Leading", "Loop"]

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.2
# Short: a loop that comes back late leaves a stream open to a revoked token, or views behind the log.
LONGEST_PAUSE_SECONDS = 2.0

Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Leading:
    """One process at a time does the work: the one that holds the advisory lock `lock` of the store's schema."""

    url: str
    schema: str
    source: str
    lock: str

    def held(self) -> AbstractAsyncContextManager[Any]:
        """Wait for the lock and hold it within the block."""
        return leading(self.url, self.schema, self.source, self.lock)


class Loop:
    """`every_seconds` is the longest pause between two pieces of work while all goes well.

    `leading` lets one process at a time do the work. `completes`: at the end, work that is under way is finished and done a last time.
    """

    def __init__(
        self,
        name: str,
        work: Work,
        *,
        every_seconds: float,
        leading: Leading | None = None,
        completes: bool = False,
        first_pause_seconds: float = FIRST_PAUSE_SECONDS,
    ) -> None:
        self.name = name
        self.failures = 0
        """How often in a row the work has failed; 0 while all goes well."""
        self.error: str | None = None
        """What it failed with the last time, for operators."""
        self._work = work
        self._every_seconds = every_seconds
        self._leading = leading
        self._completes = completes
        self._first_pause_seconds = first_pause_seconds
        self._woken = asyncio.Event()
        self._begun = self._ended = 0
        self._has_ended = asyncio.Event()
        self._succeeded_at = time.monotonic()

    def wake(self) -> None:
        """There may be something to do."""
        self._woken.set()

    async def done(self, seconds: float) -> bool:
        """Wake it and wait, at most so long, until work that began afterwards has ended, with or without a failure; says whether it has."""
        wanted = self._begun + 1
        self.wake()
        try:
            async with asyncio.timeout(seconds):
                while self._ended < wanted:
                    await self._has_ended.wait()
        except TimeoutError:
            return False
        return True

    @property
    def silence(self) -> float:
        """Seconds since the work was done without a failure; since the start, when it never was."""
        return time.monotonic() - self._succeeded_at

    @property
    def kind_of_error(self) -> str | None:
        """The class of `error` alone, for readers without a token: its text may quote values and addresses."""
        return None if self.error is None else self.error.partition(":")[0]

    async def run(self) -> None:
        """Work until cancelled; no error of the work ends it."""
        try:
            while True:
                try:
                    await self._lead()
                except Exception as error:
                    self._failed(error)
                    await asyncio.sleep(self._pause())
        finally:
            if self._completes:
                await self._once()

    async def _lead(self) -> None:
        if self._leading is None:
            await self._cycle()
            return
        async with self._leading.held() as connection:
            await while_leading(connection, self._cycle())

    async def _cycle(self) -> None:
        while True:
            self._woken.clear()
            await self._once()
            if self.failures:
                await asyncio.sleep(self._pause())
                continue
            # Not `wait_for`: before Python 3.12 it may swallow the cancellation that ends this loop.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._every_seconds):
                    await self._woken.wait()

    async def _once(self) -> None:
        self._begun += 1
        try:
            if self._completes:
                await asyncio.shield(asyncio.ensure_future(self._work()))
            else:
                await self._work()
        except Exception as error:
            self._failed(error)
        else:
            if self.failures:
                logger.info("%s goes on", self.name)
            self.failures, self.error, self._succeeded_at = 0, None, time.monotonic()
        finally:
            self._ended = self._begun
            has_ended, self._has_ended = self._has_ended, asyncio.Event()
            has_ended.set()

    def _failed(self, error: Exception) -> None:
        """Log a dependency that is away in one line, a defect with its traceback; each once, until it changes or passes."""
        self.failures += 1
        told, self.error = self.error, f"{type(error).__name__}: {error}"[:300]
        if told == self.error:
            return
        if isinstance(error, PlacetError | LeadershipLost) or is_passing(error):
            logger.warning("%s has to wait: %s", self.name, self.error)
        else:
            logger.error("%s has failed and is tried again", self.name, exc_info=error)

    def _pause(self) -> float:
        return min(self._first_pause_seconds * 2.0 ** min(self.failures - 1, 20), LONGEST_PAUSE_SECONDS)
