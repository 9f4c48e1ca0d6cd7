"""Endpoints measured at several sizes of the data: how a service is filled, and the blocks that a request reads."""

import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass

import asyncpg
import httpx

from bench.database import Database

__all__ = ["Asked", "Endpoint", "Filled", "Served", "ask_all", "blocks_read"]

WARM_UP = 8  # after five executions a statement may get a plan that knows none of its arguments
ROUNDS = 4
READ = "select blks_hit + blks_read from pg_stat_database where datname = current_database()"
FLUSH = "select pg_stat_force_next_flush()"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`path` gives the request for a service that was filled with so many rows; by default with the token of all requests."""

    name: str
    path: Callable[[int], str]
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """A running service: a client with all rights, and the pool of its database connections."""

    client: httpx.AsyncClient
    pool: asyncpg.Pool


@dataclass(frozen=True, slots=True)
class Filled:
    """One service: how it is filled and started, what its rows are called, and its endpoints."""

    service: str
    rows: str
    fill: Callable[[Database, int], Awaitable[None]]
    serve: Callable[[Database], AbstractAsyncContextManager[Served]]
    endpoints: Sequence[Endpoint]


@dataclass(frozen=True, slots=True)
class Asked:
    """Of one endpoint at one size: the median time of a request, and the blocks that one reads in the mean."""

    milliseconds: float
    blocks: float


async def ask_all(filled: Filled, database: Database, size: int, times: int) -> Sequence[Asked]:
    """Each endpoint in turn, one request after the other."""
    await filled.fill(database, size)
    async with filled.serve(database) as served:
        watching = await asyncpg.connect(database.superuser_url)
        try:
            return [await _ask(served, watching, endpoint, size, times) for endpoint in filled.endpoints]
        finally:
            await watching.close()


async def _ask(served: Served, watching: asyncpg.Connection, endpoint: Endpoint, size: int, times: int) -> Asked:
    """The blocks are those of the round with the fewest: in another one a loop of the service may have read too."""
    headers = {"Authorization": f"Bearer {endpoint.token}"} if endpoint.token else {}
    request = served.client.build_request("GET", endpoint.path(size), headers=headers)
    for _ in range(WARM_UP):
        (await served.client.send(request)).raise_for_status()
    taken: list[float] = []
    blocks = []
    for _ in range(ROUNDS):
        before = await blocks_read(served.pool, watching)
        taken += [await _milliseconds(served.client, request) for _ in range(times // ROUNDS)]
        blocks.append(await blocks_read(served.pool, watching) - before)
    return Asked(statistics.median(taken), min(blocks) / (times // ROUNDS))


async def _milliseconds(client: httpx.AsyncClient, request: httpx.Request) -> float:
    began = time.perf_counter()
    await client.send(request)
    return (time.perf_counter() - began) * 1000


async def blocks_read(pool: asyncpg.Pool, watching: asyncpg.Connection) -> int:
    """By all sessions of the database, each of which reports its statistics on request."""
    async with AsyncExitStack() as stack:
        for connection in [await stack.enter_async_context(pool.acquire()) for _ in range(pool.get_size())]:
            await connection.execute(FLUSH)
    read: int = await watching.fetchval(READ)
    return read
