"""What traces and metrics cost: a version registered over REST with 32 connections, by processes that tell more or less about it."""

import argparse
import asyncio
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path

from bench.database import Server, postgres_server
from bench.http_client import Client, Order, http_client
from bench.measuring import Contestant, Figure
from bench.report import Result, print_table, run_rounds, write_json
from bench.sink import telemetry_sink
from rest import CONNECTIONS, prepared, served

from placet_registry.bootstrap import MIGRATIONS
from placet_shared.tokens import new_token

MODELS = 200
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


async def compare(server: Server, rounds: int, seconds: float, models: int) -> list[Result]:
    """One process each, on a database each, asked in turn."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(http_client())
        endpoint = await stack.enter_async_context(telemetry_sink())
        contestants = []
        for number, (name, environment) in enumerate(told(endpoint).items()):
            order = await _order(stack, server, f"registry{number}", environment, models)
            contestants.append(_contestant(name, client, order))
        return await run_rounds(contestants, contestants[0], rounds, seconds)


async def _order(stack: AsyncExitStack, server: Server, name: str, environment: dict[str, str], models: int) -> Order:
    token = new_token()
    database = await server.database(name)
    await database.migrate("registry", MIGRATIONS)
    port = await stack.enter_async_context(served(database, token, server.folder / f"blobs-{name}", **environment))
    paths, body = await prepared(port, token, models)
    return Order(port, token, paths, body, 201, CONNECTIONS, 0)


def _contestant(name: str, client: Client, order: Order) -> Contestant:
    async def measure(seconds: float) -> Figure:
        return await client.measure(Order(**{**asdict(order), "seconds": seconds}))

    return Contestant(name, order.concurrent, measure)


def main() -> None:
    """Run, print, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run of a few seconds; its figures mean nothing")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each process in each round")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    asked = parser.parse_args()
    rounds, seconds, models = (1, 0.5, 64) if asked.quick else (asked.rounds, asked.seconds, MODELS)
    with postgres_server() as server, asyncio.Runner() as runner:
        results = runner.run(compare(server, rounds, seconds, models))
    print_table(f"{CONNECTIONS} connections; client, server, PostgreSQL and collector share the machine", "requests", results)
    if asked.json:
        write_json(asked.json, "requests", results)


if __name__ == "__main__":
    main()
