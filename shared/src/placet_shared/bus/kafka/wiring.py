"""Kafka in a service's bootstrap: its relay, and how its consumers follow; nothing without Kafka."""

from collections.abc import Sequence

from placet_shared.bus.feed import Feed
from placet_shared.bus.kafka.connection import kafka_connection
from placet_shared.bus.kafka.relay import Relay
from placet_shared.bus.kafka.subscription import KafkaSubscription
from placet_shared.bus.ports import Source, Subscribe, Subscription
from placet_shared.event_store import EventStore
from placet_shared.settings import CommonSettings

__all__ = ["relays", "subscribing"]


def subscribing(settings: CommonSettings) -> Subscribe:
    """How a source is followed: over Kafka when it is configured, else by its feed; raises `SettingsError`."""
    kafka = kafka_connection(settings)

    def subscribe(source: Source) -> Subscription:
        return source if kafka is None else KafkaSubscription(source, kafka)

    return subscribe


def relays(settings: CommonSettings, store: EventStore, feed: Feed) -> Sequence[Relay]:
    """What sends the store's events to Kafka while it runs: one relay, or none; raises `SettingsError`."""
    kafka = kafka_connection(settings)
    return [] if kafka is None else [Relay(store, feed.watcher, kafka)]
