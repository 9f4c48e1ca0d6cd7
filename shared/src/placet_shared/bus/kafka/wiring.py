"""Kafka in a service's bootstrap: its relay beside its feed, and the way on which its consumers follow; nothing without Kafka."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from placet_shared.bus.feed import Feed
from placet_shared.bus.following import at_work
from placet_shared.bus.kafka.connection import kafka_connection
from placet_shared.bus.kafka.relay import Relay
from placet_shared.bus.kafka.subscription import KafkaSubscription
from placet_shared.bus.ports import Source, Subscribe, Subscription
from placet_shared.event_store import EventStore
from placet_shared.settings import CommonSettings

__all__ = ["relaying", "subscribing"]


def subscribing(settings: CommonSettings) -> Subscribe:
    """How a source is followed: over Kafka when it is configured, else by its feed; raises `SettingsError`."""
    kafka = kafka_connection(settings)

    def subscribe(source: Source) -> Subscription:
        return source if kafka is None else KafkaSubscription(source, kafka)

    return subscribe


@asynccontextmanager
async def relaying(settings: CommonSettings, store: EventStore, feed: Feed) -> AsyncIterator[None]:
    """The store's events go to Kafka until the end of the block; raises `SettingsError`."""
    kafka = kafka_connection(settings)
    if kafka is None:
        yield
        return
    async with at_work(Relay(store, feed.watcher, kafka).run()):
        yield
