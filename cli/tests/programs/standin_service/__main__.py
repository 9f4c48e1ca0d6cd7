"""Migrates, listens where it is told, is ready; counts calls in its database, so that a test sees whether its data is still there."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import uvicorn

CREATE = "CREATE TABLE IF NOT EXISTS registry.calls (at timestamptz DEFAULT clock_timestamp())"
GRANT = "GRANT SELECT, INSERT ON registry.calls TO placet_registry"
COUNT_ONE = "INSERT INTO registry.calls DEFAULT VALUES"
COUNT = "SELECT count(*) FROM registry.calls"


async def migrate() -> None:
    if "STANDIN_FAILS_TO_MIGRATE" in os.environ:
        raise SystemExit("these tables are not mine")
    connection = await asyncpg.connect(os.environ["PLACET_REGISTRY_MIGRATION_URL"])
    await connection.execute("SET ROLE placet_registry_owner")
    await connection.execute(CREATE)
    await connection.execute(GRANT)
    await connection.close()


async def count_call() -> int:
    connection = await asyncpg.connect(os.environ["PLACET_REGISTRY_DATABASE_URL"])
    await connection.execute(COUNT_ONE)
    count = int(await connection.fetchval(COUNT))
    await connection.close()
    return count


async def app(scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
    body = str(await count_call() if scope["path"] == "/calls" else os.getpid())
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body.encode()})


class DeafServer(uvicorn.Server):
    """Does not hear SIGTERM."""

    def handle_exit(self, sig: int, frame: Any) -> None:
        if sig != signal.SIGTERM:
            super().handle_exit(sig, frame)


if __name__ == "__main__":
    if sys.argv[1:] == ["migrate"]:
        asyncio.run(migrate())
    else:
        server = DeafServer if "STANDIN_IS_DEAF" in os.environ else uvicorn.Server
        server(uvicorn.Config(app, port=int(os.environ["PLACET_REGISTRY_PORT"]), lifespan="off", log_level="warning")).run()
