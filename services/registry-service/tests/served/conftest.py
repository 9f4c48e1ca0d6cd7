"""The registry as it is served: real PostgreSQL, a real socket; only approval-service is stood in for, at the bootstrap."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from placet_registry.app import registry_app
from placet_registry.bootstrap import MIGRATIONS, Neighbours
from placet_registry.settings import RegistrySettings
from placet_shared.access import Actor
from placet_shared.errors import Unavailable
from placet_shared.identifiers import new_id
from placet_shared.testing import DatabaseSite, PrepareDatabase, as_role, prepare_schema, served, service_role
from placet_shared.tokens import new_token
from placet_shared.web.limits import Limits

SCHEMA = "registry"
BLOB_LIMIT = 3 * 1024 * 1024


@dataclass
class Approval:
    """Who is who, and whose token it is; `away` is approval-service not answering."""

    people: dict[str, str] = field(default_factory=lambda: {name: new_id() for name in ("alice", "bob", "dora", "erin")})
    away: bool = False

    def __post_init__(self) -> None:
        roles = {"alice": "developer", "dora": "admin", "erin": "auditor", "ci": "pipeline"}
        self.tokens = {name: new_token() for name in roles}
        self.actors = {
            self.tokens[name]: Actor(
                self.people.get(name, f"account-{name}"), "person" if name in self.people else "service_account", frozenset({role}), "token"
            )
            for name, role in roles.items()
        }

    async def authenticate(self, token: str) -> Actor | None:
        return self.actors.get(token)

    async def person_id(self, id_or_name: str) -> str | None:
        if self.away:
            raise Unavailable("nobody can tell", code="people_unavailable")
        return id_or_name if id_or_name in self.people.values() else self.people.get(id_or_name)

    @asynccontextmanager
    async def neighbours(self, settings: RegistrySettings) -> AsyncIterator[Neighbours]:
        yield Neighbours(self, self)


@dataclass
class Registry:
    """The served registry, and a client for each of its users."""

    url: str
    settings: RegistrySettings
    site: DatabaseSite
    approval: Approval
    clients: dict[str, httpx.AsyncClient]

    @property
    def alice(self) -> httpx.AsyncClient:
        """A developer."""
        return self.clients["alice"]

    @property
    def dora(self) -> httpx.AsyncClient:
        """An admin."""
        return self.clients["dora"]

    @property
    def erin(self) -> httpx.AsyncClient:
        """An auditor: reads only."""
        return self.clients["erin"]

    @property
    def ci(self) -> httpx.AsyncClient:
        """A pipeline."""
        return self.clients["ci"]

    async def a_model(self, name: str = "churn", **more: Any) -> str:
        answer = await self.alice.post("/v1/models", json={"name": name, **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def a_blob(self, content: bytes = b"model") -> str:
        digest = sha256(content).hexdigest()
        answer = await self.alice.put(f"/v1/blobs/{digest}", content=content)
        assert answer.status_code in (200, 201), answer.text
        return digest

    async def a_version(self, model_id: str, content: bytes = b"model", **more: Any) -> dict[str, Any]:
        body = {"artifact": {"sha256": await self.a_blob(content)}, "format": "onnx", **more}
        answer = await self.alice.post(f"/v1/models/{model_id}/versions", json=body)
        assert answer.status_code == 201, answer.text
        registered: dict[str, Any] = answer.json()
        return registered

    async def a_deployment(self, version_id: str, environment: str = "prod") -> str:
        answer = await self.ci.post("/v1/deployments", json={"environment": environment, "version_id": version_id})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def events(self, *types: str) -> list[asyncpg.Record]:
        """What was appended after the default environments, in order."""
        return await self.site.fetch(
            "select * from events where actor <> 'system:registry' and (cardinality($1::text[]) = 0 or type = any ($1)) order by position",
            list(types),
        )


async def prepared(url: str) -> None:
    """The service's login role and its tables."""
    await prepare_schema(url, SCHEMA, MIGRATIONS)


@pytest.fixture(scope="session")
def prepare_database() -> PrepareDatabase:
    return prepared


@pytest.fixture
def settings(database: str, tmp_path: Path) -> RegistrySettings:
    """Of a database that was migrated."""
    url = as_role(database, service_role(SCHEMA))
    return RegistrySettings.load(database_url=url, migration_url=database, blob_dir=tmp_path / "blobs", blob_limit_bytes=BLOB_LIMIT, port=0)


@pytest.fixture
def approval() -> Approval:
    return Approval()


ServeAgain = Callable[..., AbstractAsyncContextManager[Registry]]


@asynccontextmanager
async def serving(settings: RegistrySettings, approval: Approval, database: str, limits: Limits | None = None) -> AsyncIterator[Registry]:
    """From start to clean stop."""
    async with served(registry_app(settings, approval.neighbours), limits) as server, AsyncExitStack() as stack:
        clients = {
            name: await stack.enter_async_context(
                httpx.AsyncClient(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=20, verify=False)
            )
            for name, token in approval.tokens.items()
        }
        yield Registry(server.url, settings, DatabaseSite(database, SCHEMA), approval, clients)


@pytest.fixture
async def registry(settings: RegistrySettings, approval: Approval, database: str) -> AsyncIterator[Registry]:
    async with serving(settings, approval, database) as running:
        yield running


@pytest.fixture
def serve_again(settings: RegistrySettings, approval: Approval, database: str) -> ServeAgain:
    """A further process's worth of the registry on the same database and folder."""
    return partial(serving, settings, approval, database)
