"""Other services' events consumed: logged and shown by audit-service, beside COPY of the same entries, and applied by approval-service."""

import asyncio
import itertools
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

import asyncpg
import orjson
import uvloop
from bench.audit_scale import BEGAN, COLUMNS, SOURCES, STORY, fields
from bench.database import Database, Server, postgres_server
from bench.known_events import known_events
from bench.measuring import Contestant, Figure
from bench.options import Options, read_options
from bench.quiet_neighbours import Silent
from bench.report import Table, compared, measure_rounds, print_tables, write_tables

from placet_approval.bootstrap import KNOWN
from placet_approval.bootstrap import MIGRATIONS as APPROVAL_MIGRATIONS
from placet_audit.adapters.audit_log import PostgresAuditLog
from placet_audit.bootstrap import MIGRATIONS
from placet_audit.incoming.ingest import Ingest
from placet_audit.projections.projector import POLL_SECONDS, Projector
from placet_shared.bus.consumer import Consumer
from placet_shared.event_store import Epoch, RecordedEvent
from placet_shared.postgres import Migrations
from placet_shared.postgres.connections import open_pool
from placet_shared.workers import Loop, in_background

SCHEMA = "audit"
EVENTS = 60_000
QUICK = 3_000
PAGE = 500
COPIED = 2_000
EPOCHS = (Epoch(1, 1, "0" * 16),)
DATABASES = itertools.count()

Events = Mapping[str, Sequence[RecordedEvent]]


def recorded(source: str, number: int) -> Sequence[RecordedEvent]:
    """One source's events, each of which names the one before it."""
    steps = [(step, type_, place) for step, (of, type_, place) in enumerate(STORY) if of == source]
    events: list[RecordedEvent] = []
    for position in range(1, number + 1):
        version, place = divmod(position - 1, len(steps))
        step, type_, environment = steps[place]
        model = f"{source}-model-{version}"
        data = orjson.dumps(fields(type_, model, f"{source}-{version}", version, step, environment))
        prev = events[-1].id if events else None
        where = (source, 1, position, str(uuid.uuid4()), prev, f"version-{version}", place + 1, type_, 1, model)
        who = (f"person-{version % 5}", None, f"request-{version}", None, None, None)
        events.append(RecordedEvent(*where, *who, BEGAN + timedelta(milliseconds=position), data))
    return events


def rows_of(events: Events) -> Sequence[tuple[Any, ...]]:
    """Of the log, finished."""
    return [
        (index, one.recorded_at, one.source, 1, one.position, one.id, one.stream, one.version, one.type, 1, one.subject, one.actor,
         one.correlation, one.recorded_at, sha256(one.data).digest(), one.data)
        for index, one in enumerate(itertools.chain(*events.values()))
    ]  # fmt: skip


async def copied(database: Database, rows: Sequence[tuple[Any, ...]]) -> None:
    """One connection."""
    connection = await asyncpg.connect(database.superuser_url)
    for start in range(0, len(rows), COPIED):
        page = rows[start : start + COPIED]
        await connection.copy_records_to_table("entries", schema_name=SCHEMA, columns=COLUMNS, records=page)
    await connection.close()


async def logged(database: Database, events: Events) -> None:
    """By consumers of all sources at once, from pages that have arrived."""
    pool = await open_pool(database.service_url, SCHEMA)
    await asyncio.gather(*[_log(pool, lambda: None, source, events[source]) for source in events])
    await pool.close()


async def shown(database: Database, events: Events) -> None:
    """The same with the views built meanwhile; it ends when they include everything."""
    pool = await open_pool(database.service_url, SCHEMA)
    projector = Projector(pool)
    loop = Loop("audit views", projector.project_all, every_seconds=POLL_SECONDS)
    async with in_background(loop.run()):
        await asyncio.gather(*[_log(pool, loop.wake, source, events[source]) for source in events])
    await projector.project_all()
    await pool.close()


async def applied(database: Database, events: Events) -> None:
    """By approval-service's consumers of both sources at once, which nothing is parked of."""
    pool = await open_pool(database.service_url, "approval")
    await asyncio.gather(*[_accept(Consumer(Silent(source), pool, KNOWN[source]), events[source]) for source in events])
    await pool.close()


async def _log(pool: asyncpg.Pool, moved: Callable[[], None], source: str, events: Sequence[RecordedEvent]) -> None:
    await _accept(Consumer(Silent(source), pool, Ingest(PostgresAuditLog()), moved=moved), events)


async def _accept(consumer: Consumer, events: Sequence[RecordedEvent]) -> None:
    for start in range(0, len(events), PAGE):
        await consumer.accept(events[start : start + PAGE], epochs=EPOCHS)


def contestant(
    server: Server,
    name: str,
    number: int,
    once: Callable[[Database], Awaitable[None]],
    schema: str = SCHEMA,
    migrations: Migrations = MIGRATIONS,
) -> Contestant:
    """All events, into an empty database a round."""

    async def measure(_: float) -> Figure:
        database = await server.database(f"ingest_{next(DATABASES)}")
        await database.migrate(schema, migrations)
        began = time.perf_counter()
        await once(database)
        seconds = time.perf_counter() - began
        return Figure(number / seconds, seconds * 1000, seconds * 1000, number)

    return Contestant(name, 1, measure)


async def compare(server: Server, options: Options) -> list[Table]:
    """In turn."""
    number = QUICK if options.quick else EVENTS
    events = {source: recorded(source, number // len(SOURCES)) for source in SOURCES}
    rows = rows_of(events)
    contestants = [
        contestant(server, "COPY, 2,000 rows each", number, lambda database: copied(database, rows)),
        contestant(server, "logged, three sources at once", number, lambda database: logged(database, events)),
        contestant(server, "logged and shown in all views", number, lambda database: shown(database, events)),
    ]
    rounds = await measure_rounds(contestants, options.rounds, options.seconds)
    title = f"Events of 400 bytes, {number:,} of them, from empty tables; ratio to COPY of the log's rows alone"
    return [Table(title, "events", compared(rounds, contestants, contestants[0])), await apply_known(server, options, number)]


async def apply_known(server: Server, options: Options, number: int) -> Table:
    """What approval-service decides on."""
    events = known_events(number)
    all_of_them = sum(len(one) for one in events.values())
    name = "applied, two sources at once"
    contestants = [contestant(server, name, all_of_them, lambda database: applied(database, events), "approval", APPROVAL_MIGRATIONS)]
    rounds = await measure_rounds(contestants, options.rounds, options.seconds)
    title = f"Events of registry and verification at approval-service, {all_of_them:,} of them, from empty tables"
    return Table(title, "events", compared(rounds, contestants, contestants[0]))


def main() -> None:
    """Run, print, and write JSON when asked."""
    options = read_options(__doc__, rounds=3)
    with postgres_server() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        tables = runner.run(compare(server, options))
    print_tables(tables)
    write_tables(options.json, tables)


if __name__ == "__main__":
    main()
