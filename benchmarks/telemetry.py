"""The cost of traces and metrics: a version registered over REST with 32 connections, by processes with more or less telemetry."""

import asyncio
from contextlib import AsyncExitStack

from bench.database import Server, postgres_server
from bench.http_client import Order, http_client
from bench.options import read_options
from bench.processor_time import Measured, measured_process
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


async def compare(server: Server, rounds: int, seconds: float, models: int) -> tuple[list[Result], dict[str, float]]:
    """One process each, on a database each, asked in turn; the second part is the processor's microseconds for a request."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(http_client())
        endpoint = await stack.enter_async_context(telemetry_sink())
        contestants, processes = [], dict[str, Measured]()
        for number, (name, environment) in enumerate(told(endpoint).items()):
            database, token = await server.database(f"registry{number}"), new_token()
            await database.migrate("registry", MIGRATIONS)
            serving = Serving(database.service_url, str(server.folder / f"blobs{number}"), token)
            process = await stack.enter_async_context(measured_process("registry_server", serving, environment))
            paths, body = await prepared(f"http://127.0.0.1:{process.port}", token, models, [])
            processes[name] = Measured(name, process, Order(process.port, token, paths, body, 201, CONNECTIONS))
            contestants.append(processes[name].asked_by(client))
        results = await run_rounds(contestants, contestants[0], rounds, seconds)
        return results, {name: process.median for name, process in processes.items()}


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
