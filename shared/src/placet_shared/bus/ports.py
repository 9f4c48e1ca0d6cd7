"""The port between a source and its consumers; the feed is one adapter, Kafka another."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import asyncpg

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.processing_span import FEED
from placet_shared.event_store.records import Epoch, Position, RecordedEvent

__all__ = ["Arrived", "CarriedText", "Digest", "PageProjection", "Projection", "Source", "Subscribe", "Subscription", "TextSource"]


@dataclass(frozen=True, slots=True)
class Arrived:
    """Some events of a source, oldest first, and the source's head when it was asked for them.

    A broker does not know the source's head: then `head` is None, and `epochs` are empty. `system` is what brought them, by the
    name that spans give it.
    """

    events: Sequence[RecordedEvent]
    head: Position | None
    system: str = FEED
    epochs: Sequence[Epoch] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """What a source says about some of its events (`envelope.events_sha256`), and how far it is."""

    sha256: str
    head: Position


class Subscription(Protocol):
    """Events as they arrive; they may be doubled or have gaps."""

    def follow(self, after: Cursor) -> AsyncIterator[Arrived]:
        """From a cursor on, without end; raises `OutOfRange` (`lost_branch`) and `Unavailable`.

        While no event arrives it gives an empty arrival now and then, so that the consumer learns that the source is there.
        """


class Source(Subscription, Protocol):
    """A source that can also be asked: only the feed can."""

    @property
    def name(self) -> str:
        """Of the source, as its events carry it."""

    async def read(self, after: Cursor, limit: int = 500) -> Arrived:
        """One page, without waiting."""

    async def digest(self, after: Cursor, until: int) -> Digest:
        """Of its events after the cursor up to this position, at most 1,000.

        Raises `OutOfRange`: `lost_branch` when it does not know the cursor, `beyond_head` when it has not come as far.
        """

    async def head(self) -> Position:
        """How far the source is, and with which event, by a statement begun after this request arrived."""

    async def epochs(self) -> Sequence[Epoch]:
        """All of them, oldest first."""


# How a consumer follows a source: from the source itself, or by a broker that brings its events.
Subscribe = Callable[[Source], Subscription]


@dataclass(frozen=True, slots=True)
class CarriedText:
    """A free text as its source sends it beside its events; without salt and body it was erased there.

    Nothing about it is proved before an event's commitment matches it.
    """

    salt: bytes | None
    body: str | None


@runtime_checkable
class TextSource(Protocol):
    """A source that sends texts to services with the right to see them. No broker carries texts: only the feed does."""

    @property
    def name(self) -> str:
        """Of the source, as its events carry it."""

    async def texts(self, ids: Sequence[str]) -> Mapping[str, CarriedText]:
        """Of these texts, at most 20, those that the source has or had, by id. Raises `Unavailable`."""


class Projection(Protocol):
    """What a consumer does with the events of one source, inside the transaction that moves its mark."""

    async def apply(self, connection: asyncpg.Connection, event: RecordedEvent) -> None:
        """Bring the rows up to this event; unknown types are ignored. Raises when it can't."""

    def subjects(self, event: RecordedEvent) -> Sequence[str]:
        """Everything that the event touches: while one of these is parked, the event queues behind it. Never raises."""

    def never_parks(self, event: RecordedEvent) -> bool:
        """Erasures and revocations: they hold up the source rather than be set aside."""

    async def reset(self, connection: asyncpg.Connection, source: Source) -> Cursor:
        """The source was restored and lost what was read last: forget what no longer holds, and return from where to read on."""


@runtime_checkable
class PageProjection(Projection, Protocol):
    """A projection that can take all events of a page at once, while nothing of their source is parked; a page that fails comes again,
    event by event."""

    async def apply_page(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        """Bring the rows up to these events, which follow each other, in the transaction that has moved the mark.

        It comes last in the transaction: what it locks is held no longer than it has to be.
        """
