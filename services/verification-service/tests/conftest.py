"""verification-service on a database of its own: in this process for questions and answers, as a process for kills.

Its neighbours are stand-ins at the one place where bootstrap takes others: who asks is known by the token, and the registry has what a
test put into it.
"""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from placet_shared.access import Actor
from placet_shared.errors import NotFound, Unavailable
from placet_shared.testing import DatabaseSite, KnownTokens, PrepareDatabase, prepare_schema
from placet_verification.app import verification_app
from placet_verification.bootstrap import MIGRATIONS, Neighbours, open_worker
from placet_verification.ports import RegisteredVersion
from placet_verification.settings import VerificationSettings
from placet_verification.workers.trial_worker import Worker

from . import builders

SCHEMA = "verification"
ITSELF = Actor("account-verification", "service_account", frozenset({"service"}), "token-0")


@dataclass
class Neighbourhood(KnownTokens):
    """approval-service and registry-service, as far as this service sees them."""

    versions: dict[str, RegisteredVersion] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    down: bool = False

    def keep(self, raw: bytes) -> str:
        self.blobs[builders.sha256(raw)] = raw
        return builders.sha256(raw)

    def register(self, version_id: str, artifact: bytes, **more: Any) -> str:
        facts = {"model_id": "model-1", "format": "onnx", "kept": True, "signature": None, **more}
        self.versions[version_id] = RegisteredVersion(version_id=version_id, artifact_sha256=self.keep(artifact), **facts)
        return version_id

    async def version(self, version_id: str) -> RegisteredVersion | None:
        if self.down:
            raise Unavailable("The registry does not answer.", code="registry_unavailable")
        return self.versions.get(version_id)

    @asynccontextmanager
    async def blob(self, sha256: str) -> AsyncIterator[AsyncIterator[bytes]]:
        if sha256 not in self.blobs:
            raise NotFound("no such blob", code="blob_not_found")

        async def chunks() -> AsyncIterator[bytes]:
            yield self.blobs[sha256]

        yield chunks()

    @asynccontextmanager
    async def open(self, settings: VerificationSettings) -> AsyncIterator[Neighbours]:
        yield Neighbours(self, self, self, self.issue(ITSELF))


@dataclass
class Caller:
    """A client with a token."""

    client: httpx.AsyncClient
    headers: dict[str, str]

    async def get(self, path: str, **parameters: Any) -> httpx.Response:
        return await self.client.get(path, params=parameters, headers=self.headers)

    async def post(self, path: str, json: Any = None, content: str | None = None, **headers: str) -> httpx.Response:
        return await self.client.post(path, json=json, content=content, headers={**self.headers, **headers})


@dataclass
class Site(DatabaseSite):
    """The service's database, the neighbours, and whatever was opened on them."""

    folder: Path
    around: Neighbourhood
    stack: AsyncExitStack
    app: FastAPI | None = None

    def settings(self, **values: Any) -> VerificationSettings:
        return VerificationSettings.load(database_url=SecretStr(self.url), data_dir=self.folder, **values)

    async def client(self) -> httpx.AsyncClient:
        app = self.app = verification_app(self.settings(), self.around.open)
        await self.stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        return await self.stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://verification"))

    async def worker(self, **values: Any) -> Worker:
        return await self.stack.enter_async_context(open_worker(self.settings(**values), self.around.open))

    def environment(self, **more: str) -> dict[str, str]:
        """What a process of the service is told."""
        own = {"PLACET_VERIFICATION_DATABASE_URL": self.url, "PLACET_DATA_DIR": str(self.folder)}
        return {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **own, **more}


async def prepared(url: str) -> None:
    """The service's login role and its tables."""
    await prepare_schema(url, SCHEMA, MIGRATIONS)


@pytest.fixture(scope="session")
def prepare_database() -> PrepareDatabase:
    return prepared


@pytest.fixture
async def site(database: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with AsyncExitStack() as stack:
        yield Site(database, SCHEMA, tmp_path, Neighbourhood(), stack)


@dataclass
class Service:
    """The service's API and people who use it."""

    site: Site
    admin: Caller
    developer: Caller
    auditor: Caller


@pytest.fixture
async def service(site: Site) -> Service:
    client = await site.client()

    def caller(name: str, role: str) -> Caller:
        token = site.around.issue(Actor(f"person-{name}", "person", frozenset({role}), f"token-{name}"))
        return Caller(client, {"Authorization": f"Bearer {token}"})

    return Service(site, caller("dora", "admin"), caller("alice", "developer"), caller("erin", "auditor"))
