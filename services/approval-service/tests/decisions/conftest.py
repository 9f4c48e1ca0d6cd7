"""A service that has heard of a model, with the people of a small bank."""

import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import httpx
import orjson
import pytest

from placet_approval.bootstrap import EVENT_REGISTRY, KNOWN
from placet_approval.commands.invalidate_sign_off import invalidate_outdated
from placet_approval.domain.policy import PolicySet
from placet_approval.domain.policy_defaults import DEFAULT_POLICIES
from placet_approval.domain.policy_terms import PolicyTerms
from placet_approval.domain.written_policy import WrittenPolicy
from placet_shared.contracts.catalogue import CATALOGUE
from placet_shared.contracts.registry import REGISTRY_EVENTS
from placet_shared.contracts.verification import VERIFICATION_EVENTS
from placet_shared.event_store import EventStore, Metadata, RecordedEvent, UnitOfWork
from placet_shared.identifiers import new_id
from placet_shared.postgres import connect
from placet_shared.testing import DatabaseServer, traversable_folder

from ..conftest import SCHEMA, Caller, Service, Site, prepared, serving

ARTIFACT = "a" * 64
PLAN_DOCUMENT: dict[str, Any] = {
    "kind": "Plan",
    "task": "binary",
    "dataset": {"sha256": "e" * 64, "label": "y"},
    "inputs": [{"name": "X", "columns": ["x"]}],
    "prediction": {"scores": "P", "classes": ["0", "1"], "positive": "1"},
    "checks": [{"id": "auc", "check": "metric", "metric": "roc_auc", "comparator": ">", "threshold": 0.8}],
}
SCHEMA_VERSIONS = {name: published.schema_version for source in CATALOGUE.values() for name, published in source.items()}
WHY = {"rationale": "Looked at the report: it holds."}


@dataclass
class Bank:
    """What the tests of decisions speak of; `hears` is what the consumer does with other services' events."""

    service: Service
    store: EventStore
    connection: asyncpg.Connection
    alice: Caller
    bob: Caller
    carol: Caller
    dora: Caller
    ci: Caller
    version_id: str
    model_id: str
    trainer: str = "0193a2ee-14a2-7d31-b4f3-1c3a2d5a7b11"

    async def hears(self, source: str, type_: str, data: dict[str, Any], actor: str = "account-1") -> None:
        """An event of another service that fits its contract."""
        contract = {"registry": REGISTRY_EVENTS, "verification": VERIFICATION_EVENTS}[source]
        contract[type_].model_validate(data)
        event = RecordedEvent(
            source,
            1,
            time.time_ns(),  # a position beyond those of all events before
            new_id(),
            None,
            "stream",
            1,
            type_,
            SCHEMA_VERSIONS[type_],
            "subject",
            actor,
            None,
            "c",
            None,
            None,
            None,
            datetime.now(UTC),
            orjson.dumps(data),
        )
        await KNOWN[source].apply(self.connection, event)
        await KNOWN[source].apply(self.connection, event)
        await invalidate_outdated(self.store, event.id)

    async def registers(
        self,
        number: int = 1,
        artifact: str = ARTIFACT,
        trained_by: tuple[str, ...] | None = None,
        by: str | None = None,
        used: Sequence[Mapping[str, str]] = (),
    ) -> str:
        """A version that alice registered, trained by a person with no other part here."""
        version_id = new_id()
        lineage: dict[str, Any] = {
            "training_run": None, "experiment": None, "commit": None, "data": list(used), "parameters": {}, "metrics": {},
            "trained_by": [self.trainer] if trained_by is None else list(trained_by), "prepared_by": [],
        }  # fmt: skip
        data = {
            "version_id": version_id, "model_id": self.model_id, "number": number, "format": "onnx", "signature": None,
            "artifact": {"sha256": artifact, "size": 1, "uri": None}, "lineage": lineage,
        }  # fmt: skip
        await self.hears("registry", "VersionRegistered", data, actor=by or self.alice.id)
        return version_id

    async def adds_lineage(
        self, by: str, trained_by: tuple[str, ...] = (), artifact: str = ARTIFACT, used: Sequence[Mapping[str, str]] = ()
    ) -> None:
        """An actor names people who trained it, and data."""
        data = {
            "version_id": self.version_id, "model_id": self.model_id, "artifact_sha256": artifact,
            "trained_by": list(trained_by), "prepared_by": [], "data": list(used),
        }  # fmt: skip
        await self.hears("registry", "LineageAdded", data, actor=by)

    async def publishes_plan(
        self,
        version: int = 1,
        environment: str = "prod",
        name: str = "",
        *,
        models: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
        takes_effect: str = "next",
    ) -> None:
        """The plan that is in force from here on; for every model, unless told otherwise."""
        name = name or f"{environment}-checks"
        selector = {"models": list(models), "tags": dict(tags or {})}
        where = {"environments": [environment], "for": selector, "takes_effect": takes_effect}
        data = {
            "plan_id": f"plan-{name}", "name": name, "version": version, "sha256": f"{version:064x}",
            "document": {**PLAN_DOCUMENT, "name": name, **where}, "text": {"id": new_id(), "hmac": "c" * 64},
        }  # fmt: skip
        await self.hears("verification", "PlanPublished" if version == 1 else "PlanRevised", data)

    async def withdraws_plan(self, version: int = 1, name: str = "prod-checks") -> None:
        data = {"plan_id": f"plan-{name}", "name": name, "version": version, "reason": {"id": new_id(), "hmac": "c" * 64}}
        await self.hears("verification", "PlanWithdrawn", data)

    async def verifies(
        self,
        version_id: str = "",
        *,
        passed: bool = True,
        result: str = "b" * 64,
        measured: str = "",
        checks: Sequence[Mapping[str, Any]] = (),
        requested: Mapping[str, Any] | None = None,
        **asked: Any,
    ) -> None:
        """A run that ended, one that was `requested` before or else just now, as `requests_run` does it; it measured what its result says,
        unless told otherwise."""
        run = requested or await self.requests_run(version_id, **asked)
        found = {"result_sha256": result, "measured_sha256": measured or result, "checks": list(checks)}
        type_, status = ("VerificationPassed", "passed") if passed else ("VerificationFailed", "failed")
        await self.hears("verification", type_, {**run, **found, "status": status})

    async def requests_run(
        self,
        version_id: str = "",
        environment: str = "prod",
        plan: str = "",
        plan_version: int = 1,
        dataset: str = "e" * 64,
        champion: str | None = None,
    ) -> Mapping[str, Any]:
        """A run that waits in the queue."""
        plan = plan or f"{environment}-checks"
        run = {
            "run_id": new_id(), "model_id": self.model_id, "version_id": version_id or self.version_id, "environment": environment,
            "plan": {"id": f"plan-{plan}", "name": plan, "version": plan_version, "sha256": f"{plan_version:064x}"},
            "artifact_sha256": ARTIFACT, "datasets": [{"input": "evaluation", "sha256": dataset}],
            "champion": {"version_id": "champion", "artifact_sha256": champion} if champion else None,
        }  # fmt: skip
        await self.hears("verification", "RunRequested", run)
        return run

    async def cancels(self, version_id: str = "", plan: str = "prod-checks") -> None:
        """A run that a person ended before it had a result."""
        data = {
            "run_id": new_id(), "model_id": self.model_id, "version_id": version_id or self.version_id, "environment": "prod",
            "plan": {"id": f"plan-{plan}", "name": plan, "version": 1, "sha256": f"{1:064x}"},
            "artifact_sha256": ARTIFACT, "datasets": [{"input": "evaluation", "sha256": "e" * 64}], "champion": None,
            "status": "cancelled", "reason": {"id": new_id(), "hmac": "c" * 64},
        }  # fmt: skip
        await self.hears("verification", "RunCancelled", data)

    async def request(self, environment: str = "prod", **changes: Any) -> httpx.Response:
        body = {"environment": environment, "version_id": self.version_id, **WHY, **changes}
        return await self.alice.post("/v1/sign-offs", {name: value for name, value in body.items() if value is not None})

    async def a_pending_sign_off(self, environment: str = "prod") -> str:
        answer = await self.request(environment)
        assert answer.status_code == 201, answer.text
        sign_off_id: str = answer.json()["id"]
        return f"/v1/sign-offs/{sign_off_id}"

    async def an_approved_sign_off(self) -> str:
        path = await self.a_pending_sign_off()
        for signer in (self.bob, self.carol):
            answer = await signer.post(f"{path}/approve", WHY)
            assert answer.status_code == 200, answer.text
        return path

    async def sees(self, path: str) -> dict[str, Any]:
        answer = await self.alice.get(path)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


B = TypeVar("B", bound=Bank)
ROLES = {"alice": "developer", "bob": "reviewer", "carol": "risk-officer"}


@dataclass(frozen=True)
class Founded:
    """Who is in a bank's database, by name (token and id), and what."""

    people: Mapping[str, tuple[str, str]]
    model_id: str
    version_id: str


async def found_bank(kind: type[Bank], service: Service, **more: Any) -> Founded:
    """Environments, a model with a version that is verified, and the people."""
    people = {name: await service.person(name, role) for name, role in ROLES.items()}
    people["ci"] = await service.account("ci", "pipeline")
    known = {name: (caller.token, caller.id) for name, caller in people.items()}
    async with open_bank(kind, service, Founded(known, new_id(), ""), **more) as bank:
        for after, name in ((None, "dev"), ("dev", "test"), ("test", "prod")):
            await bank.hears("registry", "EnvironmentDefined", {"name": name, "after": after})
        model: dict[str, Any] = {"model_id": bank.model_id, "name": "fraud", "description": None, "tags": {}}
        await bank.hears("registry", "ModelRegistered", model)
        for environment in ("test", "prod"):
            await bank.publishes_plan(environment=environment)
        bank.version_id = await bank.registers()
        await bank.verifies()
        return Founded(known, bank.model_id, bank.version_id)


@asynccontextmanager
async def open_bank(kind: type[B], service: Service, founded: Founded, **more: Any) -> AsyncIterator[B]:
    """The bank that is in the service's database."""
    store = EventStore(service.site.url, SCHEMA, EVENT_REGISTRY)
    await store.start()
    connection = await connect(service.site.url, SCHEMA)
    try:
        alice, bob, carol, ci = (service.caller(*founded.people[name]) for name in ("alice", "bob", "carol", "ci"))
        yield kind(service, store, connection, alice, bob, carol, service.dora, ci, founded.version_id, founded.model_id, **more)
    finally:
        await connection.close()
        await store.close()


async def define_policies_of_their_own(site: Site) -> None:
    """The shipped ones, except that no environment needs the one before it: most tests are about one environment."""

    async def define(terms: PolicyTerms, uow: UnitOfWork) -> None:
        policy_id = new_id()
        uow.save(PolicySet.begin(policy_id, WrittenPolicy(terms), await uow.now()), subject=policy_id)

    store = EventStore(site.url, SCHEMA, EVENT_REGISTRY)
    await store.start()
    try:
        for terms in DEFAULT_POLICIES:
            alone = replace(terms, previous_required=False)
            await store.execute(define, alone, metadata=Metadata(actor="system:approval", correlation=new_id()))
    finally:
        await store.close()


class PrepareBank:
    """Founds a bank once in a run, in the database that each test gets a copy of."""

    founded: Founded

    async def __call__(self, url: str) -> None:
        await prepared(url)
        with traversable_folder() as folder:
            site = Site(url, SCHEMA, folder)
            await define_policies_of_their_own(site)
            async with serving(site) as service:
                self.founded = await found_bank(Bank, service)


PREPARE_BANK = PrepareBank()


@pytest.fixture
def bank_database(postgres_server: DatabaseServer) -> Iterator[str]:
    with postgres_server.database(PREPARE_BANK) as url:
        yield url


@pytest.fixture
async def bank(bank_database: str, tmp_path: Path) -> AsyncIterator[Bank]:
    site = Site(bank_database, SCHEMA, tmp_path)
    async with serving(site) as service, open_bank(Bank, service, PREPARE_BANK.founded) as bank:
        yield bank
