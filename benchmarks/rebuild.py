"""Rebuilding the views of the audit log: beside a bare cursor, the views that fold, and all views with a row for every event."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import asyncpg
import uvloop
from bench.audit_entries import fill_log
from bench.database import Database, postgres_server
from bench.measuring import Contestant, Figure
from bench.options import Options, read_options
from bench.report import Table, compared, measure_rounds, print_tables, write_tables

from placet_audit.bootstrap import MIGRATIONS
from placet_audit.projections.rebuilding import PAGE, all_but_the_timeline, all_views
from placet_shared.postgres import connect
from placet_shared.rebuilding import Replay, rebuild

SCHEMA = "audit"
EVENTS = 1_000_000
QUICK = 20_000


def measured(name: str, events: int, once: Callable[[], Awaitable[None]]) -> Contestant:
    """All events, once a round, however long it takes."""

    async def measure(_: float) -> Figure:
        began = time.perf_counter()
        await once()
        seconds = time.perf_counter() - began
        return Figure(events / seconds, seconds * 1000, seconds * 1000, events)

    return Contestant(name, 1, measure)


async def bare_cursor(database: Database, events: int) -> None:
    """Every event's type and data through a cursor, and nothing done with them."""
    connection: asyncpg.Connection = await connect(database.superuser_url, SCHEMA, statement_timeout="0")
    async with connection.transaction():
        cursor = await connection.cursor("select index, type, data from entries order by index")
        while await cursor.fetch(PAGE):
            pass
    await connection.close()


async def whole_rebuild(database: Database, replay: Replay) -> None:
    """New tables, all rows with all indexes, ANALYZE, the swap."""
    await rebuild(database.superuser_url, SCHEMA, replay, lambda done, of: None)


async def compare(database: Database, events: int, options: Options) -> list[Table]:
    """In turn on one log."""
    await database.migrate(SCHEMA, MIGRATIONS)
    await fill_log(database, SCHEMA, events)
    contestants = [
        measured("bare cursor", events, lambda: bare_cursor(database, events)),
        measured("folding views, rebuilt and swapped", events, lambda: whole_rebuild(database, all_but_the_timeline())),
        measured("all views, a row for every event among them", events, lambda: whole_rebuild(database, all_views())),
    ]
    rounds = await measure_rounds(contestants, options.rounds, options.seconds)
    return [
        Table(f"Events of 400 bytes, {events:,} of them; ratio to a bare cursor", "events", compared(rounds, contestants, contestants[0]))
    ]


def main() -> None:
    """Run, print, and write JSON when asked."""
    options = read_options(__doc__, rounds=3)
    with postgres_server() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        database = runner.run(server.database("rebuild"))
        tables = runner.run(compare(database, QUICK if options.quick else EVENTS, options))
    print_tables(tables)
    write_tables(options.json, tables)


if __name__ == "__main__":
    main()
