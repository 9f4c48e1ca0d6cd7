"""The gate with 100,000 sign-offs behind it: `GET` beside a bare indexed SELECT, `POST` beside a bare one-row commit, same stack each."""

import asyncio
import json
import random
from contextlib import AsyncExitStack

import httpx
from bench.approval_server import BARE_COMMIT, BARE_SELECT, Approving
from bench.database import Server, postgres_server
from bench.http_client import Order, asking, http_client
from bench.options import Options, read_options
from bench.report import Table, print_tables, run_rounds, write_tables
from bench.serving import served
from bench.sign_offs import Installation, digest_of, fill, sign_off_id
from bench.sources_server import ENVIRONMENT, SOURCES, Sources

from placet_shared.tokens import new_token

CONNECTIONS = 32
SIGN_OFFS = 100_000
REAL = 512
PATHS = 4096


def orders(port: int, installation: Installation, number: int, real: int, connections: int) -> list[tuple[str, Order]]:
    """Name and order: bare SELECT, gate, bare commit, gate for the record."""
    chosen = random.Random(1).choices(range(number), k=PATHS)
    selects = [f"{BARE_SELECT}/{sign_off_id(one)}" for one in chosen]
    gates = [f"/v1/gate?environment={ENVIRONMENT}&digest={digest_of(one)}" for one in chosen]
    body = json.dumps({"environment": ENVIRONMENT, "digest": digest_of(real - 1)})
    token = installation.token
    return [
        ("a bare indexed SELECT", Order(port, token, selects, "", 200, connections, method="GET")),
        ("GET /v1/gate, barrier included", Order(port, token, gates, "", 200, connections, method="GET")),
        ("a bare one-row commit", Order(port, token, [BARE_COMMIT], body, 201, connections)),
        ("POST /v1/gate, a recorded decision", Order(port, token, ["/v1/gate"], body, 201, connections)),
    ]


async def look(port: int, token: str, number: int) -> None:
    """Checks that the gate says yes to the first and to the last question, since otherwise a no would be measured."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}) as client:
        for one in (0, number - 1):
            answer = (await client.get("/v1/gate", params={"environment": ENVIRONMENT, "digest": digest_of(one)})).json()
            if answer["verdict"] != "allow":
                raise RuntimeError(f"the gate says no: {answer}")


async def compare(server: Server, options: Options) -> list[Table]:
    """Four endpoints of one process in turn, asked by another one; the sources' heads are read by a third."""
    number, real = (2000, 64) if options.quick else (SIGN_OFFS, REAL)
    database = await server.database("approval")
    installation = await fill(database, number, real)
    token = new_token()
    async with AsyncExitStack() as stack:
        ports = await stack.enter_async_context(served("sources_server", Sources(database.service_url, token)))
        urls = {source: f"http://127.0.0.1:{port}" for source, port in zip(SOURCES, ports, strict=True)}
        [port] = await stack.enter_async_context(
            served("approval_server", Approving(database.service_url, str(server.folder), urls, token))
        )
        await look(port, installation.token, number)
        client = await stack.enter_async_context(http_client())
        tables = []
        for connections in (CONNECTIONS, 1):
            select, gate, commit, record = [
                asking(client, name, order) for name, order in orders(port, installation, number, real, connections)
            ]
            many = "one connection" if connections == 1 else f"{connections} connections"
            reads = await run_rounds([select, gate], select, options.rounds, options.seconds)
            tables.append(Table(f"Asking the gate, {number:,} sign-offs, {many}", "requests", reads))
            writes = await run_rounds([commit, record], commit, options.rounds, options.seconds)
            tables.append(Table(f"Deciding for the record, {many}", "requests", writes))
        return tables


def main() -> None:
    """Run, print, and write JSON when asked."""
    options = read_options(__doc__)
    with postgres_server() as server, asyncio.Runner() as runner:
        tables = runner.run(compare(server, options))
    print_tables(tables)
    write_tables(options.json, tables)


if __name__ == "__main__":
    main()
