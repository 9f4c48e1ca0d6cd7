"""The span of an event that has its effect: it continues the trace of the append, whether the event came by feed or broker."""

from contextlib import AbstractContextManager
from typing import Any

from opentelemetry.trace import SpanKind

from placet_shared.event_store.records import RecordedEvent
from placet_shared.telemetry.spans import UNRECORDED, Attributes, going_on, is_sampled

__all__ = ["FEED", "KAFKA", "processing"]

# What carries events when no broker does: our own feed over HTTP, for which the conventions have no name.
FEED = "placet"
KAFKA = "kafka"


def processing(event: RecordedEvent, consumer: str, system: str = FEED) -> AbstractContextManager[Any]:
    """A consumer span around the effect, by the semantic conventions of messaging; none when the event's trace is not sampled."""
    if not is_sampled(event.traceparent):
        return UNRECORDED
    attributes: Attributes = {
        "messaging.system": system,
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": event.source,
        "messaging.consumer.group.name": consumer,
        "messaging.message.id": event.id,
        "messaging.message.conversation_id": event.correlation,
        "placet.event.type": event.type,
        "placet.position": event.position,
    }
    return going_on(f"process {event.source}", event.traceparent, SpanKind.CONSUMER, attributes)
