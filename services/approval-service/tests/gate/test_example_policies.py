"""The policies that Placet ships as examples, each from its request to the gate's yes, with what it refuses on the way."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from placet_shared.identifiers import new_id

from ..conftest import Caller
from ..decisions.conftest import ARTIFACT, WHY
from .conftest import Town, reasons

pytestmark = pytest.mark.postgres

EXAMPLES = Path(__file__).parents[4] / "docs/examples/policies"
PROD = {"environment": "prod", "digest": ARTIFACT}


async def apply(town: Town, name: str) -> None:
    headers = {"Authorization": f"Bearer {town.dora.token}", "Content-Type": "application/yaml"}
    answer = await town.dora.client.post("/v1/policies", content=(EXAMPLES / f"{name}.yaml").read_bytes(), headers=headers)
    assert answer.status_code == 201, answer.text


async def does(caller: Caller, path: str, act: str, **more: Any) -> None:
    answer = await caller.post(f"{path}/{act}", {**WHY, **more} if act != "feedback" else more)
    assert answer.status_code == 200, answer.text


def refused(answer: httpx.Response) -> str:
    assert answer.status_code >= 400
    code: str = answer.json()["code"]
    return code


async def approved_in_test(town: Town) -> None:
    await town.verifies(environment="test")
    await does(town.bob, await town.a_pending_sign_off("test"), "approve")


def test_each_example_has_a_test_of_its_own() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} == {
        "team-of-four", "four-eyes", "three-lines-of-a-bank", "eu-ai-act-high-risk",
    }  # fmt: skip


async def test_team_of_four_needs_one_colleague_without_a_part(town: Town) -> None:
    await apply(town, "team-of-four")
    anna, ben, cleo, dan = [await town.service.person(name, "developer", "reviewer") for name in ("anna", "ben", "cleo", "dan")]
    town.version_id = await town.registers(2, trained_by=(ben.id,), by=cleo.id)
    answer = await anna.post("/v1/sign-offs", {"environment": "prod", "version_id": town.version_id, **WHY})
    path = f"/v1/sign-offs/{answer.json()['id']}"
    for involved in (anna, ben, cleo):
        assert refused(await involved.post(f"{path}/approve", WHY)) == "separation_of_duties"
    assert reasons(await town.asks(environment="prod", version_id=town.version_id)) == ["awaiting_signatures"]
    await does(dan, path, "approve")
    assert (await town.decides(environment="prod", version_id=town.version_id))["allowed"]


async def test_four_eyes_are_two_people_after_the_environment_before(town: Town) -> None:
    await apply(town, "four-eyes")
    assert refused(await town.request()) == "previous_environment_missing"
    await approved_in_test(town)
    path = await town.a_pending_sign_off()
    await does(town.bob, path, "approve")
    assert refused(await town.bob.post(f"{path}/approve", WHY)) == "already_signed"
    assert reasons(await town.asks()) == ["awaiting_signatures"]
    await does(await town.service.person("erin", "reviewer"), path, "approve")
    assert (await town.decides())["allowed"]


async def test_three_lines_answer_validate_and_comply_in_that_order(town: Town) -> None:
    await apply(town, "three-lines-of-a-bank")
    roles = ("model-owner", "model-user", "model-validator", "compliance", "auditor")
    olga, uwe, vera, carl, ada = [await town.service.person(role.replace("model-", ""), role) for role in roles]
    await approved_in_test(town)
    assert refused(await town.request()) == "soak_missing"
    await has_run_in_test_for_days(town)
    path = await town.a_pending_sign_off()
    assert refused(await vera.post(f"{path}/approve", WHY)) == "awaiting_feedback"
    await does(olga, path, "feedback", group="owners", verdict="approve")
    await does(uwe, path, "feedback", group="users", verdict="minor_issue", comment="The score needs a legend.")
    assert refused(await carl.post(f"{path}/approve", WHY)) == "not_your_turn"
    await does(vera, path, "approve")
    assert refused(await ada.post(f"{path}/approve", WHY)) == "role_not_held"
    await does(carl, path, "approve")
    assert (await town.decides())["allowed"]


async def has_run_in_test_for_days(town: Town) -> None:
    """Four of them."""
    deployed = {
        "deployment_id": new_id(), "environment": "test", "model_id": town.model_id, "version_id": town.version_id, "sha256": ARTIFACT,
        "permit_id": None,
    }  # fmt: skip
    await town.hears("registry", "DeploymentReported", deployed)
    await town.connection.execute("update known_deployment_reports set reported_at = reported_at - interval '4 days'")


async def test_high_risk_system_is_released_on_held_out_data_by_those_who_oversee_it(town: Town) -> None:
    await apply(town, "eu-ai-act-high-risk")
    roles = ("data-steward", "risk-manager", "oversight", "quality-manager")
    stewart, rita, otto, quinn = [await town.service.person(role, role) for role in roles]
    await approved_in_test(town)
    await has_run_in_test_for_days(town)
    await town.adds_lineage(town.alice.id, used=[{"sha256": "e" * 64, "role": "train"}])
    assert refused(await town.request()) == "not_held_out"
    await town.publishes_plan(version=2)
    await town.verifies(dataset="d" * 64, plan_version=2)
    path = await town.a_pending_sign_off()
    await does(stewart, path, "feedback", group="data-governance", verdict="approve")
    assert refused(await quinn.post(f"{path}/approve", WHY)) == "not_your_turn"
    for signer in (rita, otto):
        await does(signer, path, "approve")
    assert reasons(await town.asks()) == ["awaiting_signatures"]
    await does(quinn, path, "approve")
    assert (await town.decides())["allowed"]
