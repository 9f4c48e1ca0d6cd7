"""The rivals of the store: the `eventsourcing` library's own recorder, and one transaction per command."""

import itertools
import statistics
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from bench.database import Database
from bench.measuring import Contestant, Figure, measure_tasks, measure_threads
from placet_shared.identifiers import new_id
from placet_shared.postgres import Migrations, connect

__all__ = ["copy_into_our_table", "library_recorder", "transaction_per_command"]

COPY_ROWS = 2000
ENVELOPE = ("position", "epoch", "id", "prev", "stream", "version", "type", "schema_version", "subject", "actor", "correlation")
ENVELOPE = ("position", "epoch", "id", "prev", "stream", "version", "type", "schema_version", "subject", "actor", "correlation")
COLUMNS = (*ENVELOPE, "recorded_at", "data")

# An identity column without a lock: faster than in commit order, and readers may miss events. See README.md.
PLAIN_TABLE = """
    create table plain_events (
        position bigint generated always as identity primary key,
        id uuid not null unique, stream text not null, version integer not null, type text not null, data bytea not null,
        recorded_at timestamptz not null default clock_timestamp(),
        unique (stream, version)
    )
"""
INSERT_PLAIN = "insert into plain_events (id, stream, version, type, data) values ($1, $2, $3, $4, $5)"


@asynccontextmanager
async def library_recorder(database: Database, data: bytes, concurrent: int) -> AsyncIterator[Contestant]:
    """The library's PostgreSQL recorder in its default mode: LOCK TABLE, insert, commit; a thread each."""
    parts = urlsplit(database.superuser_url)
    query = parse_qs(parts.query)
    with PostgresDatastore(
        dbname=parts.path.lstrip("/"),
        host=query["host"][0],
        port=query["port"][0],
        user=parts.username or "",
        password=unquote(parts.password or ""),
        pool_size=concurrent,
    ) as datastore:
        recorder = PostgresApplicationRecorder(datastore)
        recorder.create_table()

        def append(_: int) -> None:
            recorder.insert_events([StoredEvent(uuid.uuid4(), 1, "ModelRegistered", data)])

        async def measure(seconds: float) -> Figure:
            return await measure_threads(append, concurrent, seconds)

        yield Contestant("library's recorder, threads", concurrent, measure)


@asynccontextmanager
async def transaction_per_command(database: Database, data: bytes, concurrent: int) -> AsyncIterator[Contestant]:
    """The naive implementation: asyncpg, a pool, a transaction for each command."""
    await database.execute(PLAIN_TABLE)
    async with asyncpg.create_pool(database.superuser_url, min_size=concurrent, max_size=concurrent) as pool:

        async def append(_: int) -> None:
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute(INSERT_PLAIN, uuid.uuid4(), f"model-{uuid.uuid4()}", 1, "ModelRegistered", data)

        async def measure(seconds: float) -> Figure:
            return await measure_tasks(append, concurrent, seconds)

        yield Contestant("a transaction per command", concurrent, measure)


@asynccontextmanager
async def copy_into_our_table(database: Database, data: bytes) -> AsyncIterator[Contestant]:
    """The limit: COPY of finished rows into our own table with its keys and checks, by its owner, nothing looked up or decided."""
    await database.migrate("bench", Migrations("placet_shared.event_store"))
    connection = await connect(database.superuser_url, "bench")
    rows = _rows(data)

    async def measure(seconds: float) -> Figure:
        taken: list[float] = []
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            batch = list(itertools.islice(rows, COPY_ROWS))  # made before the measurement begins
            began = time.perf_counter()
            await connection.copy_records_to_table("events", records=batch, columns=COLUMNS)
            taken.append(time.perf_counter() - began)
        done = len(taken) * COPY_ROWS
        return Figure(done / sum(taken), statistics.median(taken) * 1000, max(taken) * 1000, done)

    try:
        yield Contestant(f"COPY, {COPY_ROWS:,} rows each", 1, measure)
    finally:
        await connection.close()


def _rows(data: bytes) -> Iterator[tuple[object, ...]]:
    """A row of `events` after the other, as `append` would make them."""
    prev: uuid.UUID | None = None
    for position in itertools.count(1):
        event = uuid.UUID(new_id())
        at = datetime.now(UTC)
        yield position, 1, event, prev, f"model-{event}", 1, "ModelRegistered", 1, "bench", "bench", "bench", at, data
        prev = event
