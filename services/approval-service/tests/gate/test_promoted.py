"""From test to prod on a real PostgreSQL: gate, requests and signatures ask for the environment before, and nothing overtakes its end."""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
import pytest

from placet_approval.commands.make_gate_decision import MakeGateDecision, make_gate_decision
from placet_approval.domain.gate_facts import GateQuestion
from placet_shared.access import Actor
from placet_shared.event_store import Metadata, UnitOfWork
from placet_shared.identifiers import new_id

from ..decisions.conftest import ARTIFACT, WHY
from .conftest import Town, reasons

pytestmark = pytest.mark.postgres

PROD = {"kind": "Policy", "environment": "prod", "signatures": [{"role": "risk-officer"}]}
TEST = {"kind": "Policy", "environment": "test", "signatures": [{"role": "reviewer"}], "previous_environment": "optional"}
PIPELINE = Actor("pipeline-1", "service_account", frozenset({"pipeline"}), "token-1")


async def define(town: Town, **more: Any) -> None:
    for policy in (TEST, {**PROD, **more}):
        answer = await town.dora.post("/v1/policies", policy)
        assert answer.status_code == 201, answer.text


async def approve(town: Town, environment: str) -> str:
    path = await town.a_pending_sign_off(environment)
    signer = town.bob if environment == "test" else town.carol
    answer = await signer.post(f"{path}/approve", WHY)
    assert answer.status_code == 200, answer.text
    return path


async def deploys(town: Town, environment: str, artifact: str = ARTIFACT, version_id: str = "") -> str:
    deployment_id = new_id()
    data = {
        "deployment_id": deployment_id, "environment": environment, "model_id": town.model_id, "version_id": version_id or town.version_id,
        "sha256": artifact, "permit_id": None,
    }  # fmt: skip
    await town.hears("registry", "DeploymentReported", data)
    return deployment_id


async def ago(town: Town, deployment_id: str, hours: int) -> None:
    """Time that has passed meanwhile."""
    move = "update known_deployment_reports set reported_at = reported_at - make_interval(hours => $2) where deployment_id = $1"
    await town.connection.execute(move, deployment_id, hours)


async def test_shipped_policies_lead_through_test_to_prod(town: Town) -> None:
    await define(town)
    refused = await town.request("prod")
    assert (refused.status_code, refused.json()["code"]) == (409, "previous_environment_missing")
    assert "`placet signoff request MODEL/NUMBER -e test`" in refused.json()["resolve"]
    assert reasons(await town.asks()) == ["previous_environment_missing", "not_signed_off"]
    await approve(town, "test")
    assert reasons(await town.asks()) == ["not_signed_off"]
    await approve(town, "prod")
    assert (await town.decides())["allowed"]


async def test_approval_of_another_version_with_the_same_bytes_counts_and_of_other_bytes_does_not(town: Town) -> None:
    await define(town)
    await approve(town, "test")
    copy, other = await town.registers(2), await town.registers(3, artifact="c" * 64)
    assert reasons(await town.asks(environment="prod", version_id=copy)) == ["not_signed_off"]
    assert reasons(await town.asks(environment="prod", version_id=other)) == ["previous_environment_missing", "not_signed_off"]
    assert (await town.request("prod", version_id=copy)).status_code == 201
    assert (await town.request("prod", version_id=other)).status_code == 409


async def test_approval_of_the_same_bytes_under_another_model_does_not_count(town: Town) -> None:
    await define(town)
    await approve(town, "test")
    town.model_id = new_id()
    await town.hears("registry", "ModelRegistered", {"model_id": town.model_id, "name": "churn", "description": None, "tags": {}})
    copy = await town.registers()
    assert reasons(await town.asks(environment="prod", version_id=copy)) == ["previous_environment_missing", "not_signed_off"]
    assert (await town.request("prod", version_id=copy)).json()["code"] == "previous_environment_missing"


async def test_approval_before_that_ends_later_denies_the_next_question_and_keeps_the_sign_off(town: Town) -> None:
    await define(town)
    before, path = await approve(town, "test"), await approve(town, "prod")
    given = await town.decides()
    assert (await town.bob.post(f"{before}/revoke", WHY)).status_code == 200
    assert reasons(await town.asks()) == ["previous_environment_missing"]
    assert (await town.sees(path))["state"] == "approved"
    validity = (await town.alice.get(f"/v1/gate/decisions/{given['id']}/validity")).json()
    assert (validity["holds"], reasons(validity)) == (False, ["previous_environment_missing"])


async def test_no_as_another_version_before_stands_against_the_bytes(town: Town) -> None:
    await define(town)
    await approve(town, "test")
    await approve(town, "prod")
    town.version_id = await town.registers(2)
    rejected = await town.a_pending_sign_off("test")
    assert (await town.bob.post(f"{rejected}/reject", WHY)).status_code == 200
    assert reasons(await town.asks(environment="prod", model="fraud", number=1)) == ["previous_environment_missing"]


async def test_signature_is_refused_when_the_approval_before_has_ended(town: Town) -> None:
    await define(town)
    before = await approve(town, "test")
    path = await town.a_pending_sign_off("prod")
    await town.bob.post(f"{before}/revoke", WHY)
    refused = await town.carol.post(f"{path}/approve", WHY)
    assert (refused.status_code, refused.json()["code"]) == (409, "previous_environment_missing")
    assert (await town.carol.post(f"{path}/reject", WHY)).status_code == 200, "a no needs no approval before"


async def test_environment_defined_in_between_is_needed_from_then_on(town: Town) -> None:
    await define(town)
    await approve(town, "test")
    path = await town.a_pending_sign_off("prod")
    await town.hears("registry", "EnvironmentDefined", {"name": "staging", "after": "test"})
    assert (await town.carol.post(f"{path}/approve", WHY)).json()["code"] == "previous_environment_missing"
    opened = {"kind": "Policy", "environment": "staging", "mode": "allow", "signatures": []}
    assert (await town.dora.post("/v1/policies", opened)).status_code == 201
    assert (await town.carol.post(f"{path}/approve", WHY)).status_code == 200, "it lets all through, so test counts as before"
    assert (await town.decides())["allowed"]
    strict = {**TEST, "environment": "staging"}
    assert (await town.dora.post("/v1/policies", strict)).status_code == 201
    assert reasons(await town.asks()) == ["previous_environment_missing"]


async def test_soak_counts_from_reports_of_the_same_bytes_until_they_are_replaced(town: Town) -> None:
    await define(town, soak="24h")
    await approve(town, "test")
    assert reasons(await town.asks()) == ["soak_missing", "not_signed_off"]
    first = await deploys(town, "test")
    await ago(town, first, 40)
    other = await town.registers(2, artifact="c" * 64)
    replacing = await deploys(town, "test", "c" * 64, other)
    await ago(town, replacing, 30)
    [missing, _] = (await town.asks())["reasons"]
    assert missing["facts"]["missing_seconds"] in range(14 * 3600 - 60, 14 * 3600 + 1), "it ran for 10 h, until it was replaced"
    assert (await town.request("prod")).json()["code"] == "soak_missing"
    again = await deploys(town, "test")
    data = {"deployment_id": again, "environment": "test", "model_id": town.model_id, "reason": None}
    await town.hears("registry", "DeploymentEnded", data)
    await ago(town, again, 15)
    await town.connection.execute(
        "update known_deployment_reports set ended_at = ended_at - interval '10 hours' where deployment_id = $1", again
    )
    [missing, _] = (await town.asks())["reasons"]
    assert missing["facts"]["missing_seconds"] in range(9 * 3600 - 60, 9 * 3600 + 1), "10 h and 5 h"
    await ago(town, await deploys(town, "test"), 9)
    assert reasons(await town.asks()) == ["not_signed_off"]
    await approve(town, "prod")
    assert (await town.decides())["allowed"]


Meanwhile = Callable[[Town, str], Coroutine[Any, Any, object]]


def weaken(town: Town, before: str) -> Coroutine[Any, Any, object]:
    return town.dora.post("/v1/policies", {**TEST, "signatures": [{"role": "reviewer", "count": 2}], "takes_effect": "immediately"})


def revoke(town: Town, before: str) -> Coroutine[Any, Any, object]:
    return town.bob.post(f"{before}/revoke", WHY)


async def decided_beside(town: Town, meanwhile: Callable[[], Coroutine[Any, Any, object]]) -> list[str]:
    """A yes by the facts that were read; `meanwhile` happens before it is appended."""
    gate = await town.service.services.gate.ask(GateQuestion("prod", digest=ARTIFACT))
    assert gate.allowed
    happening = [meanwhile]

    async def interrupted(command: MakeGateDecision, uow: UnitOfWork) -> Any:
        made = await make_gate_decision(command, uow)
        if happening:
            await happening.pop()()
        return made

    command = MakeGateDecision(new_id(), gate.question, gate.facts)
    made = await town.store.execute(interrupted, command, metadata=Metadata(actor=PIPELINE.id, correlation="c"), actor=PIPELINE)
    return [reason.code for reason in made.decision.reasons]


@pytest.mark.parametrize("meanwhile", [revoke, weaken])
async def test_yes_is_not_written_beside_the_end_of_the_approval_before(town: Town, meanwhile: Meanwhile) -> None:
    await define(town)
    before = await approve(town, "test")
    await approve(town, "prod")
    assert await decided_beside(town, lambda: meanwhile(town, before)) == ["previous_environment_missing"]


async def test_yes_is_not_written_beside_a_policy_before_that_begins_to_ask_for_signatures(town: Town) -> None:
    await define(town)
    assert (await town.dora.post("/v1/policies", {**TEST, "mode": "allow", "signatures": []})).status_code == 201
    await approve(town, "prod")
    assert await decided_beside(town, lambda: town.dora.post("/v1/policies", TEST)) == ["previous_environment_missing"]


async def test_decision_names_the_approvals_before_that_it_rests_on(town: Town) -> None:
    await define(town)
    tested = (await approve(town, "test")).rsplit("/")[-1]
    await approve(town, "prod")
    assert (await town.decides())["allowed"]
    [row] = await town.connection.fetch(
        "select convert_from(data, 'UTF8')::jsonb -> 'earlier' as e from events where type = 'GateDecisionMade'"
    )
    assert orjson.loads(row["e"]) == [{"environment": "test", "sign_off_id": tested}]


async def test_suspension_in_test_holds_production_also_for_another_version_of_the_bytes(town: Town) -> None:
    await define(town)
    tested = await approve(town, "test")
    copy = await town.registers(2)
    await approve(town, "prod")
    assert (await town.bob.post(f"{tested}/suspend", WHY)).status_code == 200
    assert reasons(await town.asks()) == ["previous_environment_missing"]
    refused = await town.request("prod", version_id=copy)
    assert (refused.json()["code"], "placet signoff resume" in refused.json()["resolve"]) == ("previous_environment_missing", True)
