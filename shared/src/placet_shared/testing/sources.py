"""Services as their consumers meet them: a real store, and its feed on a port of its own that can be stopped and served again."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

from fastapi import FastAPI

from placet_shared.access import Authenticator
from placet_shared.bus.feed import Feed
from placet_shared.bus.watcher import StoreWatcher
from placet_shared.event_store import EventRegistry, EventStore
from placet_shared.postgres import Migrations
from placet_shared.service.application import create_app
from placet_shared.service.feed_routes import router
from placet_shared.testing.databases import DatabaseSite
from placet_shared.testing.partial_service import partial_service
from placet_shared.testing.restores import copy_data_folder, restart_server, restore_backup
from placet_shared.testing.served import ServedApp

__all__ = ["STORE_TABLES", "ServedSource", "feed_app", "no_lifespan", "open_source"]

STORE_TABLES = Migrations("placet_shared.event_store")

S = TypeVar("S", bound="ServedSource")


@asynccontextmanager
async def no_lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Of an application whose parts a test opens and closes itself."""
    yield


def feed_app(store: EventStore, feed: Feed, callers: Authenticator) -> FastAPI:
    """A service that serves its feed and nothing else."""
    app = create_app(title=store.source, source=store.source, version="1", description="", lifespan=no_lifespan, routers=[router])
    app.state.service = partial_service(authenticator=callers, store=store, feed=feed)
    return app


class ServedSource(ServedApp):
    """A store whose events are whatever a test appends; its feed answers these callers."""

    def __init__(self, site: DatabaseSite, store: EventStore, watcher: StoreWatcher, callers: Authenticator, port: int = 0) -> None:
        self.site = site
        self.store = store
        self.watcher = watcher
        self.feed = Feed(store.source, store.pool, watcher)
        super().__init__(feed_app(store, self.feed, callers), port)

    async def restore_backup(self, after: int) -> None:
        """As a restore from a backup leaves it: the events beyond a position are gone, and the next append opens a new epoch."""
        await restore_backup(self.site.superuser_url, self.site.schema, after)

    async def copy_data_folder(self, after: int) -> None:
        """As a copy of the data folder leaves it: the events beyond a position are gone, identifier and timeline are the same."""
        await copy_data_folder(self.site.superuser_url, self.site.schema, after)

    async def restart_server(self) -> None:
        """As a start of the server leaves it, of the original or of a copy: only the next append tells."""
        await restart_server(self.site.superuser_url, self.site.schema)


@asynccontextmanager
async def open_source(
    kind: type[S], site: DatabaseSite, callers: Authenticator, event_registry: EventRegistry | None = None, **options: Any
) -> AsyncIterator[S]:
    """A store in a schema that has its tables, served until the block ends."""
    async with AsyncExitStack() as stack:
        store = EventStore(site.url, site.schema, event_registry or EventRegistry(site.schema, ()))
        await store.start()
        stack.push_async_callback(store.close)
        watcher = StoreWatcher(site.url, site.schema, site.schema)
        await watcher.start()
        stack.push_async_callback(watcher.close)
        source = kind(site, store, watcher, callers, **options)
        stack.push_async_callback(source.stop)
        await source.serve()
        yield source
