"""The processor time of a whole command by part: PostgreSQL's sessions, and our own process by a profile."""

import cProfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager

import asyncpg
import psutil

from bench.database import Database, Server
from bench.measuring import Contestant
from bench.profiles import shares
from bench.report import Rows

__all__ = ["time_taken"]

SESSIONS = "select pid, application_name from pg_stat_activity where application_name like 'placet %'"
# By the file in which a function is; what no line names is Python itself, asyncio's tasks above all.
PARTS: Mapping[str, str] = {
    "/asyncpg/": "the driver: values to bytes and back, sending and receiving",
    "/eventsourcing/": "the domain model of the library",
    "/placet_shared/aggregates": "the domain model of the library",
    "/event_store/unit_of_work": "reading and deciding: unit of work, aggregate cache, loads",
    "/event_store/aggregate_cache": "reading and deciding: unit of work, aggregate cache, loads",
    "/event_store/loader": "reading and deciding: unit of work, aggregate cache, loads",
    "/event_store/event_registry": "events to JSON, rows of the read model",
    "/event_store/inline_rows": "events to JSON, rows of the read model",
    "/event_store/appending": "events to JSON, rows of the read model",
    "/event_store/": "the store and its writer: stream locks, idempotency, batches",
    "/benchmarks/": "the benchmark's own command",
}

Opening = Callable[[Database], AbstractAsyncContextManager[Contestant]]


async def time_taken(server: Server, opening: Opening, name: str, seconds: float) -> Rows:
    """Microseconds for a command of the contestant, alone on a database of its own. The profile is a separate run and gives shares only."""
    database = await server.database(name)
    async with opening(database) as contestant:
        await contestant.measure(seconds)
        sessions_before, ours_before = await _sessions(database), time.process_time()
        done = (await contestant.measure(seconds)).done
        ours, sessions = time.process_time() - ours_before, await _sessions(database)
        parts = await _shares(contestant, seconds)
    taken = {f"PostgreSQL, for our {session}": sessions[session] - sessions_before.get(session, 0.0) for session in sorted(sessions)}
    rows: list[list[str | float]] = [[where, round(spent / done * 1e6, 1)] for where, spent in taken.items()]
    rows.append(["our process", round(ours / done * 1e6, 1)])
    rows += [[f"… {part}", round(ours / done * 1e6 * share, 1)] for part, share in parts.items()]
    return Rows(f"Processor time of a command: {contestant.name}, {contestant.concurrent} at once", ["", "µs a command"], rows)


async def _sessions(database: Database) -> dict[str, float]:
    """Processor seconds used by the sessions of each kind."""
    connection = await asyncpg.connect(database.superuser_url)
    try:
        rows = await connection.fetch(SESSIONS + " and datname = current_database()")
    finally:
        await connection.close()
    taken: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        times = psutil.Process(row["pid"]).cpu_times()
        taken[row["application_name"].split()[-1]] += times.user + times.system
    return dict(taken)


async def _shares(contestant: Contestant, seconds: float) -> Mapping[str, float]:
    profile = cProfile.Profile()
    profile.enable()
    await contestant.measure(seconds)
    profile.disable()
    return shares(profile, PARTS)
