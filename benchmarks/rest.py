"""Registry commands over REST with 32 connections, beside the same application doing nothing."""

import asyncio
from contextlib import AsyncExitStack

from bench.database import Server, postgres_server
from bench.http_client import Order, asking, http_client
from bench.options import read_options
from bench.registering import prepared
from bench.registry_server import NOTHING, NOTHING_WITH_BODY, Serving
from bench.report import Result, Table, print_tables, run_rounds, write_tables
from bench.serving import served

from placet_registry.bootstrap import MIGRATIONS
from placet_shared.tokens import new_token

CONNECTIONS = 32
MODELS = 1000


async def compare(server: Server, rounds: int, seconds: float, models: int) -> list[Result]:
    """Three endpoints of one process in turn, called by another process."""
    token = new_token()
    async with AsyncExitStack() as stack:
        database = await server.database("registry")
        await database.migrate("registry", MIGRATIONS)
        client = await stack.enter_async_context(http_client())
        serving = Serving(database.service_url, str(server.folder / "blobs"), token)
        [port] = await stack.enter_async_context(served("registry_server", serving))
        paths, body = await prepared(f"http://127.0.0.1:{port}", token, models, ["person-2"])
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
