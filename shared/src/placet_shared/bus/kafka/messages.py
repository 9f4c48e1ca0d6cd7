"""An event as a Kafka message: the CloudEvents Kafka protocol binding 1.0.2 in binary mode, the value exactly the stored bytes."""

from collections.abc import Sequence
from typing import NamedTuple

from placet_shared.bus.envelope import attributes, from_parts
from placet_shared.errors import Malformed
from placet_shared.event_store.records import RecordedEvent

__all__ = ["Headers", "Message", "decode", "encode"]

PREFIX = "ce_"
CONTENT_TYPE = "content-type"

# An event has at most 20 headers, the longest 300 characters of at most four bytes; what a later release adds has room.
MOST_HEADERS = 64
LONGEST_NAME = 100
LONGEST_HEADER = 2_000

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
    """The event, its bytes checked against their digest; raises `Malformed` for what is none.

    Number and lengths come first, then UTF-8, then the bounds of the columns (`envelope`), and the digest last.
    """
    if len(headers) > MOST_HEADERS:
        raise _malformed(f"it has {len(headers)} headers; {MOST_HEADERS} are the most")
    if any(len(name) > LONGEST_NAME or len(text or b"") > LONGEST_HEADER for name, text in headers):
        raise _malformed(f"a header is longer than {LONGEST_HEADER} bytes, or its name than {LONGEST_NAME} characters")
    try:
        members = {name.removeprefix(PREFIX): (text or b"").decode() for name, text in headers if name.startswith(PREFIX)}
    except UnicodeDecodeError as error:
        raise _malformed(str(error)) from error
    return from_parts(members, value or b"")


def _malformed(why: str) -> Malformed:
    return Malformed(f"this is no Placet event: {why}", code="malformed_event")
