"""Follows a subscription until its block ends or it is to be restarted, and closes it at the end."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.ports import Arrived, Subscription

__all__ = ["arrivals"]


@asynccontextmanager
async def arrivals(subscription: Subscription, after: Cursor, told: asyncio.Event | None = None) -> AsyncIterator[AsyncIterator[Arrived]]:
    """The arrivals after a cursor, until `told` is set, which is noticed at once even while no event arrives.

    A subscription may hold connections, which are closed here and not when the garbage collector runs.
    """
    coming = subscription.follow(after)
    try:
        async with aclosing(_until_told(coming, told or asyncio.Event())) as until_told:
            yield until_told
    finally:
        if isinstance(coming, AsyncGenerator):
            await coming.aclose()


async def _until_told(coming: AsyncIterator[Arrived], told: asyncio.Event) -> AsyncGenerator[Arrived, None]:
    telling = asyncio.ensure_future(told.wait())
    try:
        while not told.is_set():
            arriving = asyncio.ensure_future(anext(coming, None))
            try:
                await asyncio.wait((arriving, telling), return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not arriving.done():
                    arriving.cancel()
                    await asyncio.wait((arriving,))
            if arriving.cancelled() or (arrived := arriving.result()) is None:
                return
            yield arrived
    finally:
        telling.cancel()
