"""Which aggregates and events a service stores, and how an event becomes bytes and comes back."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from msgspec.structs import replace

from placet_shared.aggregates import Aggregate, Event, event_classes, event_from_stored, plain_fields
from placet_shared.event_store.records import NewEvent, RecordedEvent, Statement
from placet_shared.identifiers import new_id

__all__ = ["EventRegistry", "Part", "Project", "Rows", "projection_of"]

MAX_DATA_BYTES = 65536

Project = Callable[[RecordedEvent], Iterable[Statement]]
"""The statements that bring a read model from just before an event to just after it; none for events about other things."""

Rows = Mapping[str, Project]
"""The same for each type of event that leads to any."""

Upcast = Callable[[dict[str, Any]], dict[str, Any]]


def no_rows(event: RecordedEvent) -> Iterable[Statement]:
    """The projection of a service that keeps no rows of its own."""
    return ()


@dataclass(frozen=True, slots=True)
class Part:
    """Some tables of a read model and the rows in them; no other part touches these tables, so that they can be built anew alone."""

    tables: Sequence[str]
    rows: Rows


def projection_of(*parts: Part) -> Project:
    """The statements of all parts for an event."""
    rows = {type_: rows_of for part in parts for type_, rows_of in part.rows.items()}

    def project(event: RecordedEvent) -> Iterable[Statement]:
        rows_of = rows.get(event.type)
        return rows_of(event) if rows_of else ()

    return project


class EventRegistry:
    """The event types of a service and how its store projects them.

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
        self._newest = {type_: event.SCHEMA_VERSION for classes in self._classes.values() for type_, event in classes.items()}

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
        values = self._upcast(type_, schema, orjson.loads(data))
        return event_from_stored(self._classes[aggregate][type_], aggregate, stream, version, at, values)

    def newest(self, event: RecordedEvent) -> RecordedEvent:
        """An event of this service as `project` knows it: upcast in memory to the newest schema version."""
        newest = self._newest.get(event.type, event.schema_version)
        if event.schema_version >= newest:
            return event
        data = orjson.dumps(self._upcast(event.type, event.schema_version, dict(event.fields)))
        return replace(event, schema_version=newest, data=data)

    def _upcast(self, type_: str, schema: int, values: dict[str, Any]) -> dict[str, Any]:
        for version in range(schema, self._newest[type_]):
            values = self._upcasters[type_, version](values)
        return values


def fixed_bytes(values: Any) -> bytes:
    """The JSON bytes that are stored, hashed and published for ever."""
    data = orjson.dumps(values)
    if len(data) > MAX_DATA_BYTES:
        raise ValueError(f"an event's data is at most {MAX_DATA_BYTES} bytes, not {len(data)}: larger things are blobs")
    return data
