"""Appends per second: the event store beside the `eventsourcing` library's recorder and beside COPY, and whole commands beside both."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace

import uvloop
from bench.database import Database, Server, postgres_server
from bench.measuring import Contestant
from bench.options import Options, read_options
from bench.ours import bare_appends, one_row, open_store, whole_commands
from bench.report import Rows, Table, compared, measure_rounds, print_rows, print_tables, write_tables
from bench.rivals import copy_into_our_table, library_recorder, transaction_per_command
from bench.time_taken import time_taken
from bench.wal_syncs import syncs_of
from bench.writing_process import two_processes

from placet_shared.web.server import spare_the_collector

DATA_BYTES = 400
AT_ONCE = (1, 16, 64, 256)
RIVALS_AT_ONCE = 16
TROUBLED = 64
NOTE = "x" * (DATA_BYTES - len(json.dumps({"notes": 1, "note": ""}, separators=(",", ":"))))
DATA = json.dumps({"notes": 1, "note": NOTE}, separators=(",", ":")).encode()

Opening = Callable[[Database], AbstractAsyncContextManager[Contestant]]


def library(database: Database) -> AbstractAsyncContextManager[Contestant]:
    """The yardstick."""
    return library_recorder(database, DATA, RIVALS_AT_ONCE)


def plain(database: Database) -> AbstractAsyncContextManager[Contestant]:
    """The naive implementation."""
    return transaction_per_command(database, DATA, RIVALS_AT_ONCE)


def copy(database: Database) -> AbstractAsyncContextManager[Contestant]:
    """The limit."""
    return copy_into_our_table(database, DATA)


def bare(at_once: int, *, conflicts: bool = False) -> Opening:
    """Ours, appends alone."""

    @asynccontextmanager
    async def opened(database: Database) -> AsyncIterator[Contestant]:
        async with open_store(database) as store:
            yield _named(bare_appends(store, DATA, at_once, conflicts=conflicts), conflicts)

    return opened


def whole(at_once: int, *, conflicts: bool = False) -> Opening:
    """Ours, whole commands."""

    @asynccontextmanager
    async def opened(database: Database) -> AsyncIterator[Contestant]:
        async with open_store(database, one_row) as store:
            yield _named(whole_commands(store, NOTE, at_once, conflicts=conflicts), conflicts)

    return opened


def shared(*, whole: bool) -> Opening:
    """Ours, two writing processes."""

    @asynccontextmanager
    async def opened(database: Database) -> AsyncIterator[Contestant]:
        async with open_store(database):
            pass
        async with two_processes(database, whole=whole, data=NOTE if whole else DATA.decode(), concurrent=TROUBLED) as contestant:
            yield contestant

    return opened


def _named(contestant: Contestant, conflicts: bool) -> Contestant:
    return replace(contestant, name=f"{contestant.name}, 1 % conflicts") if conflicts else contestant


OPENINGS: Sequence[Opening] = (
    library,
    plain,
    copy,
    *[bare(at_once) for at_once in AT_ONCE],
    *[whole(at_once) for at_once in AT_ONCE],
    bare(TROUBLED, conflicts=True),
    whole(TROUBLED, conflicts=True),
    shared(whole=False),
    shared(whole=True),
)


async def compare(server: Server, options: Options) -> tuple[list[Table], Rows]:
    """All contestants in turn on one server, each with a database of its own."""
    syncs = [await syncs_of(server, opening, f"syncs_{number}", min(options.seconds, 0.6)) for number, opening in enumerate(OPENINGS)]
    async with AsyncExitStack() as stack:
        contestants = [
            await stack.enter_async_context(opening(await server.database(f"rounds_{number}"))) for number, opening in enumerate(OPENINGS)
        ]
        measured = await measure_rounds(contestants, options.rounds, options.seconds)
    results = [replace(result, syncs=count) for result, count in zip(compared(measured, contestants, contestants[0]), syncs, strict=True)]
    limit, most = contestants[2], contestants[6]
    taken = await time_taken(server, whole(TROUBLED), "time_taken", max(options.seconds, 0.5))
    return [
        Table(f"Events of {DATA_BYTES} bytes, synchronous_commit=on; ratio to the library's recorder", "events", results),
        Table("The same beside COPY of the same rows into the same table", "events", compared(measured, [limit, most], limit)),
    ], taken


def main() -> None:
    """Run, print, and write JSON when asked."""
    options = read_options(__doc__)
    spare_the_collector()  # as every service does
    with postgres_server() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        tables, taken = runner.run(compare(server, options))
    print_tables(tables)
    print_rows(taken)
    write_tables(options.json, tables, [taken])


if __name__ == "__main__":
    main()
