"""Servers in processes of their own whose processor time is measured: a busy machine disturbs it less than the rate."""

import asyncio
import json
import os
import statistics
import sys
from asyncio import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from bench.http_client import Client, Order
from bench.measuring import Contestant, Figure
from bench.profiles import BEGIN, END
from bench.report import Rows

__all__ = ["Measured", "Process", "measured_process", "time_by_part"]


@dataclass(frozen=True, slots=True)
class Process:
    """Where it serves."""

    port: int
    pid: int

    def seconds(self) -> float:
        """All the processor time that it has had so far, in all of its threads (Linux)."""
        numbers = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Measured:
    """An order that a process carries out; `microseconds` of its processor time each request took, round after round."""

    name: str
    process: Process
    order: Order
    microseconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Over the rounds."""
        return statistics.median(self.microseconds)

    def asked_by(self, client: Client) -> Contestant:
        """As a contestant, whose every measuring adds to `microseconds`."""

        async def measure(seconds: float) -> Figure:
            before = self.process.seconds()
            figure = await client.measure(replace(self.order, seconds=seconds))
            self.microseconds.append((self.process.seconds() - before) / max(figure.done, 1) * 1e6)
            return figure

        return Contestant(self.name, self.order.concurrent, measure)


async def time_by_part(measured: Measured, client: Client, seconds: float) -> Rows:
    """Microseconds of a request by part of the server: by the shares of a profile, which slows it."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{measured.process.port}", trust_env=False) as caller:
        await caller.post(BEGIN)
        await client.measure(replace(measured.order, seconds=seconds))
        found: dict[str, float] = (await caller.post(END)).json()
    rows: list[list[str | float]] = [
        [part, round(measured.median * share)] for part, share in found.items() if measured.median * share >= 1
    ]
    return Rows(f"{measured.name}: where the processor's time goes, by a profile", ["", "µs a request"], rows)


@asynccontextmanager
async def measured_process(module: str, told: Any = None, environment: Mapping[str, str] | None = None) -> AsyncIterator[Process]:
    """`bench.<module>`, told a dataclass as JSON; once it listens."""
    arguments = [] if told is None else [json.dumps(asdict(told))]
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", f"bench.{module}", *arguments],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
        env={**os.environ, **(environment or {})},
    )
    try:
        assert process.stdout
        [port] = json.loads(await process.stdout.readline())
        yield Process(port, process.pid)
    finally:
        process.terminate()
        await process.wait()
