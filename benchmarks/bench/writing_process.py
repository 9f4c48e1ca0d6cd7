"""Our store driven by processes of their own: two of them write to one store at the same time.

Run as a module it reads a number of seconds a line from standard input and answers each with one line of figures.
"""

import asyncio
import json
import sys
from asyncio import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop

from bench.database import Database
from bench.measuring import Contestant, Figure
from bench.ours import bare_appends, one_row, started_store, whole_commands
from placet_shared.event_store.event_registry import no_rows
from placet_shared.web.server import spare_the_collector

__all__ = ["Writing", "two_processes"]


@dataclass(frozen=True, slots=True)
class Writing:
    """The order for one process; JSON in its only argument."""

    url: str
    whole: bool
    data: str
    concurrent: int


@asynccontextmanager
async def two_processes(database: Database, *, whole: bool, data: str, concurrent: int) -> AsyncIterator[Contestant]:
    """Half of the workers in each; the store's tables are there already."""
    writing = Writing(database.service_url, whole, data, concurrent // 2)
    command = [sys.executable, "-m", "bench.writing_process", json.dumps(asdict(writing))]
    folder = Path(__file__).parent.parent
    processes = [
        await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder) for _ in range(2)
    ]

    async def measure(seconds: float) -> Figure:
        one, other = await asyncio.gather(*[_measured(process, seconds) for process in processes])
        p50, p99 = max(one.p50_ms, other.p50_ms), max(one.p99_ms, other.p99_ms)
        return Figure(one.per_second + other.per_second, p50, p99, one.done + other.done)

    try:
        yield Contestant("ours, whole commands, two processes" if whole else "ours, bare appends, two processes", concurrent, measure)
    finally:
        for process in processes:
            assert process.stdin
            process.stdin.close()
            await process.wait()


async def _measured(process: subprocess.Process, seconds: float) -> Figure:
    assert process.stdin
    assert process.stdout
    process.stdin.write(f"{seconds}\n".encode())
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("a writing process failed")
    return Figure(**json.loads(line))


async def _write(writing: Writing) -> None:
    project = one_row if writing.whole else no_rows
    async with started_store(writing.url, project) as store:
        if writing.whole:
            contestant = whole_commands(store, writing.data, writing.concurrent)
        else:
            contestant = bare_appends(store, writing.data.encode(), writing.concurrent)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(asdict(await contestant.measure(float(line)))), flush=True)


if __name__ == "__main__":
    spare_the_collector()  # as every service does
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_write(Writing(**json.loads(sys.argv[1]))))
