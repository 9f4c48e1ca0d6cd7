"""A real Apache Kafka from its official jars, for development and tests: fetched once, started as a child, stopped."""

from kafka_broker.broker import Broker
from kafka_broker.class_archives import archive_classes
from kafka_broker.installation import CannotRun, Installation, install

__all__ = ["Broker", "CannotRun", "Installation", "archive_classes", "install"]
