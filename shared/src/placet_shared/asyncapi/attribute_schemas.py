"""An event's attributes as JSON schemas: as headers of a Kafka message, and as members of a CloudEvent in JSON.

CloudEvents 1.0.2; Kafka protocol binding for CloudEvents 1.0.2, section 3.2 (binary content mode): header names have the prefix
`ce_`, `datacontenttype` is `content-type`, and every value is text.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from placet_shared.bus.envelope import CloudEvent

__all__ = ["ATTRIBUTES", "envelope_schema", "header_name", "header_schema"]

Schema = dict[str, Any]

UUID: Final = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
COUNTED: Final = "^[1-9][0-9]*$"

ATTRIBUTES: Final[Mapping[str, Schema]] = {
    "specversion": {"type": "string", "const": "1.0"},
    "id": {"type": "string", "pattern": UUID, "description": "UUIDv7, given when it was decided."},
    "source": {"type": "string", "description": "The service that publishes it."},
    "type": {"type": "string", "pattern": r"^placet\.[A-Za-z]+\.v[1-9][0-9]*$", "description": "What happened, and which form says so."},
    "subject": {"type": "string", "minLength": 1, "description": "What it is about: the model, for every event that concerns one."},
    "time": {"type": "string", "format": "date-time", "description": "When it was appended; never earlier than the event before it."},
    "datacontenttype": {"type": "string", "const": "application/json"},
    "epoch": {"type": "integer", "minimum": 1, "description": "Counts how often the source was restored or failed over, from 1."},
    "position": {"type": "integer", "minimum": 1, "description": "Its place in its source: 1, 2, 3, without gaps."},
    "prev": {"type": "string", "pattern": UUID, "description": "Id of the event at the position before; the first has none."},
    "stream": {"type": "string", "minLength": 1, "description": "The aggregate that it belongs to."},
    "streamversion": {"type": "integer", "minimum": 1, "description": "Its place there; actions and refusals have none."},
    "actor": {"type": "string", "minLength": 1, "description": "The actor: an opaque id, or `system:` and the service."},
    "onbehalfof": {"type": "string", "minLength": 1, "description": "The person or account for which a system acted."},
    "correlation": {"type": "string", "pattern": UUID, "description": "The same on everything that one request or run led to."},
    "causation": {"type": "string", "pattern": UUID, "description": "Id of the event that led to it."},
    "traceparent": {
        "type": "string",
        "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
        "description": "W3C trace context.",
    },
    "occurredat": {"type": "string", "format": "date-time", "description": "When it happened, where the actor claims a time."},
    "datasha256": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the bytes of `data`, in hex."},
}

REQUIRED: Final = {"datacontenttype", *(field.name for field in msgspec.structs.fields(CloudEvent) if field.required)}


def envelope_schema() -> Schema:
    """A CloudEvent in JSON but for its `data`."""
    return {
        "type": "object",
        "description": "A CloudEvent 1.0 in JSON. An attribute without a value is left out; `data` is the last member.",
        "required": [name for name in (*ATTRIBUTES, "data") if name in REQUIRED],
        "properties": {name: dict(schema) for name, schema in ATTRIBUTES.items()},
    }


def header_schema() -> Schema:
    """The headers of a Kafka message."""
    return {
        "type": "object",
        "description": "The attributes of a CloudEvent 1.0 in Kafka's binary mode. One without a value is left out.",
        "required": [header_name(name) for name in ATTRIBUTES if name in REQUIRED],
        "properties": {header_name(name): _as_text(schema) for name, schema in ATTRIBUTES.items()},
    }


def header_name(attribute: str) -> str:
    """Of the Kafka header that carries a CloudEvents attribute."""
    return "content-type" if attribute == "datacontenttype" else f"ce_{attribute}"


def _as_text(schema: Schema) -> Schema:
    if schema["type"] != "integer":
        return dict(schema)
    return {"type": "string", "pattern": COUNTED, "description": schema["description"]}
