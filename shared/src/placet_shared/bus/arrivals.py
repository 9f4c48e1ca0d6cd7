"""Following a subscription for as long as a block lasts, and letting go of it at the end."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.ports import Arrived, Subscription

__all__ = ["arrivals"]


@asynccontextmanager
async def arrivals(subscription: Subscription, after: Cursor) -> AsyncIterator[AsyncIterator[Arrived]]:
    """What comes after a cursor; whoever follows may hold connections, which are closed here and not when memory is tidied up."""
    coming = subscription.follow(after)
    try:
        yield coming
    finally:
        if isinstance(coming, AsyncGenerator):
            await coming.aclose()
