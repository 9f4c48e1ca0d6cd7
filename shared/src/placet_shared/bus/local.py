"""A service's own events as a source: read from its own feed without HTTP."""

from collections.abc import AsyncIterator, Mapping, Sequence

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.feed import Feed
from placet_shared.bus.ports import Arrived, CarriedText, Digest
from placet_shared.event_store.records import Epoch, Position

__all__ = ["LocalSource"]

LONG_POLL_SECONDS = 20.0


class LocalSource:
    """The feed of this very process."""

    def __init__(self, feed: Feed, *, long_poll_seconds: float = LONG_POLL_SECONDS) -> None:
        self.name = feed.source
        self._feed = feed
        self._long_poll = long_poll_seconds

    async def follow(self, after: Cursor) -> AsyncIterator[Arrived]:
        """From a cursor on, without end."""
        while True:
            arrived = await self._page(after, 500, self._long_poll)
            if arrived.events:
                last = arrived.events[-1]
                after = Cursor(last.epoch, last.position, last.id)
            yield arrived

    async def read(self, after: Cursor, limit: int = 500) -> Arrived:
        """One page, without waiting."""
        return await self._page(after, limit, 0)

    async def digest(self, after: Cursor, until: int) -> Digest:
        """Of the events after the cursor up to this position."""
        return await self._feed.digest(after, until)

    async def head(self) -> Position:
        """How far the store is now."""
        return await self._feed.head()

    async def texts(self, ids: Sequence[str]) -> Mapping[str, CarriedText]:
        """Of these texts those that are or were here."""
        rows = await self._feed.texts(ids)
        return {row["id"]: CarriedText(bytes.fromhex(row["salt"]) if row["salt"] else None, row["body"]) for row in rows}

    async def epochs(self) -> Sequence[Epoch]:
        """All of them, oldest first."""
        return (await self._feed.page(Cursor(), 1, 0, with_texts=False)).epochs

    async def _page(self, after: Cursor, limit: int, wait: float) -> Arrived:
        page = await self._feed.page(after, limit, wait, with_texts=False)
        return Arrived(page.events, page.head, epochs=page.epochs)
