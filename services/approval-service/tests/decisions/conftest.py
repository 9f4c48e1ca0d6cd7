"""A service that has heard of a model, with the people of a small bank."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import asyncpg
import httpx
import orjson
import pytest

from placet_approval.bootstrap import EVENT_REGISTRY, KNOWN
from placet_approval.commands.invalidate_sign_off import invalidate_outdated
from placet_shared.contracts.registry import REGISTRY_EVENTS
from placet_shared.contracts.verification import VERIFICATION_EVENTS
from placet_shared.event_store import EventStore, RecordedEvent
from placet_shared.identifiers import new_id
from placet_shared.postgres import connect

from ..conftest import SCHEMA, Caller, Service

ARTIFACT = "a" * 64
PLAN_DOCUMENT: dict[str, Any] = {
    "kind": "Plan",
    "task": "binary",
    "dataset": {"sha256": "e" * 64, "label": "y"},
    "inputs": [{"name": "X", "columns": ["x"]}],
    "prediction": {"scores": "P", "classes": ["0", "1"], "positive": "1"},
    "checks": [{"id": "auc", "metric": "roc_auc", "comparator": ">", "threshold": 0.8}],
}
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
    version_id: str = ""
    model_id: str = ""
    trainer: str = "0193a2ee-14a2-7d31-b4f3-1c3a2d5a7b11"

    async def hears(self, source: str, type_: str, data: dict[str, Any], actor: str = "nobody") -> None:
        """An event of another service that fits its contract."""
        contract = {"registry": REGISTRY_EVENTS, "verification": VERIFICATION_EVENTS}[source]
        contract[type_].model_validate(data)
        event = RecordedEvent(
            source,
            1,
            1,
            new_id(),
            None,
            "stream",
            1,
            type_,
            1,
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
        self, number: int = 1, artifact: str = ARTIFACT, trained_by: tuple[str, ...] | None = None, by: str | None = None
    ) -> str:
        """A version that alice registered, trained by somebody who is nobody else here."""
        version_id = new_id()
        lineage: dict[str, Any] = {
            "training_run": None, "experiment": None, "commit": None, "data": [], "parameters": {}, "metrics": {},
            "trained_by": [self.trainer] if trained_by is None else list(trained_by), "prepared_by": [],
        }  # fmt: skip
        data = {
            "version_id": version_id, "model_id": self.model_id, "number": number, "format": "onnx", "signature": None,
            "artifact": {"sha256": artifact, "size": 1, "uri": None}, "lineage": lineage,
        }  # fmt: skip
        await self.hears("registry", "VersionRegistered", data, actor=by or self.alice.id)
        return version_id

    async def adds_lineage(self, by: str, trained_by: tuple[str, ...] = (), artifact: str = ARTIFACT) -> None:
        """Somebody names people who trained it."""
        data = {
            "version_id": self.version_id, "model_id": self.model_id, "artifact_sha256": artifact,
            "trained_by": list(trained_by), "prepared_by": [],
        }  # fmt: skip
        await self.hears("registry", "LineageAdded", data, actor=by)

    async def publishes_plan(self, version: int = 1, environment: str = "prod") -> None:
        """The plan that is in force from here on."""
        data = {
            "plan_id": f"plan-{environment}", "environment": environment, "name": f"{environment}-checks", "version": version,
            "sha256": f"{version:064x}", "document": PLAN_DOCUMENT | {"environment": environment, "name": f"{environment}-checks"},
            "text": {"id": new_id(), "hmac": "c" * 64},
        }  # fmt: skip
        await self.hears("verification", "PlanPublished" if version == 1 else "PlanRevised", data)

    async def verifies(
        self,
        version_id: str = "",
        *,
        passed: bool = True,
        result: str = "b" * 64,
        environment: str = "prod",
        plan_version: int = 1,
    ) -> None:
        """A run that ended."""
        data = {
            "run_id": new_id(), "model_id": self.model_id, "version_id": version_id or self.version_id, "environment": environment,
            "plan": {
                "id": f"plan-{environment}", "name": f"{environment}-checks", "version": plan_version, "sha256": f"{plan_version:064x}",
            },
            "artifact_sha256": ARTIFACT,
            "dataset_sha256": "e" * 64, "result_sha256": result, "checks": [], "status": "passed" if passed else "failed",
        }  # fmt: skip
        await self.hears("verification", "VerificationPassed" if passed else "VerificationFailed", data)

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


@asynccontextmanager
async def open_bank(kind: type[B], service: Service, **more: Any) -> AsyncIterator[B]:
    """Environments, a model with a version that is verified, and the people."""
    store = EventStore(service.site.url, SCHEMA, EVENT_REGISTRY)
    await store.start()
    connection = await connect(service.site.url, SCHEMA)
    try:
        people = [
            await service.person(name, role) for name, role in (("alice", "developer"), ("bob", "reviewer"), ("carol", "risk-officer"))
        ]
        alice, bob, carol = people
        bank = kind(service, store, connection, alice, bob, carol, service.dora, model_id=new_id(), **more)
        for after, name in ((None, "dev"), ("dev", "test"), ("test", "prod")):
            await bank.hears("registry", "EnvironmentDefined", {"name": name, "after": after})
        model: dict[str, Any] = {"model_id": bank.model_id, "name": "fraud", "description": None, "tags": {}}
        await bank.hears("registry", "ModelRegistered", model)
        for environment in ("test", "prod"):
            await bank.publishes_plan(environment=environment)
        bank.version_id = await bank.registers()
        await bank.verifies()
        yield bank
    finally:
        await connection.close()
        await store.close()


@pytest.fixture
async def bank(service: Service) -> AsyncIterator[Bank]:
    async with open_bank(Bank, service) as bank:
        yield bank
