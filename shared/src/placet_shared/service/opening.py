"""Opens the parts that every service has, and runs its background work; a service's `bootstrap` adds only its own parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from placet_shared.bus.feed import open_feed
from placet_shared.bus.kafka import relays, subscribing
from placet_shared.event_store import EventRegistry, EventStore
from placet_shared.event_store.opening import open_store
from placet_shared.postgres import Migrations
from placet_shared.service.running import Foundation, Service
from placet_shared.settings import ServiceSettings
from placet_shared.workers import in_background

__all__ = ["open_foundation", "open_service_store", "running"]

S = TypeVar("S", bound=Service)


@asynccontextmanager
async def open_service_store(settings: ServiceSettings, event_registry: EventRegistry, migrations: Migrations) -> AsyncIterator[EventStore]:
    """The store alone; raises `RuntimeError` for a schema that this release does not know or a role that could rewrite history."""
    url = settings.database_url.get_secret_value()
    async with open_store(url, settings.database_schema, event_registry, migrations) as store:
        yield store


@asynccontextmanager
async def open_foundation(settings: ServiceSettings, event_registry: EventRegistry, migrations: Migrations) -> AsyncIterator[Foundation]:
    """Raises what `open_service_store` raises, and `SettingsError` for settings of Kafka that can't be used."""
    async with open_service_store(settings, event_registry, migrations) as store, open_feed(store) as feed:
        yield Foundation(store, feed, relays(settings, store, feed), subscribing(settings))


@asynccontextmanager
async def running(service: S) -> AsyncIterator[S]:
    """The service with its consumers, relays and loops running."""
    loops, consumers, relays = service.loops, service.consumers, service.base.relays
    async with in_background(*[one.run() for one in loops], *[one.run() for one in consumers], *[one.run() for one in relays]):
        yield service
