"""Puts the AsyncAPI 3.0.0 document together: per source a topic and a feed, and one message per event type.

Spec: https://www.asyncapi.com/docs/reference/specification/v3.0.0, Kafka bindings 0.5.0, HTTP bindings 0.3.0.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from placet_shared.asyncapi.attribute_schemas import envelope_schema, header_schema
from placet_shared.asyncapi.data_schemas import data_schemas
from placet_shared.asyncapi.feed import feed_channel, feed_operation, feed_page_message, feed_page_schema, feed_server
from placet_shared.bus.envelope import EVENT_TYPE_PREFIX
from placet_shared.bus.kafka.topics import topic_of
from placet_shared.contracts.catalogue import ANYTHING, Published, every_version

__all__ = ["Examples", "asyncapi_document"]

Part = dict[str, Any]
Examples = Mapping[tuple[str, str], Part]
"""Source and `type` of an event → `headers` and `payload` of one that was sent."""

KAFKA_BINDINGS: Final = "0.5.0"

DESCRIPTION: Final = """\
What Placet's services publish. Every event is a CloudEvent 1.0, on Kafka in binary mode: its attributes are the message's
headers, and the message's value is exactly the bytes that were stored, whose SHA-256 is `ce_datasha256`.

A topic has one partition, so that a source's events come in the order of `ce_position`. A message may come twice; a reader that
keeps the last position takes only the next one whose `ce_prev` is the id of the last event it has, and reads what is missing from
the service's feed. A message does not prove its author: a reader with rights to protect compares what it has with the digest of
`GET /v1/feed/digest`, as the services do. A type that a reader does not know should be ignored.
"""


def asyncapi_document(sources: Sequence[str], version: str, examples: Examples | None = None) -> Part:
    """The document of these sources, of the software's `version`."""

    def messages(source: str) -> Part:
        return _messages(source, examples or {})

    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Placet events",
            "version": version,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"kafka": _kafka_server(), **{source: feed_server(source) for source in sources}},
        "channels": _of_all(sources, _channels),
        "operations": _of_all(sources, _operations),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "An access token."}},
            "schemas": {"Headers": header_schema(), "CloudEvent": envelope_schema(), **_of_all(sources, _schemas)},
            "messages": _of_all(sources, messages),
        },
    }


def _of_all(sources: Sequence[str], parts_of: Callable[[str], Part]) -> Part:
    return {name: part for source in sources for name, part in parts_of(source).items()}


def _kafka_server() -> Part:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "description": "The broker that the installation was given; without one there are only the feeds.",
        "variables": {"bootstrap": {"default": "localhost:9092"}},
    }


def _channels(source: str) -> Part:
    names = [_versioned(event, one) for event, one in every_version(source)]
    topic = {
        "address": topic_of(source),
        "title": f"Events of {source}-service on Kafka",
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {name: {"$ref": f"#/components/messages/{source}.{name}"} for name in names},
        "bindings": {"kafka": {"topic": topic_of(source), "partitions": 1, "bindingVersion": KAFKA_BINDINGS}},
    }
    return {source: topic, f"{source}Feed": feed_channel(source)}


def _operations(source: str) -> Part:
    publish = {
        "action": "send",
        "channel": {"$ref": f"#/channels/{source}"},
        "title": f"{source}-service publishes its events",
        "description": "In the order of their positions, at least once. To read them, receive from this channel.",
    }
    return {f"publish{source.title()}Events": publish, f"serve{source.title()}Feed": feed_operation(source)}


def _messages(source: str, examples: Examples) -> Part:
    messages = {f"{source}.{_versioned(event, one)}": _message(source, event, one, examples) for event, one in every_version(source)}
    return {**messages, f"{source}.FeedPage": feed_page_message(source)}


def _message(source: str, event: str, published: Published, examples: Examples) -> Part:
    type_ = EVENT_TYPE_PREFIX + _versioned(event, published)
    fixed = {"ce_type": {"const": type_}, "ce_source": {"const": source}}
    message = {
        "name": type_,
        "title": event,
        "summary": _summary(event, published),
        "description": f"`ce_subject` names {_subject(published)}.",
        "contentType": "application/json",
        "correlationId": {"location": "$message.header#/ce_correlation"},
        "headers": {"allOf": [{"$ref": "#/components/schemas/Headers"}, {"type": "object", "properties": fixed}]},
        "payload": {"$ref": f"#/components/schemas/{source}.{published.model.__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": "As `ce_subject`."}, "bindingVersion": KAFKA_BINDINGS}},
    }
    example = examples.get((source, type_))
    return {**message, "examples": [{"name": event, **example}]} if example else message


def _schemas(source: str) -> Part:
    events = list(every_version(source))
    places = {EVENT_TYPE_PREFIX + _versioned(event, one): f"#/components/schemas/{source}.{one.model.__name__}" for event, one in events}
    return {**data_schemas(source, [one.model for _, one in events]), f"{source}.FeedPage": feed_page_schema(source, places)}


def _versioned(event: str, published: Published) -> str:
    return f"{event}.v{published.schema_version}"


def _summary(event: str, published: Published) -> str:
    newest = published.model.__name__ == event
    said = " ".join((inspect.getdoc(published.model) or "").split())
    return said if newest else f"{said} Written no more; a newer version has taken its place."


def _subject(published: Published) -> str:
    if published.subject == ANYTHING:
        return "what it was about, or the actor"
    return " or ".join(f"the {kind}" for kind in published.subject)
