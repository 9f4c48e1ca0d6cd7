"""verification-service on a database of its own: in this process for questions and answers, as a process for kills.

Its neighbours are stand-ins at the one place where bootstrap takes others: who asks is known by the token, and the registry has what a
test put into it.
"""

import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from placet_shared.access import Actor
from placet_shared.errors import NotFound, Unavailable
from placet_shared.model_selectors import SelectableModel
from placet_shared.testing import DatabaseSite, KnownTokens, PrepareDatabase, prepare_schema
from placet_verification.adapters.fork_server import ForkServer
from placet_verification.app import verification_app
from placet_verification.bootstrap import MIGRATIONS, Neighbours, Workers, open_workers
from placet_verification.checks.kinds.required_metadata import Fact
from placet_verification.ports import Deployed, RegisteredDataSet, RegisteredModel, RegisteredVersion, Registration
from placet_verification.settings import VerificationSettings
from placet_verification.workers.trial_worker import Worker

from . import attacks, builders

SCHEMA = "verification"
NOTHING_STATED = dict.fromkeys(get_args(Fact), 0)
ITSELF = Actor("account-verification", "service_account", frozenset({"service"}), "token-0")


@dataclass
class Neighbourhood(KnownTokens):
    """approval-service and registry-service, as far as this service sees them."""

    versions: dict[str, RegisteredVersion] = field(default_factory=dict)
    known_models: dict[str, RegisteredModel] = field(default_factory=dict)
    datasets: dict[str, RegisteredDataSet] = field(default_factory=dict)
    stated: dict[str, dict[str, int]] = field(default_factory=dict)
    running: dict[tuple[str, str], str] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    down: bool = False

    def keep(self, raw: bytes) -> str:
        self.blobs[builders.sha256(raw)] = raw
        return builders.sha256(raw)

    def register(self, version_id: str, artifact: bytes, **more: Any) -> str:
        """A version, of a model that is there already or has its id as its name."""
        facts = {"model_id": "model-1", "number": 1, "format": "onnx", "kept": True, "signature": None, **more}
        facts.setdefault("registered_at", datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=len(self.versions)))
        self.versions[version_id] = RegisteredVersion(version_id=version_id, artifact_sha256=self.keep(artifact), **facts)
        if facts["model_id"] not in self.known_models:
            self.introduce(facts["model_id"], facts["model_id"])
        return version_id

    def introduce(self, model_id: str, name: str, **tags: str) -> str:
        """A model; `governance__risk="high"` is the tag governance/risk=high."""
        given = {key.replace("__", "/"): value for key, value in tags.items()}
        self.known_models[model_id] = RegisteredModel(SelectableModel(model_id, name, given), latest_number=1)
        return model_id

    def add_dataset(self, name: str, raw: bytes, format: str = "csv") -> str:
        """The next version of a named data set."""
        number = self.datasets[name].number + 1 if name in self.datasets else 1
        self.datasets[name] = RegisteredDataSet(name, number, self.keep(raw), format)
        return self.datasets[name].sha256

    async def version(self, version_id: str) -> RegisteredVersion | None:
        self._answer()
        return self.versions.get(version_id)

    async def model(self, model_id: str) -> RegisteredModel | None:
        self._answer()
        return self.known_models.get(model_id)

    async def models(self, sha256: str | None = None) -> AsyncIterator[RegisteredModel]:
        self._answer()
        having = {one.model_id for one in self.versions.values() if sha256 in (None, one.artifact_sha256)}
        for model in sorted(self.known_models.values(), key=lambda one: one.selectable.name):
            if sha256 is None or model.selectable.model_id in having:
                yield model

    async def environments(self) -> frozenset[str]:
        self._answer()
        return frozenset({"dev", "test", "prod"})

    async def registration(self, version_id: str) -> Registration | None:
        self._answer()
        version = self.versions.get(version_id)
        if version is None:
            return None
        tags = self.known_models[version.model_id].selectable.tags
        return Registration(tags, {**NOTHING_STATED, "signature": int(version.signature is not None), **self.stated.get(version_id, {})})

    async def versions_with(self, sha256: str) -> AsyncIterator[RegisteredVersion]:
        self._answer()
        for version in list(self.versions.values()):
            if version.artifact_sha256 == sha256:
                yield version

    async def deployed(self, model_id: str, environment: str) -> Deployed | None:
        self._answer()
        version = self.versions.get(self.running.get((model_id, environment), ""))
        return Deployed(version.version_id, version.artifact_sha256) if version else None

    async def dataset(self, name: str) -> RegisteredDataSet | None:
        self._answer()
        return self.datasets.get(name)

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("The registry does not answer.", code="registry_unavailable")

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
    limits: Mapping[str, int] = field(default_factory=dict)

    def settings(self, **values: Any) -> VerificationSettings:
        return VerificationSettings.load(database_url=SecretStr(self.url), data_dir=self.folder, **values)

    async def client(self) -> httpx.AsyncClient:
        app = self.app = verification_app(self.settings(**self.limits), self.around.open)
        await self.stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        return await self.stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://verification"))

    async def worker(self, **values: Any) -> Worker:
        return (await self.workers(**values)).runs

    async def workers(self, **values: Any) -> Workers:
        return await self.stack.enter_async_context(open_workers(self.settings(**values), self.around.open, builders.CHILDREN))

    async def work_off(self, **values: Any) -> Worker:
        """Verify everything that is requested."""
        worker = await self.worker(**values)
        while job := await worker.queue.claim():
            await worker.work_on(job)
        return worker

    def environment(self, **more: str) -> dict[str, str]:
        """What a process of the service is told."""
        own = {"PLACET_VERIFICATION_DATABASE_URL": self.url, "PLACET_DATA_DIR": str(self.folder)}
        return {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **own, **more}


async def prepared(url: str) -> None:
    """The service's login role and its tables."""
    await prepare_schema(url, SCHEMA, MIGRATIONS)


@pytest.fixture(scope="session", autouse=True)
def children() -> Iterator[ForkServer]:
    """What forks the children of this process's tests."""
    with closing(attacks.ATTACKED), closing(builders.CHILDREN) as children:
        yield children


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

    async def publish(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Publish a plan; gives the answer."""
        answer = await self.admin.post("/v1/plans", content=builders.written(document))
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json())

    async def verify(self, version_id: str, environment: str = "prod", **more: Any) -> list[dict[str, Any]]:
        """Request the verification of a version; gives the runs."""
        answer = await self.developer.post("/v1/verifications", {"version_id": version_id, "environment": environment, **more})
        assert answer.status_code == 202, answer.text
        return list(answer.json()["runs"])

    async def run(self, run_id: str) -> dict[str, Any]:
        """The run as it is now."""
        return dict((await self.auditor.get(f"/v1/runs/{run_id}")).json())


@pytest.fixture
async def service(site: Site) -> Service:
    return await actors(site)


async def actors(site: Site) -> Service:
    """The service, started on the site as it is."""
    client = await site.client()

    def caller(name: str, role: str) -> Caller:
        token = site.around.issue(Actor(f"person-{name}", "person", frozenset({role}), f"token-{name}"))
        return Caller(client, {"Authorization": f"Bearer {token}"})

    return Service(site, caller("dora", "admin"), caller("alice", "developer"), caller("erin", "auditor"))
