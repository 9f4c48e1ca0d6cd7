"""Registry and verification as this service meets them: a store of its own each, and a way to it that can be held up."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.feed import open_feed
from placet_shared.bus.followed import Followed
from placet_shared.bus.local import LocalSource
from placet_shared.bus.ports import Arrived, Digest
from placet_shared.contracts.catalogue import CATALOGUE
from placet_shared.errors import Unavailable
from placet_shared.event_store import Answer, Epoch, EventRegistry, EventStore, Metadata, Position, UnitOfWork
from placet_shared.identifiers import new_id
from placet_shared.testing import STORE_TABLES, as_role, prepare_schema, restore_backup, service_role

from .conftest import Site

LONG_POLL_SECONDS = 0.2


def _open() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class Neighbour:
    """A source whose store is real; clear `flowing`, `readable` or `answering` and the subscription, the feed or the head hangs."""

    name: str
    store: EventStore
    source: LocalSource
    superuser_url: str
    flowing: asyncio.Event = field(default_factory=_open)
    readable: asyncio.Event = field(default_factory=_open)
    answering: asyncio.Event = field(default_factory=_open)
    down: bool = False
    followed: Sequence[Followed] = ()

    async def says(self, type_: str, subject: str, data: dict[str, Any], actor: str = "nobody") -> Position:
        """Append an event, and do nothing to have it arrive anywhere."""

        newest = {name: published.schema_version for name, published in CATALOGUE[self.name].items()}

        async def handler(uow: UnitOfWork) -> Answer:
            uow.record(type_, stream="said", subject=subject, data=data, schema_version=newest.get(type_, 1))
            return Answer(200, {})

        committed = await self.store.run(handler, Metadata(actor=actor, correlation=new_id()), None, action="say")
        assert committed.position
        return committed.position

    async def restore_backup(self, after: int) -> None:
        """What came after this position is gone, and the next append opens a new epoch."""
        await restore_backup(self.superuser_url, self.name, after)

    async def follow(self, after: Cursor) -> AsyncIterator[Arrived]:
        while True:
            await self.flowing.wait()
            async with aclosing(cast(AsyncGenerator[Arrived, None], self.source.follow(after))) as arrivals:
                async for arrived in arrivals:
                    if not self.flowing.is_set():
                        break  # and once more when it flows
                    if arrived.events:
                        last = arrived.events[-1]
                        after = Cursor(last.epoch, last.position, last.id)
                    yield arrived

    async def read(self, after: Cursor, limit: int = 500) -> Arrived:
        await self.readable.wait()
        return await self.source.read(after, limit)

    async def digest(self, after: Cursor, until: int) -> Digest:
        await self.readable.wait()
        return await self.source.digest(after, until)

    async def head(self) -> Position:
        await self.answering.wait()
        if self.down:
            raise Unavailable(f"{self.name} is down")
        return await self.source.head()

    async def epochs(self) -> Sequence[Epoch]:
        return await self.source.epochs()


async def prepare_neighbours(url: str) -> None:
    """A schema for each."""
    for name in ("registry", "verification"):
        await prepare_schema(url, name, STORE_TABLES)


@asynccontextmanager
async def open_neighbour(site: Site, name: str) -> AsyncIterator[Neighbour]:
    """In a schema of its own, which `prepare_neighbours` made beside this service's."""
    store = EventStore(as_role(site.superuser_url, service_role(name)), name, EventRegistry(name, ()))
    await store.start()
    try:
        async with open_feed(store) as feed:
            yield Neighbour(name, store, LocalSource(feed, long_poll_seconds=LONG_POLL_SECONDS), site.superuser_url)
    finally:
        await store.close()
