"""Registry commands over REST with 32 connections, beside the same application doing nothing."""

import argparse
import asyncio
import json
import sys
from asyncio import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import httpx
from bench.database import Database, Server, postgres_server
from bench.http_client import Client, Order, http_client
from bench.measuring import Contestant, Figure
from bench.registry_server import NOTHING, NOTHING_WITH_BODY, Serving
from bench.report import Result, print_table, run_rounds, write_json

from placet_registry.bootstrap import MIGRATIONS
from placet_shared.tokens import new_token

CONNECTIONS = 32
MODELS = 1000


@asynccontextmanager
async def served(database: Database, token: str, blobs: Path) -> AsyncIterator[int]:
    """The registry's port, once it answers."""
    serving = Serving(database.service_url, str(blobs), token)
    command = [sys.executable, "-m", "bench.registry_server", json.dumps(asdict(serving))]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, cwd=Path(__file__).parent)
    try:
        assert process.stdout
        yield int(await process.stdout.readline())
    finally:
        process.terminate()
        await process.wait()


async def prepared(port: int, token: str, models: int) -> tuple[list[str], str]:
    """Where versions of so many new models are registered, and the body that registers one."""
    artifact = b"a model"
    digest = sha256(artifact).hexdigest()
    lineage = {"training_run": "run-1", "trained_by": ["person-2"], "metrics": {"auc": 0.91}, "parameters": {"C": 0.5, "solver": "lbfgs"}}
    body = json.dumps({"artifact": {"sha256": digest}, "format": "onnx", "lineage": lineage})
    paths: list[str] = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
        (await client.put(f"/v1/blobs/{digest}", content=artifact)).raise_for_status()
        for begun in range(0, models, CONNECTIONS):
            asked = [client.post("/v1/models", json={"name": f"model-{begun + number}"}) for number in range(CONNECTIONS)]
            answers = await asyncio.gather(*asked)
            paths += [f"/v1/models/{answer.raise_for_status().json()['id']}/versions" for answer in answers]
    return paths, body


async def compare(server: Server, rounds: int, seconds: float, models: int) -> list[Result]:
    """Three endpoints of one process in turn, asked by another process."""
    token = new_token()
    async with AsyncExitStack() as stack:
        database = await server.database("registry")
        await database.migrate("registry", MIGRATIONS)
        client = await stack.enter_async_context(http_client())
        port = await stack.enter_async_context(served(database, token, server.folder / "blobs"))
        paths, body = await prepared(port, token, models)
        nothing = _contestant("the app doing nothing", client, Order(port, token, [NOTHING], body, 201, CONNECTIONS, 0))
        validating = _contestant("… but validating the body", client, Order(port, token, [NOTHING_WITH_BODY], body, 201, CONNECTIONS, 0))
        registering = _contestant("registering a version", client, Order(port, token, paths, body, 201, CONNECTIONS, 0))
        return await run_rounds([nothing, validating, registering], nothing, rounds, seconds)


def _contestant(name: str, client: Client, order: Order) -> Contestant:
    async def measure(seconds: float) -> Figure:
        return await client.measure(Order(**{**asdict(order), "seconds": seconds}))

    return Contestant(name, order.concurrent, measure)


def main() -> None:
    """Run, print, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run of a few seconds; its figures mean nothing")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each endpoint in each round")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    asked = parser.parse_args()
    rounds, seconds, models = (1, 0.5, 64) if asked.quick else (asked.rounds, asked.seconds, MODELS)
    with postgres_server() as server, asyncio.Runner() as runner:
        results = runner.run(compare(server, rounds, seconds, models))
    print_table(f"{CONNECTIONS} connections; client, server and PostgreSQL share the machine", "requests", results)
    if asked.json:
        write_json(asked.json, "requests", results)


if __name__ == "__main__":
    main()
