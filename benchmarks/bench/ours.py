"""Our store: bare appends, and whole commands on a small domain of observations."""

import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Self

from bench.database import Database
from bench.measuring import Contestant, Figure, measure_tasks
from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.event_store import Answer, Append, EventRegistry, EventStore, Metadata, RecordedEvent, RequestKey, Statement, UnitOfWork
from placet_shared.event_store.event_registry import Project, no_rows
from placet_shared.event_store.records import NewEvent
from placet_shared.identifiers import new_id
from placet_shared.postgres import Migrations

__all__ = ["bare_appends", "one_row", "open_store", "started_store", "whole_commands"]

SCHEMA = "bench"
ROWS = """
    create table if not exists series (id text primary key, notes integer not null, position bigint not null);
    grant select, insert, update on series to {role}
"""
UPSERT = "insert into series values ($1, $2, $3) on conflict (id) do update set notes = excluded.notes, position = excluded.position"
COMMANDS_A_STREAM = 8  # streams are kept small
ONE_IN = 100


class Series(Aggregate):
    """A few notes in order."""

    TOPIC = "Series"
    CATEGORY = "series"

    notes: int

    class SeriesBegun(Created):
        """The first note."""

        TOPIC = "SeriesBegun"
        notes: int
        note: str

    class SeriesContinued(Event):
        """One more."""

        TOPIC = "SeriesContinued"
        notes: int
        note: str

        def apply(self, aggregate: "Series") -> None:
            aggregate.notes = self.notes

    def __init__(self, notes: int, note: str) -> None:
        self.notes = notes

    @classmethod
    def begin(cls, key: str, note: str, at: datetime) -> Self:
        """A series of one."""
        return cls.create(cls.SeriesBegun, key=key, at=at, notes=1, note=note)

    def add(self, note: str, at: datetime) -> None:
        """One more."""
        self.trigger(self.SeriesContinued, at=at, notes=self.notes + 1, note=note)


def one_row(event: RecordedEvent) -> Iterable[Statement]:
    """One row a series, in the append's transaction."""
    if event.type in {"SeriesBegun", "SeriesContinued"}:
        yield Statement(UPSERT, (event.stream, event.fields["notes"], event.position))


@asynccontextmanager
async def open_store(database: Database, project: Project = no_rows) -> AsyncIterator[EventStore]:
    """On tables of its own, as a role that owns nothing; without `project` there are no rows but events."""
    await database.migrate(SCHEMA, Migrations("placet_shared.event_store"))
    await database.execute(f"set search_path = {SCHEMA}; {ROWS.format(role=database.service_role)}")
    async with started_store(database.service_url, project) as store:
        yield store


@asynccontextmanager
async def started_store(url: str, project: Project) -> AsyncIterator[EventStore]:
    """On tables that are there."""
    store = EventStore(url, SCHEMA, EventRegistry("bench", (Series,), project, commuting=(UPSERT,)))
    await store.start()
    try:
        yield store
    finally:
        await store.close()


def bare_appends(store: EventStore, data: bytes, concurrent: int, *, conflicts: bool = False) -> Contestant:
    """One event a command to a stream of its own; nothing is loaded, decided, answered or projected.

    With `conflicts` one in a hundred is refused, because it takes a stream for new that is there.
    """
    metadata = Metadata(actor="bench", correlation=new_id())
    turns = itertools.count()
    taken = f"model-{new_id()}"

    async def append(_: int) -> None:
        stream = taken if conflicts and next(turns) % ONE_IN == 0 else f"model-{new_id()}"
        event = NewEvent(new_id(), stream, 1, "ModelRegistered", 1, "bench", data)
        await store.writer.append(Append(metadata, [event], {stream: 0}))

    async def measure(seconds: float) -> Figure:
        return await measure_tasks(append, concurrent, seconds)

    return Contestant("ours, bare appends", concurrent, measure)


def whole_commands(store: EventStore, note: str, concurrent: int, *, conflicts: bool = False) -> Contestant:
    """Load, decide, one event, a row of the read model, an answer under an idempotency key.

    With `conflicts` one in a hundred goes to a stream that all workers write, and may have to be decided again.
    """
    keys: defaultdict[int, Iterator[str]] = defaultdict(_keys)
    turns = itertools.count()
    shared = _keys()

    async def command(worker: int) -> None:
        key = next(shared if conflicts and next(turns) % ONE_IN == 0 else keys[worker])

        async def handler(uow: UnitOfWork) -> Answer:
            series = await uow.load(Series, key)
            if series is None:
                series = Series.begin(key, note, await uow.now())
            else:
                series.add(note, await uow.now())
            uow.save(series, subject=key)
            return Answer(200, {"id": key, "notes": series.notes}, etag=series.version)

        metadata = Metadata(actor="bench", correlation=new_id())
        await store.run(handler, metadata, None, action="note", request_key=RequestKey(new_id(), b"0" * 32))

    async def measure(seconds: float) -> Figure:
        return await measure_tasks(command, concurrent, seconds)

    return Contestant("ours, whole commands", concurrent, measure)


def _keys() -> Iterator[str]:
    """A key for each command of a worker: the same one for a few commands, then a new one."""
    while True:
        yield from itertools.repeat(new_id(), COMMANDS_A_STREAM)
