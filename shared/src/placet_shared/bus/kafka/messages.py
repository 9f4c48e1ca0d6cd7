"""An event as a Kafka message: the CloudEvents Kafka protocol binding 1.0.2 in binary mode, the value exactly the stored bytes."""

from collections.abc import Sequence
from typing import NamedTuple

from placet_shared.bus.envelope import attributes, from_parts
from placet_shared.errors import Malformed
from placet_shared.event_store.records import RecordedEvent

__all__ = ["Headers", "Message", "decode", "encode"]

PREFIX = "ce_"
CONTENT_TYPE = "content-type"

Headers = Sequence[tuple[str, bytes]]


class Message(NamedTuple):
    """What goes into a topic; the key is the subject."""

    key: bytes
    value: bytes
    headers: Headers


def encode(event: RecordedEvent) -> Message:
    """Every attribute as a header of its own."""
    members = attributes(event)
    content_type = members.pop("datacontenttype")
    headers = [(CONTENT_TYPE, content_type.encode()), *[(PREFIX + name, str(value).encode()) for name, value in members.items()]]
    return Message(event.subject.encode(), event.data, headers)


def decode(headers: Sequence[tuple[str, bytes | None]], value: bytes | None) -> RecordedEvent:
    """The event, its bytes checked against their digest; raises `Malformed` for what is none."""
    try:
        members = {name.removeprefix(PREFIX): (text or b"").decode() for name, text in headers if name.startswith(PREFIX)}
    except UnicodeDecodeError as error:
        raise Malformed(f"this is no Placet event: {error}", code="malformed_event") from error
    return from_parts(members, value or b"")
