"""audit-service on a database of its own, beside the real stores and feeds of the others."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from placet_audit.api.parts import AuditService
from placet_audit.app import audit_app
from placet_audit.bootstrap import MIGRATIONS, Neighbours
from placet_audit.settings import AuditSettings
from placet_shared.testing import DatabaseSite, PrepareDatabase, is_setting, prepare_schema

from .sources import CALLERS, ERIN, Act, Neighbour, neighbour, prepare_neighbours

SCHEMA = "audit"
# A machine that is busy with other tests must not look like a source that is silent.
AMPLE = 20.0


class Site(DatabaseSite):
    """The service's database."""

    def settings(self, **values: Any) -> AuditSettings:
        return AuditSettings.load(database_url=SecretStr(self.url), **values)

    async def entries(self) -> list[asyncpg.Record]:
        return await self.fetch("select *, event_id::text as id, tableoid::regclass::text as part from entries order by index")


@dataclass
class Audit:
    """A running audit-service and the three others; erin, an auditor, asks."""

    site: Site
    registry: Neighbour
    verification: Neighbour
    approval: Neighbour
    app: FastAPI
    client: httpx.AsyncClient
    seen: dict[str, str]

    @property
    def services(self) -> AuditService:
        services = self.app.state.service
        assert isinstance(services, AuditService)
        return services

    async def happened(self, *acts: tuple[Neighbour, Act]) -> int:
        """Recorded one after the other, each in the log before the next; gives the last index."""
        for where, act in acts:
            self.seen[where.name] = await where.record(act)
            await self.get("/v1/sources")
        return int((await self.get("/v1/sources"))["as_of_index"])

    async def ask(self, path: str, token: str = ERIN, **query: Any) -> httpx.Response:
        """After everything that happened so far."""
        headers = {"Authorization": f"Bearer {token}", "Placet-Seen": ",".join(self.seen.values())}
        return await self.client.get(path, params=query, headers=headers)

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def types(self, **query: Any) -> list[str]:
        """Types of the timeline's lines, oldest first."""
        return [line["type"] for line in (await self.get("/v1/timeline", order="oldest", **query))["items"]]


async def prepared(url: str) -> None:
    """The service's tables and the stores of the others."""
    await prepare_schema(url, SCHEMA, MIGRATIONS)
    await prepare_neighbours(url)


@pytest.fixture(scope="session")
def prepare_database() -> PrepareDatabase:
    return prepared


@pytest.fixture
def site(database: str) -> Site:
    return Site(database, SCHEMA)


@pytest.fixture
async def registry(site: Site) -> AsyncIterator[Neighbour]:
    async with neighbour("registry", site.superuser_url) as one:
        yield one


@pytest.fixture
async def verification(site: Site) -> AsyncIterator[Neighbour]:
    async with neighbour("verification", site.superuser_url) as one:
        yield one


@pytest.fixture
async def approval(site: Site) -> AsyncIterator[Neighbour]:
    async with neighbour("approval", site.superuser_url) as one:
        yield one


@asynccontextmanager
async def running_audit(site: Site, *others: Neighbour) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """audit-service in this process."""

    @asynccontextmanager
    async def neighbours(settings: AuditSettings) -> AsyncIterator[Neighbours]:
        clients = [other.client() for other in others]
        try:
            yield Neighbours(CALLERS, clients)
        finally:
            await asyncio.gather(*[client.aclose() for client in clients])

    app = audit_app(site.settings(), neighbours, patience_seconds=AMPLE)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app=app)
        yield app, await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://audit"))


@pytest.fixture
async def audit(site: Site, registry: Neighbour, verification: Neighbour, approval: Neighbour) -> AsyncIterator[Audit]:
    async with running_audit(site, registry, verification, approval) as (app, client):
        yield Audit(site, registry, verification, approval, app, client, {})


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in filter(is_setting, list(os.environ)):
        monkeypatch.delenv(name)
