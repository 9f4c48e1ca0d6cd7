"""What goes into the event store and what comes out: plain frozen values, no behaviour but parsing.

Structs of msgspec, since a command makes a dozen of them: they are made several times as fast as frozen dataclasses.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, Self

import msgspec
import orjson

from placet_shared.errors import Malformed

__all__ = [
    "Answer",
    "Append",
    "Committed",
    "Epoch",
    "Metadata",
    "NewEvent",
    "Position",
    "RecordedEvent",
    "RequestKey",
    "Statement",
    "Text",
]


_WRITTEN = re.compile(r"([a-z]+):([0-9]{1,19}):([0-9]{1,19})(?::([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?::([0-9a-f]{16}))?)?")


class Epoch(msgspec.Struct, frozen=True):
    """A stretch of one source's history: it begins with an event, and its nonce tells it from another one of the same number."""

    epoch: int
    first_position: int
    nonce: str | None = None


class Position(msgspec.Struct, frozen=True):
    """A place in one source's history and which event stands there: `registry:1:123:<event id>:<nonce of the epoch>`.

    Written in short `registry:1:123`, as it was before there were ids in it: then it names a number, and not which history it means.
    """

    source: str
    epoch: int
    position: int
    event_id: str | None = None
    nonce: str | None = None

    def __str__(self) -> str:
        return ":".join(part for part in (self.place, self.event_id, self.nonce) if part)

    @property
    def place(self) -> str:
        """In short."""
        return f"{self.source}:{self.epoch}:{self.position}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read either way of writing; raises `Malformed`."""
        written = _WRITTEN.fullmatch(text.strip())
        if written is None or int(written[2]) >= 2**31 or int(written[3]) >= 2**63:
            raise Malformed(f"{text[:80]!r} is no position; one looks like registry:1:123", code="malformed_position")
        return cls(written[1], int(written[2]), int(written[3]), written[4], written[5])


class Metadata(msgspec.Struct, frozen=True):
    """The actor and the context of a command; becomes envelope columns of each of its events."""

    actor: str
    correlation: str
    on_behalf_of: str | None = None
    causation: str | None = None
    traceparent: str | None = None
    occurred_at: datetime | None = None


class RequestKey(msgspec.Struct, frozen=True):
    """An `Idempotency-Key` and the SHA-256 of what it came with (rule 15)."""

    key: str
    hash: bytes


class Statement(msgspec.Struct, frozen=True):
    """One SQL statement with its arguments, executed in the append's transaction."""

    sql: str
    args: Sequence[Any]


class Text(msgspec.Struct, frozen=True):
    """A free text and the salt under which an event commits to it."""

    id: str
    kind: str
    subject: str
    author: str
    salt: bytes
    body: str


class Answer(msgspec.Struct, frozen=True):
    """What an API made of a use case's result, kept under the idempotency key: HTTP status, a JSON-encodable body of ids and facts
    (never texts), the resource's version."""

    status: int
    body: Any
    etag: int | None = None
    location: str | None = None


class Committed(msgspec.Struct, frozen=True):
    """An answer whose effects are durable; `replayed` when an earlier command with the same key had them."""

    status: int
    body: bytes
    etag: int | None = None
    location: str | None = None
    position: Position | None = None
    replayed: bool = False

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return orjson.loads(self.body)


class NewEvent(msgspec.Struct, frozen=True):
    """An event that was decided and waits for its position; `version` is None on any-version streams."""

    id: str
    stream: str
    version: int | None
    type: str
    schema_version: int
    subject: str
    data: bytes


class Append(msgspec.Struct, frozen=True):
    """One command's effects, all or nothing.

    `expected` names the version of each stream before the command, for streams it writes; `checks` the same for streams it only read.
    """

    metadata: Metadata
    events: Sequence[NewEvent]
    expected: Mapping[str, int] = msgspec.field(default_factory=dict)
    checks: Mapping[str, int] = msgspec.field(default_factory=dict)
    texts: Sequence[Text] = ()
    statements: Sequence[Statement] = ()
    request_key: RequestKey | None = None
    status: int = 200
    body: bytes = b""
    etag: int | None = None
    location: str | None = None


class AppendResult(msgspec.Struct, frozen=True):
    """The result of one command of a batch; `nonce` is its epoch's."""

    outcome: Literal["appended", "conflict", "answered"]
    epoch: int
    nonce: str | None = None
    first_position: int | None = None
    last_position: int | None = None
    recorded_at: datetime | None = None
    stored_hash: bytes | None = None
    stored: Committed | None = None


class RecordedEvent(msgspec.Struct, frozen=True, dict=True):
    """An event as it stands in a store: every envelope column and the bytes that were fixed when it was appended."""

    source: str
    epoch: int
    position: int
    id: str
    prev: str | None
    stream: str
    version: int | None
    type: str
    schema_version: int
    subject: str
    actor: str
    on_behalf_of: str | None
    correlation: str
    causation: str | None
    traceparent: str | None
    occurred_at: datetime | None
    recorded_at: datetime
    data: bytes

    @cached_property
    def fields(self) -> dict[str, Any]:
        """The parsed `data`."""
        parsed: dict[str, Any] = orjson.loads(self.data)
        return parsed
