"""The feed of a source in the AsyncAPI document: the same events over HTTP, for clients without Kafka."""

from collections.abc import Mapping
from typing import Any, Final

from placet_shared.bus.cursors import WRITTEN
from placet_shared.bus.feed import LONGEST_WAIT_SECONDS, MOST_EVENTS
from placet_shared.processes import PORTS

__all__ = ["feed_channel", "feed_operation", "feed_page_message", "feed_page_schema", "feed_server"]

HTTP_BINDINGS: Final = "0.3.0"
SCHEMAS: Final = "#/components/schemas"

ID: Final[Mapping[str, Any]] = {"type": ["string", "null"], "format": "uuid"}
NONCE: Final[Mapping[str, Any]] = {"type": ["string", "null"], "pattern": "^[0-9a-f]{16}$"}
QUERY: Final[Mapping[str, Any]] = {
    "after": {
        "type": "string",
        "pattern": f"^({WRITTEN.pattern})?$",
        "description": "The last event that you have, `epoch:position:id`; leave it out to begin.",
    },
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_EVENTS, "description": "How many events at most."},
    "wait": {
        "type": "number",
        "minimum": 0,
        "maximum": LONGEST_WAIT_SECONDS,
        "description": "Seconds to wait for an event when there is none.",
    },
    "types": {
        "type": "array",
        "maxItems": 50,
        "items": {"type": "string", "pattern": "^[A-Za-z]{1,100}$"},
        "description": "Only events of these types, by their names between `placet.` and the version; the others are in `passed`.",
    },
}


def feed_server(source: str) -> dict[str, Any]:
    """Where a service answers."""
    return {
        "host": f"{{{source}}}",
        "protocol": "http",
        "description": f"{source}-service, which serves its own events to every client with a valid token.",
        "variables": {source: {"default": f"127.0.0.1:{PORTS[source]}"}},
        "security": [{"$ref": "#/components/securitySchemes/token"}],
    }


def feed_channel(source: str) -> dict[str, Any]:
    """The address of the feed."""
    return {
        "address": "/v1/feed",
        "title": f"Events of {source}-service over HTTP",
        "servers": [{"$ref": f"#/servers/{source}"}],
        "messages": {"FeedPage": {"$ref": f"#/components/messages/{source}.FeedPage"}},
    }


def feed_operation(source: str) -> dict[str, Any]:
    """A page for each request; an empty one says that there was nothing up to `head`."""
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{source}Feed"},
        "title": f"{source}-service serves its events",
        "description": "A page of events for each request; an empty one says that there was nothing up to `head`.",
        "bindings": {
            "http": {"method": "GET", "query": {"type": "object", "properties": dict(QUERY)}, "bindingVersion": HTTP_BINDINGS},
        },
    }


def feed_page_message(source: str) -> dict[str, Any]:
    """The body of an answer."""
    return {
        "name": "FeedPage",
        "title": f"A page of the feed of {source}-service",
        "contentType": "application/json",
        "payload": {"$ref": f"{SCHEMAS}/{source}.FeedPage"},
    }


def feed_page_schema(source: str, types: Mapping[str, str]) -> dict[str, Any]:
    """`types` is an event's `type` → where the schema of its `data` stands."""
    position = {"type": "integer", "minimum": 0}
    epoch = {"type": "integer", "minimum": 1}
    return {
        "type": "object",
        "required": ["source", "head", "epochs", "texts", "events"],
        "properties": {
            "source": {"type": "string", "const": source},
            "head": {
                "type": "object",
                "description": "The last event's place when this page was read, or 0; `id` is its own, `nonce` its epoch's.",
                "required": ["epoch", "position"],
                "properties": {"epoch": position, "position": position, "id": ID, "nonce": NONCE},
            },
            "epochs": {
                "type": "array",
                "description": "Where each epoch began; the nonce tells it from another epoch of the same number, after a restore.",
                "items": {
                    "type": "object",
                    "required": ["epoch", "first_position"],
                    "properties": {"epoch": epoch, "first_position": epoch, "nonce": NONCE},
                },
            },
            "texts": {
                "type": "array",
                "description": "Texts that these events committed to; only for services, which have the right to see them.",
                "items": {"type": "object", "required": ["id", "erased"]},
            },
            "events": {"type": "array", "items": _event_schema(source, types)},
            "passed": {
                "type": "array",
                "description": "Where `types` were asked for: the page's other events, by which `prev` of each event can be followed.",
                "items": {
                    "type": "object",
                    "required": ["position", "epoch", "id", "prev", "type", "time"],
                    "properties": {
                        "position": epoch,
                        "epoch": epoch,
                        "id": {"type": "string", "format": "uuid"},
                        "prev": ID,
                        "type": {"type": "string"},
                        "time": {"type": "string", "format": "date-time"},
                    },
                },
            },
        },
    }


def _event_schema(source: str, types: Mapping[str, str]) -> dict[str, Any]:
    known = [{"properties": {"type": {"const": type_}, "data": {"$ref": schema}}} for type_, schema in types.items()]
    return {"allOf": [{"$ref": f"{SCHEMAS}/CloudEvent"}, {"properties": {"source": {"const": source}}}, {"anyOf": known}]}
