"""A process that gives last signatures, so that approving does not slow down the measured waiters.

Run as a module it reads the number of a sign-off a line from standard input and answers once its approval is durable; to an empty
line it answers with the time of the last commit.
"""

import asyncio
import sys
from asyncio import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.database import Database
from bench.sign_offs import SCHEMA, last_signature
from placet_approval.bootstrap import EVENT_REGISTRY, MIGRATIONS
from placet_shared.event_store.opening import open_store

__all__ = ["Approver", "approver"]

# Of the commit record, before it was flushed: no client can have known earlier, and waiters are notified by the server itself.
COMMITTED = "select extract(epoch from pg_xact_commit_timestamp(xmin))::float8 from events order by position desc limit 1"


class Approver:
    """The process, as seen from here."""

    def __init__(self, process: subprocess.Process) -> None:
        self._process = process

    async def approve(self, number: int) -> None:
        """Returns when the process knows that it is durable; waiters may know earlier."""
        await self._told(str(number))

    async def committed_at(self) -> float:
        """When the last approval was committed, in seconds of the Unix epoch; asked afterwards, to leave the measurement undisturbed."""
        return float(await self._told(""))

    async def _told(self, line: str) -> bytes:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{line}\n".encode())
        return await self._process.stdout.readline()


@asynccontextmanager
async def approver(database: Database) -> AsyncIterator[Approver]:
    """Started and stopped."""
    command = [sys.executable, "-m", "bench.approving", database.service_url]
    folder = Path(__file__).parent.parent
    process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
    try:
        yield Approver(process)
    finally:
        assert process.stdin
        process.stdin.close()
        await process.wait()


async def _approve(url: str) -> None:
    async with open_store(url, SCHEMA, EVENT_REGISTRY, MIGRATIONS) as store:
        while line := await asyncio.to_thread(sys.stdin.readline):
            if number := line.strip():
                await last_signature(store, int(number))
            print("" if number else await store.pool.fetchval(COMMITTED), flush=True)


if __name__ == "__main__":
    asyncio.run(_approve(sys.argv[1]))
