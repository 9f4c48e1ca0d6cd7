"""approval-service on a database of its own: in this process for questions and answers, as a process for kills and logs."""

import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from placet_approval.adapters.first_people import FirstPeople
from placet_approval.api.parts import ApprovalService
from placet_approval.app import approval_app
from placet_approval.bootstrap import MIGRATIONS, OpenSources, open_service
from placet_approval.settings import ApprovalSettings
from placet_shared.bus.ports import Source
from placet_shared.event_store import EventStore
from placet_shared.testing import DatabaseSite, PrepareDatabase, is_setting, prepare_schema
from placet_shared.tokens import new_token

SCHEMA = "approval"


@asynccontextmanager
async def no_sources(settings: ApprovalSettings) -> AsyncIterator[Sequence[Source]]:
    """An installation without registry and verification."""
    yield []


@dataclass
class Site(DatabaseSite):
    """The service's database, and its data folder."""

    folder: Path

    def settings(self, **values: Any) -> ApprovalSettings:
        return ApprovalSettings.load(database_url=SecretStr(self.url), data_dir=self.folder, **values)

    def services(self, sources: OpenSources = no_sources, **values: Any) -> AbstractAsyncContextManager[ApprovalService]:
        """The service's parts in this process."""
        return open_service(self.settings(**values), sources)

    async def stored(self) -> dict[str, str]:
        """Table → all its rows as text, bytes shown as the characters they are."""
        tables = [row["tablename"] for row in await self.fetch("select tablename from pg_tables where schemaname = $1", SCHEMA)]
        return {table: "\n".join(str(dict(row)) for row in await self.fetch(f'select * from "{table}"')) for table in tables}

    def environment(self, **more: str) -> dict[str, str]:
        """What a process of the service is told; no server is where its peers should be."""
        token_file = self.folder / "approval.token"
        token_file.write_text(new_token())
        own = {
            "PLACET_APPROVAL_DATABASE_URL": self.url,
            "PLACET_APPROVAL_PORT": "0",
            "PLACET_APPROVAL_SERVICE_TOKEN_FILE": str(token_file),
            "PLACET_REGISTRY_URL": "http://127.0.0.1:9",
            "PLACET_VERIFICATION_URL": "http://127.0.0.1:9",
            "PLACET_DATA_DIR": str(self.folder),
        }
        return {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **own, **more}


async def prepared(url: str) -> None:
    """The service's login role and its tables."""
    await prepare_schema(url, SCHEMA, MIGRATIONS)


@pytest.fixture(scope="session")
def prepare_database() -> PrepareDatabase:
    return prepared


@pytest.fixture
async def site(database: str, tmp_path: Path) -> Site:
    return Site(database, SCHEMA, tmp_path)


@dataclass
class Caller:
    """A client with a token."""

    client: httpx.AsyncClient
    token: str
    id: str = ""

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.client.get(path, headers=self._headers(options.pop("headers", {})), **options)

    async def post(self, path: str, json: Any = None, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.client.post(path, json=json, headers=self._headers(headers or {}))

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **more}


@dataclass
class Service:
    """A running approval-service whose first admin is `dora`."""

    site: Site
    client: httpx.AsyncClient
    dora: Caller
    services: ApprovalService

    @property
    def store(self) -> EventStore:
        return self.services.store

    def caller(self, token: str, id: str = "") -> Caller:
        return Caller(self.client, token, id)

    async def person(self, name: str, *roles: str) -> Caller:
        """A new person with a token."""
        added = await self.dora.post("/v1/people", {"name": name, "display_name": name.title(), "roles": roles})
        return await self._with_token(added, "person_id")

    async def account(self, name: str, *roles: str) -> Caller:
        """A new service account with a token."""
        return await self._with_token(await self.dora.post("/v1/service-accounts", {"name": name, "roles": roles}), "account_id")

    async def _with_token(self, added: httpx.Response, id_field: str) -> Caller:
        assert added.status_code == 201, added.text
        holder = added.json()[id_field]
        issued = await self.dora.post("/v1/tokens", {"holder": holder})
        assert issued.status_code == 201, issued.text
        return self.caller(issued.json()["token"], holder)


@asynccontextmanager
async def serving(site: Site, sources: OpenSources = no_sources, patience_seconds: float = 20, **options: Any) -> AsyncIterator[Service]:
    """The application in this process, behind its front door; a busy machine is no reason for a no."""
    app = approval_app(site.settings(), sources, patience_seconds=patience_seconds, **options)
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://approval") as client:
        services: ApprovalService = app.state.service
        dora = Caller(client, await FirstPeople(services.store).make_admin("dora"))
        dora.id = (await dora.get("/v1/whoami")).json()["id"]
        yield Service(site, client, dora, services)


@pytest.fixture
async def service(site: Site) -> AsyncIterator[Service]:
    async with serving(site) as service:
        yield service


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in filter(is_setting, list(os.environ)):
        monkeypatch.delenv(name)
