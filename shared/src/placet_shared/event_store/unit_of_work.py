"""The unit of work of one command: what it read, what it decided, and nothing that touches the database but loads.

A use case is a plain async function `verb(command, uow, *ports) -> result` that knows no status, path or header; `result` is a frozen
value. It may run more than once: when another command changed a stream that it read, it is run again on the new state. So it must
have no effects but through the unit of work.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar, TypeVarTuple, cast

import asyncpg
import orjson
from msgspec.structs import replace

from placet_shared.aggregates import Aggregate, stream_name
from placet_shared.errors import NotFound, PreconditionFailed
from placet_shared.event_store.aggregate_cache import AggregateCache, CachedAggregate
from placet_shared.event_store.event_registry import EventRegistry, fixed_bytes
from placet_shared.event_store.loader import Loaded, Loader, StoredAnswer, StoredEvent
from placet_shared.event_store.records import Answer, Append, Metadata, NewEvent, RequestKey, Statement, Text
from placet_shared.event_store.stream_locks import Contended
from placet_shared.event_store.texts import commitment, new_text
from placet_shared.identifiers import new_id

__all__ = ["AnsweredBefore", "Handler", "UnitOfWork", "UseCase"]

A = TypeVar("A", bound=Aggregate)
C = TypeVar("C")
R = TypeVar("R")
Ports = TypeVarTuple("Ports")


class Acting(Protocol):
    """The actor of a command; `placet_shared.access.Actor` is the whole of it."""

    @property
    def id(self) -> str:
        """An opaque id."""


class AnsweredBefore(Exception):
    """Control flow: the key of this command has an answer already."""

    def __init__(self, stored: StoredAnswer) -> None:
        super().__init__("answered before")
        self.stored = stored


_Read = tuple[CachedAggregate | None, Sequence[StoredEvent]]


class UnitOfWork:
    """Collects one command's reads and effects; `EventStore.run` makes it and appends what it holds."""

    def __init__(
        self,
        loader: Loader,
        cache: AggregateCache,
        event_registry: EventRegistry,
        pool: asyncpg.Pool,
        metadata: Metadata,
        actor: Any,
        request_key: RequestKey | None = None,
        if_match: int | None = None,
        is_hot: Callable[[str], bool] = lambda stream: False,
    ) -> None:
        self.actor = actor
        self.metadata = metadata
        self.subject: str | None = None
        self._loader = loader
        self._cache = cache
        self._event_registry = event_registry
        self._pool = pool
        self._request_key = request_key
        self._if_match = if_match
        self._is_hot = is_hot
        self._decided_at: datetime | None = None
        self._versions: dict[str, int] = {}
        self._written: dict[str, int] = {}
        self._events: list[NewEvent] = []
        self._seen: dict[str, CachedAggregate] = {}
        self._preloaded: dict[str, _Read] = {}
        self._texts: list[Text] = []
        self._statements: list[Statement] = []

    async def now(self) -> datetime:
        """The database's time at which this command is decided."""
        if self._decided_at is None:
            await self._load({})
        assert self._decided_at is not None
        return self._decided_at

    async def preload(self, *wanted: tuple[type[Aggregate], str]) -> None:
        """Read aggregates of several kinds by one statement; `load` then gives them without another. Relies on none of them by itself."""
        streams = dict.fromkeys(stream_name(aggregate.CATEGORY, key) for aggregate, key in wanted)
        self._preloaded |= await self._read([stream for stream in streams if stream not in self._preloaded])

    async def load(self, aggregate: type[A], key: str, *, check: bool = True) -> A | None:
        """An aggregate, or None; unless `check` is off the append relies on its being unchanged."""
        return (await self.load_many(aggregate, [key], check=check))[0]

    async def get(self, aggregate: type[A], key: str, *, what: str, check: bool = True) -> A:
        """An aggregate; raises `NotFound` with code `<what>_not_found`."""
        found = await self.load(aggregate, key, check=check)
        if found is None:
            raise NotFound(f"There is no {what} {key}.", code=f"{what.replace(' ', '_')}_not_found")
        return found

    async def load_many(self, aggregate: type[A], keys: Sequence[str], *, check: bool = True) -> list[A | None]:
        """Several aggregates of one kind, in the order of `keys`."""
        streams = [stream_name(aggregate.CATEGORY, key) for key in keys]
        if check and (hot := next(filter(self._is_hot, streams), None)):
            raise Contended(hot)
        read = {stream: self._preloaded.pop(stream) for stream in {*streams} if stream in self._preloaded}
        read |= await self._read([stream for stream in streams if stream not in read])
        found: dict[str, A | None] = {}
        for stream, (known, stored) in read.items():
            if check:
                self._versions.setdefault(stream, stored[-1].version if stored else 0)
            found[stream] = self._rebuilt(aggregate, stream, known, stored)
        return [found[stream] for stream in streams]

    def expect(self, aggregate: Aggregate) -> None:
        """Hold the command to its `If-Match`; raises `PreconditionFailed`."""
        if self._if_match is not None and self._if_match != aggregate.version:
            raise PreconditionFailed(
                f"This is version {aggregate.version} now, not {self._if_match}.",
                resolve="Read it again, and repeat the request with the ETag you get.",
                current=aggregate.version,
            )

    def about(self, subject: str) -> None:
        """Say what the command is about, so that a refusal is found under it."""
        self.subject = subject

    def acts_for(self, person: str) -> None:
        """Say in whose place the actor acts; it stands in the envelope of every event of the command."""
        self.metadata = replace(self.metadata, on_behalf_of=person)

    def save(self, aggregate: Aggregate, *, subject: str) -> None:
        """Append the aggregate's pending events, all or nothing with everything else saved."""
        self.subject = subject
        events = [self._event_registry.encode(event, subject) for event in aggregate.collect_events()]  # type: ignore[arg-type]
        if events:
            first = events[0].version
            assert first is not None
            self._written.setdefault(aggregate.id, self._versions.get(aggregate.id, first - 1))
            self._events.extend(events)
            self._seen[aggregate.id] = CachedAggregate(aggregate, aggregate.version, events[-1].id)

    def record(self, event_type: str, *, stream: str, subject: str, data: dict[str, Any], schema_version: int = 1) -> None:
        """Append an event to an any-version stream: no other event can conflict with it."""
        self._events.append(NewEvent(new_id(), stream, None, event_type, schema_version, subject, fixed_bytes(data)))

    def text(self, body: str, *, kind: str, subject: str) -> dict[str, str]:
        """Keep a free text beside the events; gives the commitment that goes into one."""
        text = new_text(body, kind=kind, subject=subject, author=self.metadata.actor)
        self._texts.append(text)
        return commitment(text)

    def write(self, statement: Statement) -> None:
        """A further row in the append's transaction."""
        self._statements.append(statement)

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        """Read the own read model; nothing guards what is read here against a change before the append."""
        rows: list[asyncpg.Record] = await self._pool.fetch(sql, *args)
        return rows

    @property
    def relied_on(self) -> set[str]:
        """The streams whose versions the append checks."""
        return self._versions.keys() | self._written.keys()

    @property
    def has_events(self) -> bool:
        """Whether there is anything to append."""
        return bool(self._events)

    def effects(self, answer: Answer) -> Append:
        """The command's effects, in the form that is appended."""
        checks = {stream: version for stream, version in self._versions.items() if stream not in self._written}
        return Append(
            metadata=self.metadata,
            events=self._events,
            expected=self._written,
            checks=checks,
            texts=self._texts,
            statements=self._statements,
            request_key=self._request_key,
            status=answer.status,
            body=orjson.dumps(answer.body),
            etag=answer.etag,
            location=answer.location,
        )

    def appended(self) -> None:
        """Put the aggregates into the cache: what was saved stands in the table now, and what was read stood there."""
        for remembered in self._seen.values():
            self._cache.keep(remembered)

    async def _read(self, streams: Sequence[str]) -> dict[str, _Read]:
        """What the cache has of them, and the events since, or all events."""
        if not streams:
            return {}
        remembered = {stream: taken for stream in streams if (taken := self._cache.take(stream))}
        loaded = await self._load({stream: remembered[stream].version if stream in remembered else 0 for stream in streams})
        read: dict[str, _Read] = {}
        for stream, stored in loaded.streams.items():
            if (known := remembered.get(stream)) and not known.stands_in(stored):
                known, stored = None, (await self._load({stream: 0})).streams[stream]
            read[stream] = known, stored
        return read

    def _rebuilt(self, aggregate: type[A], stream: str, known: CachedAggregate | None, stored: Sequence[StoredEvent]) -> A | None:
        """An aggregate from its stored events, or from a cached one and the events since."""
        if not stored:
            return None
        since = stored[1:] if known else stored
        events = [
            self._event_registry.decode(aggregate, stream, one.version, one.type, one.schema_version, one.recorded_at, one.data)
            for one in since
        ]
        rebuilt = aggregate.rebuild(events, cast(A, known.aggregate) if known else None)
        assert rebuilt is not None
        self._seen[stream] = CachedAggregate(rebuilt, stored[-1].version, str(stored[-1].id))
        return rebuilt

    async def _load(self, streams: Mapping[str, int]) -> Loaded:
        first = self._decided_at is None
        key = (self.metadata.actor, self._request_key.key) if first and self._request_key else None
        loaded = await self._loader.load(streams, key)
        if loaded.answer:
            raise AnsweredBefore(loaded.answer)
        if first:
            self._decided_at = loaded.decided_at
        return loaded


Handler = Callable[[UnitOfWork], Awaitable[Answer]]
UseCase = Callable[[C, UnitOfWork, *Ports], Awaitable[R]]
