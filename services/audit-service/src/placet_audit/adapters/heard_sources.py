"""Sources that remember their last reported head, so that every answer can say how far behind it may be."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence

from placet_audit.ports import Heard, Said
from placet_shared.bus.arrivals import arrivals
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.ports import Arrived, Digest, Source, Subscription
from placet_shared.bus.single_flight import SingleFlight
from placet_shared.errors import PlacetError
from placet_shared.event_store import Epoch, Position

__all__ = ["PATIENCE_SECONDS", "HeardSource", "HeardSources"]

PATIENCE_SECONDS = 0.25


class _Statement:
    """A head, and when it was reported."""

    def __init__(self, head: Position) -> None:
        self._head = head
        self._at = time.monotonic()

    def said(self) -> Said:
        """As of now."""
        return Said(self._head, time.monotonic() - self._at)


class HeardSource:
    """A `Source` that notes the heads that its wrapped source reports."""

    def __init__(self, source: Source, patience_seconds: float = PATIENCE_SECONDS, subscription: Subscription | None = None) -> None:
        self.name = source.name
        self._source = source
        self._subscription = subscription or source
        self._patience = patience_seconds
        self._question = SingleFlight(source.head)
        self._latest: _Statement | None = None
        self._followed: _Statement | None = None

    async def follow(self, after: Cursor) -> AsyncIterator[Arrived]:
        """As the subscription gives them; events over a broker say nothing about the source's head."""
        async with arrivals(self._subscription, after) as coming:
            async for arrived in coming:
                statement = _Statement(arrived.head) if arrived.head else None
                self._latest = statement or self._latest
                yield arrived
                # A consumer asks for the next page once this one is in the log.
                if arrived.head and (not arrived.events or arrived.events[-1].position >= arrived.head.position):
                    self._followed = statement

    async def read(self, after: Cursor, limit: int = 500) -> Arrived:
        """One page, without waiting."""
        return await self._source.read(after, limit)

    async def digest(self, after: Cursor, until: int) -> Digest:
        """The digest of its events after the cursor up to this position."""
        return await self._source.digest(after, until)

    async def head(self) -> Position:
        """The source's head."""
        return await self._source.head()

    async def epochs(self) -> Sequence[Epoch]:
        """All of them, oldest first."""
        return await self._source.epochs()

    async def ask(self) -> Heard:
        """Its head now, if it answers in time; else its last known head. Concurrent calls share one request."""
        try:
            statement = _Statement(await asyncio.wait_for(self._question.answer(), self._patience))
        except (PlacetError, OSError):
            statements, reachable = (self._latest, self._followed), False
        else:
            statements, reachable = (statement, self._followed), True
            self._latest = statement
        return Heard(reachable, [statement.said() for statement in statements if statement])


class HeardSources:
    """All of them, asked together."""

    def __init__(self, sources: Sequence[HeardSource]) -> None:
        self._sources = sources

    async def ask(self) -> Mapping[str, Heard]:
        """The head of each source now."""
        answers = await asyncio.gather(*[source.ask() for source in self._sources])
        return {source.name: heard for source, heard in zip(self._sources, answers, strict=True)}
