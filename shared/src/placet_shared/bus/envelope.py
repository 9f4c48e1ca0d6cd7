"""An event as it travels: a CloudEvent 1.0 in JSON, whose `data` are the stored bytes, spliced in unchanged (rule 2)."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson

from placet_shared.errors import Malformed
from placet_shared.event_store.records import RecordedEvent

__all__ = [
    "EVENT_TYPE_PREFIX",
    "CloudEvent",
    "attributes",
    "data_sha256",
    "decode",
    "encode",
    "from_parts",
    "from_row",
    "time_text",
]

EVENT_TYPE_PREFIX = "placet."


class CloudEvent(msgspec.Struct, frozen=True):
    """The members that a Placet event has (CloudEvents 1.0.2, extension names in lower case)."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    epoch: int
    position: int
    stream: str
    actor: str
    correlation: str
    datasha256: str
    data: msgspec.Raw
    prev: str | None = None
    streamversion: int | None = None
    onbehalfof: str | None = None
    causation: str | None = None
    traceparent: str | None = None
    occurredat: str | None = None
    datacontenttype: str = "application/json"


_decoder = msgspec.json.Decoder(CloudEvent)
NUMBERS = frozenset({"epoch", "position", "streamversion"})


def time_text(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def data_sha256(data: bytes) -> str:
    """Hex digest of an event's fixed bytes."""
    return hashlib.sha256(data).hexdigest()


def attributes(event: RecordedEvent) -> dict[str, Any]:
    """All members but `data`; those without a value are left out."""
    members = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": f"{EVENT_TYPE_PREFIX}{event.type}.v{event.schema_version}",
        "subject": event.subject,
        "time": time_text(event.recorded_at),
        "datacontenttype": "application/json",
        "epoch": event.epoch,
        "position": event.position,
        "prev": event.prev,
        "stream": event.stream,
        "streamversion": event.version,
        "actor": event.actor,
        "onbehalfof": event.on_behalf_of,
        "correlation": event.correlation,
        "causation": event.causation,
        "traceparent": event.traceparent,
        "occurredat": time_text(event.occurred_at) if event.occurred_at else None,
        "datasha256": data_sha256(event.data),
    }
    return {name: value for name, value in members.items() if value is not None}


def encode(event: RecordedEvent) -> bytes:
    """The CloudEvent; `data` is the last member and holds exactly the stored bytes."""
    return orjson.dumps(attributes(event))[:-1] + b',"data":' + event.data + b"}"


def decode(raw: bytes | msgspec.Raw) -> RecordedEvent:
    """The event, its bytes checked against their digest; raises `Malformed`."""
    try:
        event = _decoder.decode(raw)
    except msgspec.MsgspecError as error:
        raise _malformed(error) from error
    return _recorded(event, bytes(event.data))


def from_parts(members: Mapping[str, str], data: bytes) -> RecordedEvent:
    """The event from its attributes as texts and its bytes, which are checked against their digest; raises `Malformed`."""
    try:
        values = {name: int(text) if name in NUMBERS else text for name, text in members.items()}
        event = msgspec.convert({**values, "data": msgspec.Raw(b"")}, CloudEvent)
    except (msgspec.MsgspecError, ValueError) as error:
        raise _malformed(error) from error
    return _recorded(event, data)


def _malformed(error: Exception) -> Malformed:
    return Malformed(f"this is no Placet event: {error}", code="malformed_event")


def _recorded(event: CloudEvent, data: bytes) -> RecordedEvent:
    try:
        type_, version = _type_of(event.type)
        recorded_at = datetime.fromisoformat(event.time)
        occurred_at = datetime.fromisoformat(event.occurredat) if event.occurredat else None
    except ValueError as error:
        raise _malformed(error) from error
    if data_sha256(data) != event.datasha256:
        raise Malformed(f"the data of event {event.id} do not have the digest that it names", code="digest_mismatch")
    return RecordedEvent(
        source=event.source,
        epoch=event.epoch,
        position=event.position,
        id=event.id,
        prev=event.prev,
        stream=event.stream,
        version=event.streamversion,
        type=type_,
        schema_version=version,
        subject=event.subject,
        actor=event.actor,
        on_behalf_of=event.onbehalfof,
        correlation=event.correlation,
        causation=event.causation,
        traceparent=event.traceparent,
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        data=data,
    )


def from_row(source: str, row: Mapping[str, Any]) -> RecordedEvent:
    """An event from a row of an `events` table."""
    return RecordedEvent(
        source=source,
        epoch=row["epoch"],
        position=row["position"],
        id=str(row["id"]),
        prev=str(row["prev"]) if row["prev"] else None,
        stream=row["stream"],
        version=row["version"],
        type=row["type"],
        schema_version=row["schema_version"],
        subject=row["subject"],
        actor=row["actor"],
        on_behalf_of=row["on_behalf_of"],
        correlation=row["correlation"],
        causation=row["causation"],
        traceparent=row["traceparent"],
        occurred_at=row["occurred_at"],
        recorded_at=row["recorded_at"],
        data=row["data"],
    )


def _type_of(text: str) -> tuple[str, int]:
    name, _, version = text.removeprefix(EVENT_TYPE_PREFIX).rpartition(".v")
    if not (text.startswith(EVENT_TYPE_PREFIX) and name and version.isdecimal()):
        raise ValueError(f"type {text!r} is not placet.<Name>.v<number>")
    return name, int(version)
