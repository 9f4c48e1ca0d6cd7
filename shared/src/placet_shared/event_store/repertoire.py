"""Which aggregates and events a service stores, and how an event becomes bytes and comes back."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from placet_shared.aggregates import Aggregate, Event, event_classes, event_from_stored, plain_fields
from placet_shared.event_store.records import NewEvent, RecordedEvent, Statement
from placet_shared.identifiers import new_id

__all__ = ["Repertoire"]

MAX_DATA_BYTES = 65536

Project = Callable[[RecordedEvent], Iterable[Statement]]
Upcast = Callable[[dict[str, Any]], dict[str, Any]]


def no_rows(event: RecordedEvent) -> Iterable[Statement]:
    """The projection of a service that keeps no rows of its own."""
    return ()


class Repertoire:
    """Everything that a store must know about the service it serves.

    `project` gives the rows of the service's own read model that an event leads to; they are written in the append's
    transaction, in position order. `upcasters` bring the fields of an older schema version (type, version) to the next one.
    `commuting` are statements of `project` that neither read nor write any row but that of the event's own versioned stream:
    two commands of one batch never share such a stream, so theirs may go in any order, and together.
    """

    def __init__(
        self,
        source: str,
        aggregates: Sequence[type[Aggregate]],
        project: Project = no_rows,
        upcasters: Mapping[tuple[str, int], Upcast] | None = None,
        commuting: Collection[str] = (),
    ) -> None:
        event_classes(*aggregates)
        self.source = source
        self.project = project
        self.has_rows = project is not no_rows
        self.commuting = frozenset(commuting)
        self._upcasters = upcasters or {}
        self._classes = {aggregate: event_classes(aggregate) for aggregate in aggregates}

    def encode(self, event: Event, subject: str) -> NewEvent:
        """Fix an event's bytes: compact JSON of its own fields in declaration order."""
        return NewEvent(
            id=new_id(),
            stream=event.originator_id,
            version=event.originator_version,
            type=event.TOPIC,
            schema_version=event.SCHEMA_VERSION,
            subject=subject,
            data=fixed_bytes(plain_fields(event)),
        )

    def decode(self, aggregate: type[Aggregate], stream: str, version: int, type_: str, schema: int, at: datetime, data: bytes) -> Event:
        """An event of a stream from its stored form, upcast in memory to the newest schema version."""
        event_class = self._classes[aggregate][type_]
        values: dict[str, Any] = orjson.loads(data)
        while schema < event_class.SCHEMA_VERSION:
            values = self._upcasters[type_, schema](values)
            schema += 1
        return event_from_stored(event_class, aggregate, stream, version, at, values)


def fixed_bytes(values: Any) -> bytes:
    """The JSON bytes that are stored, hashed and published for ever."""
    data = orjson.dumps(values)
    if len(data) > MAX_DATA_BYTES:
        raise ValueError(f"an event's data is at most {MAX_DATA_BYTES} bytes, not {len(data)}: larger things are blobs")
    return data
