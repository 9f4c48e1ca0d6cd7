"""Registry commands over REST with 32 connections, beside the same application doing nothing."""

import asyncio
import json
from contextlib import AsyncExitStack
from hashlib import sha256

import httpx
from bench.database import Server, postgres_server
from bench.http_client import Order, asking, http_client
from bench.options import read_options
from bench.registry_server import NOTHING, NOTHING_WITH_BODY, Serving
from bench.report import Result, Table, print_tables, run_rounds, write_tables
from bench.serving import served

from placet_registry.bootstrap import MIGRATIONS
from placet_shared.tokens import new_token

CONNECTIONS = 32
MODELS = 1000


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
        serving = Serving(database.service_url, str(server.folder / "blobs"), token)
        [port] = await stack.enter_async_context(served("registry_server", serving))
        paths, body = await prepared(port, token, models)
        nothing = asking(client, "the app doing nothing", Order(port, token, [NOTHING], body, 201, CONNECTIONS))
        validating = asking(client, "… but validating the body", Order(port, token, [NOTHING_WITH_BODY], body, 201, CONNECTIONS))
        registering = asking(client, "registering a version", Order(port, token, paths, body, 201, CONNECTIONS))
        return await run_rounds([nothing, validating, registering], nothing, rounds, seconds)


def main() -> None:
    """Run, print, and write JSON when asked."""
    options = read_options(__doc__, seconds=1.5)
    models = 64 if options.quick else MODELS
    with postgres_server() as server, asyncio.Runner() as runner:
        results = runner.run(compare(server, options.rounds, options.seconds, models))
    table = Table(f"{CONNECTIONS} connections; client, server and PostgreSQL share the machine", "requests", results)
    print_tables([table])
    write_tables(options.json, [table])


if __name__ == "__main__":
    main()
