"""An event store without a database: units of work, repeated decisions, keys and refusals are the real store's, only the tables are lists.

It is held to the contract suite of the real one (`shared/tests/event_store/contract`). A read model is SQL, so it has none: rows that
would be written are kept as statements, and a test says what a use case's own reads find.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import asyncpg
from opentelemetry import trace

from placet_shared.event_store.event_registry import MAX_DATA_BYTES, EventRegistry
from placet_shared.event_store.loader import Loaded, Loader, StoredAnswer, StoredEvent
from placet_shared.event_store.records import (
    Append,
    AppendResult,
    Committed,
    Epoch,
    Metadata,
    NewEvent,
    Position,
    RecordedEvent,
    Statement,
    Text,
)
from placet_shared.event_store.store import Check, EventStore
from placet_shared.event_store.writer import Writer

__all__ = ["MemoryEventStore", "MemoryTables", "Reads"]

KEYS_LAST = timedelta(hours=24)
LONGEST = {"stream": 300, "type": 100, "subject": 300}

Reads = Mapping[str, Callable[..., Sequence[Mapping[str, Any]]]]
"""The rows that a query of a use case finds, by its SQL."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class MemoryTables:
    """What the database holds for all processes of a service; several stores may share it."""

    source: str
    clock: Callable[[], datetime] = _now
    events: list[RecordedEvent] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)
    _streams: defaultdict[str, list[RecordedEvent]] = field(default_factory=lambda: defaultdict(list))
    _answers: dict[tuple[str, str], tuple[datetime, StoredAnswer]] = field(default_factory=dict)
    _ids: set[str] = field(default_factory=set)
    _restarted: bool = True

    def restart_server(self) -> None:
        """The next append opens an epoch."""
        self._restarted = True

    def version(self, stream: str) -> int:
        """The newest version of a stream; 0 for one that has none."""
        events = self._streams.get(stream)
        return (events[-1].version or 0) if events else 0

    def since(self, stream: str, version: int) -> Sequence[StoredEvent]:
        """A stream's events from a version on, that version's without its bytes."""
        return [_stored(event, version) for event in self._streams.get(stream, ()) if event.version and event.version >= version]

    def answer(self, actor: str, key: str) -> StoredAnswer | None:
        """What a key was answered within the last 24 hours."""
        at, stored = self._answers.get((actor, key), (None, None))
        return stored if at and at > self.clock() - KEYS_LAST else None

    def append(self, event_registry: EventRegistry, append: Append) -> AppendResult:
        """One command, all or nothing: raises what its values or its projection are to blame for."""
        epoch = self._current_epoch()
        key = append.request_key
        if key and (stored := self.answer(append.metadata.actor, key.key)):
            position = stored.committed.position
            return AppendResult(
                "answered",
                epoch.epoch,
                last_position=position.position if position else None,
                stored_hash=stored.hash,
                stored=stored.committed,
            )
        if any(self.version(stream) != seen for stream, seen in (*append.expected.items(), *append.checks.items())):
            return AppendResult("conflict", epoch.epoch)
        at = max(self.clock(), self.events[-1].recorded_at) if self.events else self.clock()
        recorded = self._recorded(append, epoch, at)
        statements = [row for event in recorded for row in event_registry.project(event)]
        self._keep(append, epoch, recorded)
        self.statements += [*statements, *append.statements]
        first, last = recorded[0].position, recorded[-1].position
        return AppendResult("appended", epoch.epoch, epoch.nonce, first, last, at)

    def _current_epoch(self) -> Epoch:
        if not self._restarted:
            return self.epochs[-1]
        return Epoch(len(self.epochs) + 1, len(self.events) + 1, secrets.token_hex(8))

    def _recorded(self, append: Append, epoch: Epoch, at: datetime) -> list[RecordedEvent]:
        recorded: list[RecordedEvent] = []
        for event in append.events:
            before = recorded[-1] if recorded else (self.events[-1] if self.events else None)
            position = before.position + 1 if before else 1
            recorded.append(_recorded(self.source, append.metadata, event, epoch.epoch, position, before.id if before else None, at))
            _refuse_out_of_bounds(recorded[-1])
        places = [(event.stream, event.version) for event in recorded if event.version]
        doubled = len({*places}) < len(places) or any(version <= self.version(stream) for stream, version in places)
        if doubled or not self._ids.isdisjoint(event.id for event in recorded):
            raise ValueError("an event with this id or at this version of its stream is there")
        return recorded

    def _keep(self, append: Append, epoch: Epoch, recorded: Sequence[RecordedEvent]) -> None:
        if self._restarted:
            self.epochs.append(epoch)
            self._restarted = False
        for event in recorded:
            self.events.append(event)
            self._streams[event.stream].append(event)
            self._ids.add(event.id)
        self.texts += append.texts
        if key := append.request_key:
            last = recorded[-1]
            position = Position(self.source, epoch.epoch, last.position, last.id, epoch.nonce)
            committed = Committed(append.status, append.body, append.etag, append.location, position, replayed=True)
            self._answers[append.metadata.actor, key.key] = (last.recorded_at, StoredAnswer(key.hash, committed))


def _recorded(source: str, metadata: Metadata, event: NewEvent, epoch: int, position: int, prev: str | None, at: datetime) -> RecordedEvent:
    return RecordedEvent(
        source, epoch, position, event.id, prev, event.stream, event.version, event.type, event.schema_version, event.subject,
        metadata.actor, metadata.on_behalf_of, metadata.correlation, metadata.causation, metadata.traceparent, metadata.occurred_at,
        at, event.data,
    )  # fmt: skip


def _stored(event: RecordedEvent, known: int) -> StoredEvent:
    """As loading gives it: without its bytes where its version is known already."""
    assert event.version
    data = event.data if event.version > known else b""
    return StoredEvent(event.type, event.version, event.schema_version, event.recorded_at, data, UUID(event.id))


def _refuse_out_of_bounds(event: RecordedEvent) -> None:
    """As the columns do it."""
    for name, longest in LONGEST.items():
        if not 1 <= len(getattr(event, name)) <= longest:
            raise ValueError(f"an event's {name} has 1 to {longest} characters, not {len(getattr(event, name))}")
    if len(event.data) > MAX_DATA_BYTES:
        raise ValueError(f"an event's data is at most {MAX_DATA_BYTES} bytes, not {len(event.data)}")


async def _no_connection() -> asyncpg.Connection:
    raise AssertionError("an in-memory store has no database")


class _MemoryLoader(Loader):
    def __init__(self, tables: MemoryTables) -> None:
        super().__init__(_no_connection, tables.source)
        self._tables = tables

    async def start(self) -> None:
        """Nothing is connected."""

    async def load(self, streams: Mapping[str, int], key: tuple[str, str] | None = None) -> Loaded:
        """As the loader's; other commands have their turn meanwhile."""
        await asyncio.sleep(0)
        answer = self._tables.answer(*key) if key else None
        return Loaded({stream: self._tables.since(stream, known) for stream, known in streams.items()}, answer, self._tables.clock())


class _MemoryWriter(Writer):
    def __init__(self, tables: MemoryTables, event_registry: EventRegistry) -> None:
        super().__init__(_no_connection, event_registry)
        self._tables = tables
        self._registry = event_registry

    async def start(self) -> None:
        """Nothing is connected."""

    async def append(self, append: Append) -> AppendResult:
        """As the writer's; other commands have their turn meanwhile."""
        await asyncio.sleep(0)
        trace.get_current_span().set_attribute("placet.batch.size", 1)
        return self._tables.append(self._registry, append)


class _ReadModel:
    """Stands for the pool of connections: answers what the test foresees, and fails for any other query."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    async def fetch(self, sql: str, *args: Any) -> Sequence[Mapping[str, Any]]:
        if sql not in self._reads:
            raise AssertionError(f"this test's store has no read model that answers: {sql}")
        return self._reads[sql](*args)


class MemoryEventStore(EventStore):
    """One process's store on such tables; it needs neither `start` nor `close`, and both may be called."""

    def __init__(self, event_registry: EventRegistry, tables: MemoryTables | None = None, reads: Reads | None = None) -> None:
        super().__init__("", event_registry.source, event_registry)
        self.tables = tables or MemoryTables(event_registry.source)
        self.loader = _MemoryLoader(self.tables)
        self.writer = _MemoryWriter(self.tables, event_registry)
        self._read_model = _ReadModel(reads or {})

    async def start(self, check: Check | None = None) -> None:
        """Nothing is connected, and there is no database to check."""

    @property
    def pool(self) -> asyncpg.Pool:
        """What use cases read with."""
        return cast(asyncpg.Pool, self._read_model)
