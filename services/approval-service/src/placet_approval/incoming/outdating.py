"""After foreign events were applied, sign-offs that no longer cover how things are end, by an event that says why."""

import asyncio
import contextlib
import logging

from placet_approval.commands.invalidate_sign_off import invalidate_outdated
from placet_shared.errors import PlacetError
from placet_shared.event_store import EventStore
from placet_shared.postgres.errors import DATABASE_ERRORS

__all__ = ["Outdating"]

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 30.0


class Outdating:
    """One loop: woken when something has arrived, and now and then in any case."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something may have changed."""
        self._woken.set()

    async def run(self) -> None:
        """Look, for ever."""
        while True:
            self._woken.clear()
            try:
                await invalidate_outdated(self._store)
            except (PlacetError, *DATABASE_ERRORS) as error:
                logger.warning("outdated sign-offs can't be ended just now: %s", error)
            # Not `wait_for`: before Python 3.12 it may swallow the cancellation that ends this loop.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_SECONDS):
                    await self._woken.wait()
