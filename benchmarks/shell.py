"""Processor time of a request in the server's process: bare ASGI, bare FastAPI, and the registry with the shell around each endpoint."""

import asyncio
import statistics
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack

from bench.bare_server import ASGI, FASTAPI
from bench.database import Database, Server, postgres_server
from bench.http_client import Order, http_client
from bench.options import Options, read_options
from bench.processor_time import Measured, measured_process, time_by_part
from bench.registering import prepared
from bench.registry_server import NOTHING, Serving
from bench.report import Rows, measure_rounds, print_rows, write_tables

from placet_registry.bootstrap import MIGRATIONS
from placet_shared.tokens import new_token, token_hash

CONNECTIONS = 32
MODELS = 1000
YARDSTICK = "bare FastAPI"
COLUMNS = ("", "µs a request", f"× {YARDSTICK}", "range over the rounds", "wanted")
WANTED = {"the registry doing nothing": 2.5, "reading a model": 4.0, "registering a version": 6.0}

# As approval-service's events would have told it, so that requests are authenticated as in production.
KNOW_TOKEN = """
    insert into registry.holders (id, kind, roles) values ('person-1', 'person', '{{developer}}');
    insert into registry.credentials (token_id, token_sha256, holder_id, holder_kind) values ('token-1', '{token}', 'person-1', 'person')
"""


async def compare(server: Server, options: Options) -> list[Rows]:
    """All in turn, round after round; the ratios are those of a round."""
    token = new_token()
    database = await registry_database(server, token)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(http_client())
        bare = await stack.enter_async_context(measured_process("bare_server"))
        serving = Serving(database.service_url, str(server.folder / "blobs"), token)
        ours = await stack.enter_async_context(measured_process("registry_server", serving))
        paths, body = await prepared(f"http://127.0.0.1:{ours.port}", token, 64 if options.quick else MODELS, ["person-2"])
        models = [path.removesuffix("/versions") for path in paths]
        measured = [
            Measured("bare ASGI", bare, Order(bare.port, token, [ASGI], "", 200, CONNECTIONS, method="GET")),
            Measured(YARDSTICK, bare, Order(bare.port, token, [FASTAPI], "", 200, CONNECTIONS, method="GET")),
            Measured("the registry doing nothing", ours, Order(ours.port, token, [NOTHING], "", 200, CONNECTIONS, method="GET")),
            Measured("reading a model", ours, Order(ours.port, token, models, "", 200, CONNECTIONS, method="GET")),
            Measured("registering a version", ours, Order(ours.port, token, paths, body, 201, CONNECTIONS)),
        ]
        await measure_rounds([one.asked_by(client) for one in measured], options.rounds, options.seconds)
        parts = [await time_by_part(one, client, options.seconds) for one in measured if one.name in WANTED]
    return [Rows(f"Processor time of the server's process, {CONNECTIONS} connections", COLUMNS, list(rows(measured))), *parts]


async def registry_database(server: Server, token: str) -> Database:
    """With the token of a developer."""
    database = await server.database("registry")
    await database.migrate("registry", MIGRATIONS)
    await database.execute(KNOW_TOKEN.format(token=token_hash(token)))
    return database


def rows(measured: Sequence[Measured]) -> Iterator[Sequence[str | float]]:
    """One each, with its ratio to the yardstick."""
    [yardstick] = [one for one in measured if one.name == YARDSTICK]
    for one in measured:
        ratios = [taken / least for taken, least in zip(one.microseconds, yardstick.microseconds, strict=True)]
        wanted = f"≤ {WANTED[one.name]:g}" if one.name in WANTED else ""
        span = f"{min(ratios):.2f} to {max(ratios):.2f}"
        yield [one.name, round(one.median), round(statistics.median(ratios), 2), span, wanted]


def main() -> None:
    """Run, print, and write JSON when asked."""
    options = read_options(__doc__, rounds=8, seconds=2.0)
    with postgres_server() as server, asyncio.Runner() as runner:
        tables = runner.run(compare(server, options))
    for table in tables:
        print_rows(table)
    write_tables(options.json, [], tables)


if __name__ == "__main__":
    main()
