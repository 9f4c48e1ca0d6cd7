"""An event as it travels: a CloudEvent 1.0 in JSON, whose `data` are the stored bytes, spliced in unchanged (rule 2)."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import orjson
from msgspec import Meta

from placet_shared.errors import Malformed
from placet_shared.event_store.records import RecordedEvent

__all__ = [
    "EVENT_TYPE_PREFIX",
    "CloudEvent",
    "attributes",
    "data_sha256",
    "decode",
    "encode",
    "events_sha256",
    "from_parts",
    "from_row",
    "time_text",
]

EVENT_TYPE_PREFIX = "placet."

# What the columns of `events` hold, so that nothing else gets further than this file: an epoch below 1 or a text with a NUL would
# otherwise fail where the error can no longer name the cause. Lengths are characters, as PostgreSQL's `length` counts them.
LARGEST_INTEGER, LARGEST_BIGINT, LARGEST_SMALLINT = 2**31 - 1, 2**63 - 1, 2**15 - 1
MOST_DATA_BYTES = 65_536
LONGEST_TYPE = 100
WITHOUT_NUL = r"\A[^\0]*\Z"

Integer = Annotated[int, Meta(ge=1, le=LARGEST_INTEGER)]
Bigint = Annotated[int, Meta(ge=1, le=LARGEST_BIGINT)]
Uuid = Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]
Sha256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Time = Annotated[str, Meta(max_length=40)]
Text200 = Annotated[str, Meta(min_length=1, max_length=200, pattern=WITHOUT_NUL)]
Text300 = Annotated[str, Meta(min_length=1, max_length=300, pattern=WITHOUT_NUL)]


class CloudEvent(msgspec.Struct, frozen=True):
    """The members that a Placet event has (CloudEvents 1.0.2, extension names in lower case), within the bounds of their columns."""

    specversion: Annotated[str, Meta(max_length=10)]
    id: Uuid
    source: Text200
    type: Text200
    subject: Text300
    time: Time
    epoch: Integer
    position: Bigint
    stream: Text300
    actor: Text200
    correlation: Text200
    datasha256: Sha256
    data: msgspec.Raw
    prev: Uuid | None = None
    streamversion: Integer | None = None
    onbehalfof: Text300 | None = None
    causation: Text300 | None = None
    traceparent: Text300 | None = None
    occurredat: Time | None = None
    datacontenttype: Annotated[str, Meta(max_length=100)] = "application/json"


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


def events_sha256(events: Iterable[RecordedEvent]) -> str:
    """Hex SHA-256 over these events one after the other: of each its attributes as canonical JSON, then the bytes of its `data`.

    The attributes are all members of the CloudEvent but `data`, `datasha256` among them, as RFC 8785 writes an object: sorted by name,
    without blanks, in UTF-8. Nothing stands between the parts; each is a JSON value and so tells where it ends.
    """
    digest = hashlib.sha256()
    for event in events:
        digest.update(orjson.dumps(attributes(event), option=orjson.OPT_SORT_KEYS))
        digest.update(event.data)
    return digest.hexdigest()


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
        values = {name: _number(text) if name in NUMBERS else text for name, text in members.items()}
        event = msgspec.convert({**values, "data": msgspec.Raw(b"")}, CloudEvent)
    except (msgspec.MsgspecError, ValueError) as error:
        raise _malformed(error) from error
    return _recorded(event, data)


def _number(text: str) -> int:
    """Digits alone: `int` also reads signs, blanks, underscores, other scripts, and texts of any length."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 19):
        raise ValueError(f"{text[:40]!r} is no number of at most 19 digits")
    return int(text)


def _malformed(error: Exception) -> Malformed:
    return Malformed(f"this is no Placet event: {error}", code="malformed_event")


def _recorded(event: CloudEvent, data: bytes) -> RecordedEvent:
    try:
        if len(data) > MOST_DATA_BYTES:
            raise ValueError(f"data of {len(data)} bytes; {MOST_DATA_BYTES} are the most")
        if (event.position == 1) != (event.prev is None):
            raise ValueError("the first event of a source, and no other, has no `prev`")
        type_, version = _type_of(event.type)
        recorded_at = _time(event.time)
        occurred_at = _time(event.occurredat) if event.occurredat else None
    except (ValueError, OverflowError) as error:
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
    if not (text.startswith(EVENT_TYPE_PREFIX) and 1 <= len(name) <= LONGEST_TYPE and 1 <= _number(version) <= LARGEST_SMALLINT):
        raise ValueError(f"type {text!r} is not placet.<Name>.v<number>")
    return name, int(version)


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return at.astimezone(UTC)
