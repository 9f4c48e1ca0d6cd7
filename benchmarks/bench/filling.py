"""Rows made by the server itself, and a service that is served in this process."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import asyncpg
import httpx
from fastapi import FastAPI

from bench.database import Database
from bench.endpoints import Endpoint, Served
from placet_shared.postgres import Migrations
from placet_shared.tokens import new_token

__all__ = ["feed_endpoints", "filled_by", "served_in_process"]

EVENT_ID = "lpad(to_hex({n}), 8, '0') || '-0000-7000-8000-00000000000e'"
# A chain of events; the text of `{of_event}` gives stream, version, type and subject of event n.
EVENTS = """
    insert into store (epoch, system_identifier, timeline) values (1, 'bench', 'bench');
    insert into epochs (epoch, first_position, system_identifier, timeline) values (1, 1, 'bench', 'bench');
    insert into events (position, epoch, id, prev, stream, version, type, schema_version, subject, actor, correlation, recorded_at, data)
    select n, 1, ({id})::uuid, case when n > 1 then ({prev})::uuid end, {of_event}, 'person-1', 'request-' || n, now(),
           convert_to('{{"note": "' || repeat('x', 380) || '"}}', 'UTF8')
    from generate_series(1, $number) n;
"""


def filled_by(schema: str, migrations: Migrations, sql: str, of_event: str) -> Callable[[Database, int], Awaitable[None]]:
    """Rows by this SQL, in which `$number` is their number, and as many events."""
    events = EVENTS.format(id=EVENT_ID.format(n="n"), prev=EVENT_ID.format(n="n - 1"), of_event=of_event)

    async def fill(database: Database, number: int) -> None:
        await database.migrate(schema, migrations)
        connection = await asyncpg.connect(database.superuser_url, server_settings={"search_path": f"{schema}, pg_catalog"})
        try:
            await connection.execute((sql + events).replace("$number", str(number)))
            await connection.execute("vacuum (analyze)")
        finally:
            await connection.close()

    return fill


@asynccontextmanager
async def served_in_process(app: FastAPI, token: str | None = None) -> AsyncIterator[Served]:
    """Without a socket between; by default with a token that no service has issued."""
    async with app.router.lifespan_context(app):
        headers = {"Authorization": f"Bearer {token or new_token()}"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://bench", headers=headers) as client:
            yield Served(client, app.state.service.pool)


def feed_endpoints() -> Sequence[Endpoint]:
    """Of every service."""

    def cursor(number: int) -> str:
        return f"1:{number}:{number:08x}-0000-7000-8000-00000000000e"

    return (
        Endpoint("feed, from the beginning", lambda size: "/v1/feed?limit=100"),
        Endpoint("feed, from the middle", lambda size: f"/v1/feed?limit=100&after={cursor(size // 2)}"),
        Endpoint("feed, head", lambda size: "/v1/feed/head"),
        Endpoint("feed, digest", lambda size: f"/v1/feed/digest?after={cursor(size // 2)}&until={size // 2 + 100}"),
    )
