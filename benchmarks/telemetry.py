"""The cost of traces and metrics: a version registered over REST with 32 connections, by processes with more or less telemetry."""

import asyncio
import json
import os
import statistics
import sys
from asyncio import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from bench.database import Server, postgres_server
from bench.http_client import Client, Order, http_client
from bench.measuring import Contestant, Figure
from bench.options import read_options
from bench.registering import prepared
from bench.registry_server import Serving
from bench.report import Result, Table, print_tables, run_rounds, write_tables
from bench.sink import telemetry_sink
from rest import CONNECTIONS

from placet_registry.bootstrap import MIGRATIONS
from placet_shared.tokens import new_token

MODELS = 320
SAMPLER, SHARE = "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"


def told(endpoint: str) -> dict[str, dict[str, str]]:
    """Each process's environment."""
    sent = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    return {
        "no telemetry": {"OTEL_SDK_DISABLED": "true"},
        "metrics at /metrics": {},
        "and 1 trace in 10 sent": {**sent, SAMPLER: "parentbased_traceidratio", SHARE: "0.1"},
        "and every trace sent": {**sent, SAMPLER: "parentbased_always_on"},
    }


@dataclass
class Served:
    """A process that serves the registry; `microseconds` of the processor each of its requests took, round after round."""

    port: int
    pid: int
    microseconds: list[float] = field(default_factory=list)

    def seconds_of_processor(self) -> float:
        """All that it has had so far, in all of its threads (Linux)."""
        numbers = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def served(serving: Serving, environment: Mapping[str, str]) -> AsyncIterator[Served]:
    """Once it listens."""
    command = [sys.executable, "-m", "bench.registry_server", json.dumps(asdict(serving))]
    told = {**os.environ, **environment}
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, cwd=Path(__file__).parent, env=told)
    try:
        assert process.stdout
        [port] = json.loads(await process.stdout.readline())
        yield Served(port, process.pid)
    finally:
        process.terminate()
        await process.wait()


async def compare(server: Server, rounds: int, seconds: float, models: int) -> tuple[list[Result], dict[str, float]]:
    """One process each, on a database each, asked in turn; the second part is the processor's microseconds for a request."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(http_client())
        endpoint = await stack.enter_async_context(telemetry_sink())
        contestants, processes = [], {}
        for number, (name, environment) in enumerate(told(endpoint).items()):
            database, token = await server.database(f"registry{number}"), new_token()
            await database.migrate("registry", MIGRATIONS)
            serving = Serving(database.service_url, str(server.folder / f"blobs{number}"), token)
            process = processes[name] = await stack.enter_async_context(served(serving, environment))
            paths, body = await prepared(f"http://127.0.0.1:{process.port}", token, models, [])
            contestants.append(_contestant(name, client, Order(process.port, token, paths, body, 201, CONNECTIONS), process))
        results = await run_rounds(contestants, contestants[0], rounds, seconds)
        return results, {name: statistics.median(process.microseconds) for name, process in processes.items()}


def _contestant(name: str, client: Client, order: Order, process: Served) -> Contestant:
    async def measure(seconds: float) -> Figure:
        before = process.seconds_of_processor()
        figure = await client.measure(replace(order, seconds=seconds))
        process.microseconds.append((process.seconds_of_processor() - before) / max(figure.done, 1) * 1e6)
        return figure

    return Contestant(name, order.concurrent, measure)


def main() -> None:
    """Run, print, and write JSON when asked."""
    options = read_options(__doc__, rounds=15, seconds=2.0)
    with postgres_server() as server, asyncio.Runner() as runner:
        results, taken = runner.run(compare(server, options.rounds, options.seconds, 64 if options.quick else MODELS))
    title = f"{CONNECTIONS} connections; client, server, PostgreSQL and collector share the machine"
    print_tables([table := Table(title, "requests", results)])
    print("\nprocessor time of the server's process for a request, which a busy machine disturbs less than the rate:")
    least = taken["no telemetry"]
    for name, microseconds in taken.items():
        print(f"{name:24}  {microseconds:6,.0f} µs  {microseconds / least:.2f}")
    write_tables(options.json, [table], processor_microseconds=taken)


if __name__ == "__main__":
    main()
