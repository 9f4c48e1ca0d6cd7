"""What a model can be rolled back to: what ran before and what the gate allows now."""

from typing import Any

import pytest

from ..decisions.conftest import WHY
from .conftest import Town
from .test_promoted import deploys

pytestmark = pytest.mark.postgres

OLD, NEW, OTHER = "a" * 64, "c" * 64, "d" * 64


async def candidates(town: Town, **query: Any) -> list[dict[str, Any]]:
    answer = await town.alice.get("/v1/rollback-candidates", params={"model": "fraud", "environment": "prod", **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def approved_and_deployed(town: Town, number: int, artifact: str) -> tuple[str, str]:
    if number > 1:
        town.version_id = await town.registers(number, artifact=artifact)
        await town.verifies()
    path = await town.an_approved_sign_off()
    await deploys(town, "prod", artifact)
    return town.version_id, path


async def test_last_version_that_ran_before_comes_first_with_what_the_gate_says(town: Town) -> None:
    assert await candidates(town) == []
    first, _ = await approved_and_deployed(town, 1, OLD)
    assert await candidates(town) == [], "it runs now"
    second, path = await approved_and_deployed(town, 2, NEW)
    await approved_and_deployed(town, 3, OTHER)
    found = await candidates(town, model=town.model_id)
    assert [(one["version_id"], one["number"], one["sha256"], one["allowed"]) for one in found] == [
        (second, 2, NEW, True),
        (first, 1, OLD, True),
    ]
    assert found[1]["reported_at"] < found[1]["ended_at"] == found[0]["reported_at"]
    await town.bob.post(f"{path}/revoke", WHY)
    assert [(one["number"], one["allowed"], one["reasons"]) for one in await candidates(town)] == [(2, False, ["revoked"]), (1, True, [])]
    assert [one["number"] for one in await candidates(town, limit=1)] == [2]


async def test_copy_of_the_bytes_that_run_is_no_way_back(town: Town) -> None:
    await approved_and_deployed(town, 1, OLD)
    copy = await town.registers(2, artifact=OLD)
    await deploys(town, "prod", OLD, copy)
    assert await candidates(town) == []


async def test_what_ran_last_is_the_way_back_when_nothing_runs(town: Town) -> None:
    await approved_and_deployed(town, 1, OLD)
    deployment_id = await deploys(town, "prod", OLD)
    await town.hears(
        "registry",
        "DeploymentEnded",
        {"deployment_id": deployment_id, "environment": "prod", "model_id": town.model_id, "reason": None},
    )
    assert [one["number"] for one in await candidates(town)] == [1]


async def test_unknown_model_is_not_found(town: Town) -> None:
    answer = await town.alice.get("/v1/rollback-candidates", params={"model": "moon", "environment": "prod"})
    assert (answer.status_code, answer.json()["code"]) == (404, "model_not_found")
