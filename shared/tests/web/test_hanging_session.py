"""A session of the database that hangs, and a statement that takes too long, are 503 after their time."""

import os
import signal
from collections.abc import AsyncIterator, Callable

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, FastAPI

from placet_shared.postgres.connections import close_pool, open_pool

pytestmark = pytest.mark.postgres


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(database, "public", patience=0.5, statement_timeout="200ms")
    yield pool
    await close_pool(pool)


@pytest.fixture
async def client(
    pool: asyncpg.Pool, build_app: Callable[..., FastAPI], connect_to: Callable[[FastAPI], httpx.AsyncClient]
) -> AsyncIterator[httpx.AsyncClient]:
    router = APIRouter()

    @router.get("/backend")
    async def backend(seconds: float = 0) -> dict[str, int]:
        return {"pid": await pool.fetchval("select pg_backend_pid() from pg_sleep($1)", seconds)}

    async with connect_to(build_app(router)) as client:
        yield client


async def test_session_that_hangs_is_503_and_the_next_question_gets_another(client: httpx.AsyncClient) -> None:
    pid = (await client.get("/backend")).json()["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        hung = await client.get("/backend")
        assert (hung.status_code, hung.json()["code"]) == (503, "database_unavailable")
        assert (await client.get("/backend")).json()["pid"] != pid
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_statement_that_takes_too_long_is_503(client: httpx.AsyncClient) -> None:
    answer = await client.get("/backend", params={"seconds": 60})
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
