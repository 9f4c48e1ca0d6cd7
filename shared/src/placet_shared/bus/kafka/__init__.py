"""The bus over Apache Kafka: a relay sends a store's events to its topic, consumers read from there; the feed fills every gap."""

from placet_shared.bus.kafka.connection import KafkaConnection, kafka_connection
from placet_shared.bus.kafka.relay import Relay
from placet_shared.bus.kafka.subscription import KafkaSubscription
from placet_shared.bus.kafka.topics import topic_of
from placet_shared.bus.kafka.wiring import relays, subscribing

__all__ = ["KafkaConnection", "KafkaSubscription", "Relay", "kafka_connection", "relays", "subscribing", "topic_of"]
