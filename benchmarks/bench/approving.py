"""A process that gives last signatures: what waits is not slowed down by what it waits for.

Run as a module it reads the number of a sign-off a line from standard input and answers with the time at which the approval was
durable and it knew, by the machine's monotonic clock.
"""

import asyncio
import sys
import time
from asyncio import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.database import Database
from bench.sign_offs import SCHEMA, last_signature
from placet_approval.bootstrap import MIGRATIONS, REPERTOIRE
from placet_shared.event_store.opening import open_store

__all__ = ["Approver", "approver"]


class Approver:
    """The process, as seen from here."""

    def __init__(self, process: subprocess.Process) -> None:
        self._process = process

    async def approve(self, number: int) -> float:
        """When it was committed."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{number}\n".encode())
        return float(await self._process.stdout.readline())


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
    async with open_store(url, SCHEMA, REPERTOIRE, MIGRATIONS) as store:
        while line := await asyncio.to_thread(sys.stdin.readline):
            await last_signature(store, int(line))
            print(time.monotonic(), flush=True)


if __name__ == "__main__":
    asyncio.run(_approve(sys.argv[1]))
