"""Use cases without an API and without a database: a command in, a result and events out."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from placet_registry.bootstrap import EVENT_REGISTRY
from placet_registry.commands.define_environment import DefineEnvironment, begin_environment, define_environment
from placet_registry.commands.register_model import RegisteredModel, RegisterModel, register_model
from placet_registry.commands.register_version import RegisterVersion, register_version
from placet_registry.commands.report_deployment import VERSIONS_OF_ARTIFACT, ReportDeployment, report_deployment
from placet_registry.domain.lineage import Lineage
from placet_registry.domain.versions import Artifact
from placet_shared.access import Actor
from placet_shared.errors import Conflict, Forbidden, Invalid, NotFound
from placet_shared.event_store import Metadata
from placet_shared.testing import MemoryEventStore, MemoryTables

DIGEST = "a" * 64


@dataclass
class Registry:
    """The registry's store, and who acts."""

    versions_of: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = MemoryEventStore(EVENT_REGISTRY, reads={VERSIONS_OF_ARTIFACT: self._versions_of})

    def _versions_of(self, sha256: str) -> list[dict[str, str]]:
        return [{"version_id": version} for version in self.versions_of.get(sha256, [])]

    async def person_id(self, id_or_name: str) -> str | None:
        """As approval-service answers."""
        return {"alice": "person-alice"}.get(id_or_name)

    async def does(self, role: str, use_case: Any, command: Any, *ports: Any) -> Any:
        actor = Actor(f"person-{role}", "person", frozenset({role}), "token-1")
        return await self.store.execute(use_case, command, *ports, metadata=Metadata(actor.id, "test"), actor=actor)

    async def a_version(self, version_id: str = "version-1") -> None:
        artifact = Artifact(DIGEST, 1, "s3://models/churn.onnx")
        command = RegisterVersion(version_id, "model-1", artifact, "onnx", None, Lineage(trained_by=["alice"]))
        await self.does("developer", register_version, command, self)
        self.versions_of.setdefault(DIGEST, []).append(version_id)

    @property
    def happened(self) -> list[str]:
        return [event.type for event in self.store.tables.events]


@pytest.fixture
async def registry() -> Registry:
    """With a model and an environment."""
    registry = Registry()
    await registry.does("developer", register_model, RegisterModel("model-1", "churn", "Who leaves?"))
    await registry.does("admin", define_environment, DefineEnvironment("prod", None))
    registry.store.tables.statements.clear()
    return registry


@pytest.mark.parametrize("turns", range(8))
async def test_replicas_that_start_together_define_an_environment_once(turns: int) -> None:
    """Whatever the other one has come to when this one begins."""
    tables = MemoryTables(EVENT_REGISTRY.source)

    async def start(turns: int) -> None:
        store = MemoryEventStore(EVENT_REGISTRY, tables)
        for _ in range(turns):
            await asyncio.sleep(0)
        actor = Actor("system:registry", "service_account", frozenset({"admin"}), "")
        await store.execute(begin_environment, DefineEnvironment("dev", None), metadata=Metadata(actor.id, "start"), actor=actor)

    await asyncio.gather(start(0), start(turns))
    assert [event.type for event in tables.events] == ["EnvironmentDefined"]


async def test_model_is_registered_with_its_name_and_the_commitment_to_its_description() -> None:
    registry = Registry()
    result = await registry.does("developer", register_model, RegisterModel("model-1", "churn", "Who leaves?"))
    assert result == RegisteredModel("model-1", "churn", 1)
    name, model = registry.store.tables.events
    assert (name.type, model.type, model.subject) == ("ModelNameReserved", "ModelRegistered", "model-1")
    (text,) = registry.store.tables.texts
    assert (model.fields["description"]["id"], text.body) == (text.id, "Who leaves?")


async def test_name_that_is_taken_is_refused_and_recorded_under_its_model(registry: Registry) -> None:
    with pytest.raises(Conflict, match="belongs to another model"):
        await registry.does("developer", register_model, RegisterModel("model-2", "churn"))
    refusal = registry.store.tables.events[-1]
    assert (refusal.type, refusal.subject, refusal.fields["code"]) == ("ActionRefused", "model-1", "model_name_taken")


async def test_name_asked_for_twelve_times_at_once_is_given_once() -> None:
    registry = Registry()
    commands = [registry.does("developer", register_model, RegisterModel(f"model-{number}", "churn")) for number in range(12)]
    results = await asyncio.gather(*commands, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Conflict"] * 11 + ["RegisteredModel"]
    assert registry.happened.count("ModelRegistered") == 1


async def test_actor_without_the_role_is_refused_before_anything_is_decided(registry: Registry) -> None:
    with pytest.raises(Forbidden):
        await registry.does("auditor", register_model, RegisterModel("model-2", "fraud"))
    assert registry.happened[-1] == "ActionRefused"


async def test_version_gets_the_next_number_and_the_trainers_id(registry: Registry) -> None:
    await registry.a_version("version-1")
    await registry.a_version("version-2")
    registered = [event.fields for event in registry.store.tables.events if event.type == "VersionRegistered"]
    assert [one["number"] for one in registered] == [1, 2]
    assert registered[0]["lineage"]["trained_by"] == ["person-alice"]


async def test_version_whose_trainer_is_unknown_is_refused(registry: Registry) -> None:
    command = RegisterVersion("version-1", "model-1", Artifact(DIGEST, 1, "s3://a/b"), "onnx", None, Lineage(trained_by=["mallory"]))
    with pytest.raises(Invalid, match="no person"):
        await registry.does("developer", register_version, command, registry)
    assert "VersionRegistered" not in registry.happened


async def test_deployment_by_digest_is_of_the_only_version_that_has_it(registry: Registry) -> None:
    await registry.a_version()
    reported = await registry.does("pipeline", report_deployment, ReportDeployment("deployment-1", "prod", sha256=DIGEST))
    assert (reported.version_id, reported.model_id, reported.environment) == ("version-1", "model-1", "prod")


async def test_deployment_by_a_digest_that_two_versions_have_is_refused(registry: Registry) -> None:
    await registry.a_version("version-1")
    await registry.a_version("version-2")
    with pytest.raises(Conflict, match="2 versions"):
        await registry.does("pipeline", report_deployment, ReportDeployment("deployment-1", "prod", sha256=DIGEST))


async def test_deployment_by_a_digest_that_no_version_has_is_refused(registry: Registry) -> None:
    with pytest.raises(NotFound):
        await registry.does("pipeline", report_deployment, ReportDeployment("deployment-1", "prod", sha256=DIGEST))
