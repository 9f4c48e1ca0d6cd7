"""Deployments over HTTP."""

import asyncio
import json
from typing import Any

import pytest

from .conftest import Registry

pytestmark = pytest.mark.postgres


@pytest.fixture
async def version(registry: Registry) -> dict[str, Any]:
    found: dict[str, Any] = await registry.a_version(await registry.a_model())
    return found


async def listed(registry: Registry, **params: Any) -> list[dict[str, Any]]:
    answer = await registry.erin.get("/v1/deployments", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_deployment_that_is_reported_is_current(registry: Registry, version: dict[str, Any]) -> None:
    answer = await registry.ci.post("/v1/deployments", json={"environment": "prod", "version_id": version["id"], "permit_id": "permit-1"})
    assert answer.status_code == 201
    deployment_id = answer.json()["id"]
    bound = {"environment": "prod", "model_id": version["model_id"], "version_id": version["id"], "sha256": version["sha256"]}
    assert answer.json() == {"id": deployment_id, **bound}
    (deployment,) = await listed(registry, environment="prod")
    assert {name: deployment[name] for name in bound} == bound
    assert (deployment["state"], deployment["number"], deployment["permit_id"]) == ("current", 1, "permit-1")
    assert (await registry.erin.get(answer.headers["location"])).json() == deployment
    assert (await registry.erin.get(f"/v1/versions/{version['id']}")).json()["deployed_in"] == ["prod"]
    (event,) = await registry.events("DeploymentReported")
    assert (event["subject"], event["actor"]) == (version["model_id"], "account-ci")


async def test_deployment_by_the_digest_of_one_version_finds_it(registry: Registry, version: dict[str, Any]) -> None:
    for version_id in (None, version["id"]):
        body = {"environment": "dev", "sha256": version["sha256"].upper(), "version_id": version_id}
        answer = await registry.ci.post("/v1/deployments", json=body)
        assert (answer.status_code, answer.json()["version_id"]) == (201, version["id"])


async def test_deployment_by_a_digest_of_two_versions_is_refused_with_both(registry: Registry, version: dict[str, Any]) -> None:
    other = await registry.a_version(await registry.a_model("other"))
    answer = await registry.ci.post("/v1/deployments", json={"environment": "prod", "sha256": version["sha256"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "artifact_ambiguous")
    assert answer.json()["facts"]["version_ids"] == sorted([version["id"], other["id"]])


NO_DEPLOYMENTS: list[tuple[dict[str, Any], int, str]] = [
    ({"environment": "qa"}, 404, "environment_not_found"),
    ({"version_id": "none"}, 404, "version_not_found"),
    ({"version_id": None, "sha256": "ab" * 32}, 404, "artifact_unknown"),
    ({"sha256": "ab" * 32}, 422, "artifact_mismatch"),
    ({"version_id": None}, 422, "malformed"),
    ({"environment": "Prod!"}, 422, "malformed"),
    ({"permit_id": "two words"}, 422, "malformed"),
    ({"sha256": "abc"}, 422, "malformed"),
    ({"version_id": None, "sha256": ""}, 422, "malformed"),
]


async def test_deployment_of_what_can_not_be_is_refused(registry: Registry, version: dict[str, Any], subtests: pytest.Subtests) -> None:
    for change, status, code in NO_DEPLOYMENTS:
        with subtests.test(change=change):
            answer = await registry.ci.post("/v1/deployments", json={"environment": "prod", "version_id": version["id"], **change})
            assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await listed(registry, state="all") == []


async def test_deployment_of_the_next_version_replaces_the_one_before(registry: Registry, version: dict[str, Any]) -> None:
    second = await registry.a_version(version["model_id"], b"second")
    old, new = await registry.a_deployment(version["id"]), await registry.a_deployment(second["id"])
    assert [one["id"] for one in await listed(registry, environment="prod")] == [new]
    (ended,) = await listed(registry, state="ended")
    assert (ended["id"], ended["end_cause"], ended["replaced_by"]) == (old, "replaced", new)
    assert [one["id"] for one in await listed(registry, state="all", model_id=version["model_id"])] == [new, old]
    assert (await registry.erin.get(f"/v1/versions/{version['id']}")).json()["deployed_in"] == []


async def test_deployments_elsewhere_or_of_other_models_are_left_alone(registry: Registry, version: dict[str, Any]) -> None:
    other = await registry.a_version(await registry.a_model("other"), b"other")
    ids = [await registry.a_deployment(*where) for where in ((version["id"], "prod"), (version["id"], "dev"), (other["id"], "prod"))]
    assert [one["id"] for one in await listed(registry)] == ids[::-1]
    assert (await registry.erin.get(f"/v1/versions/{version['id']}")).json()["deployed_in"] == ["dev", "prod"]
    assert [one["id"] for one in await listed(registry, sha256=other["sha256"])] == [ids[2]]


async def test_deployments_of_one_model_reported_at_once_leave_one_current(registry: Registry, version: dict[str, Any]) -> None:
    ids = await asyncio.gather(*(registry.a_deployment(version["id"]) for _ in range(15)))
    (current,) = await listed(registry, environment="prod")
    assert current["id"] in ids
    assert len(await listed(registry, state="ended")) == 14


async def test_deployment_that_ends_leaves_nothing_current(registry: Registry, version: dict[str, Any]) -> None:
    await registry.a_deployment(version["id"])
    deployment = await registry.a_deployment(version["id"])
    answer = await registry.ci.post(f"/v1/deployments/{deployment}/end", json={"reason": "switched off by Bob"})
    assert (answer.status_code, answer.json()) == (200, {"id": deployment})
    assert await listed(registry, environment="prod") == []
    ended = (await registry.erin.get(f"/v1/deployments/{deployment}")).json()
    assert (ended["state"], ended["end_cause"], ended["reason"]["text"]) == ("ended", "retired", "switched off by Bob")
    (event,) = await registry.events("DeploymentEnded")
    assert b"Bob" not in event["data"]
    assert json.loads(event["data"])["environment"] == "prod"


async def test_deployment_that_has_ended_does_not_end_again(registry: Registry, version: dict[str, Any]) -> None:
    deployment = await registry.a_deployment(version["id"])
    path = f"/v1/deployments/{deployment}/end"
    assert (await registry.ci.post(path, json={})).status_code == 200
    answer = await registry.ci.post(path, json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "deployment_ended")
    assert [event["subject"] for event in await registry.events("ActionRefused")] == [version["model_id"]]


async def test_deployment_that_was_replaced_may_still_be_reported_as_ended(registry: Registry, version: dict[str, Any]) -> None:
    old, new = await registry.a_deployment(version["id"]), await registry.a_deployment(version["id"])
    assert (await registry.ci.post(f"/v1/deployments/{old}/end", json={"reason": "drained"})).status_code == 200
    ended = (await registry.erin.get(f"/v1/deployments/{old}")).json()
    assert (ended["end_cause"], ended["replaced_by"], ended["reason"]["text"]) == ("replaced", new, "drained")
    assert [one["id"] for one in await listed(registry)] == [new]


async def test_deployment_ended_with_a_stale_etag_is_refused(registry: Registry, version: dict[str, Any]) -> None:
    deployment = await registry.a_deployment(version["id"])
    answer = await registry.ci.post(f"/v1/deployments/{deployment}/end", json={}, headers={"If-Match": '"7"'})
    assert answer.status_code == 412


async def test_deployment_that_does_not_exist_is_not_found(registry: Registry) -> None:
    answers = [await registry.ci.get("/v1/deployments/none"), await registry.ci.post("/v1/deployments/none/end", json={})]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "deployment_not_found")] * 2


async def test_deployment_reported_without_the_role_is_refused(registry: Registry, version: dict[str, Any]) -> None:
    deployment = await registry.a_deployment(version["id"])
    for client in (registry.alice, registry.erin):
        assert (await client.post("/v1/deployments", json={"environment": "prod", "version_id": version["id"]})).status_code == 403
        assert (await client.post(f"/v1/deployments/{deployment}/end", json={})).status_code == 403


async def test_deployment_repeated_with_its_key_is_reported_once(registry: Registry, version: dict[str, Any]) -> None:
    body, headers = {"environment": "prod", "version_id": version["id"]}, {"Idempotency-Key": "k"}
    first = await registry.ci.post("/v1/deployments", json=body, headers=headers)
    again = await registry.ci.post("/v1/deployments", json=body, headers=headers)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert len(await registry.events("DeploymentReported")) == 1


async def test_history_is_listed_in_pages(registry: Registry, version: dict[str, Any]) -> None:
    ids = [await registry.a_deployment(version["id"]) for _ in range(5)]
    first = (await registry.erin.get("/v1/deployments", params={"state": "all", "limit": 3})).json()
    rest = (await registry.erin.get("/v1/deployments", params={"state": "all", "limit": 3, "cursor": first["next_cursor"]})).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == ids[::-1]


async def batch(registry: Registry, begun: list[str], ended: list[str] | None = None, environment: str = "prod") -> Any:
    body = {"environment": environment, "begun": [{"version_id": one} for one in begun], "ended": ended or []}
    return await registry.ci.post("/v1/deployments/batch", json=body)


async def test_release_that_is_reported_replaces_all_of_it_at_once(registry: Registry, version: dict[str, Any]) -> None:
    other = await registry.a_version(await registry.a_model("other"), b"other")
    before = await registry.a_deployment(version["id"])
    answer = await batch(registry, [version["id"], other["id"]])
    assert answer.status_code == 201, answer.text
    assert {one["sha256"] for one in answer.json()["begun"]} == {version["sha256"], other["sha256"]}
    assert {one["id"] for one in await listed(registry, environment="prod")} == {one["id"] for one in answer.json()["begun"]}
    assert (await registry.erin.get(f"/v1/deployments/{before}")).json()["end_cause"] == "replaced"


async def test_one_version_that_is_unknown_leaves_all_as_it_was(registry: Registry, version: dict[str, Any]) -> None:
    answer = await batch(registry, [version["id"], "0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])
    assert (answer.status_code, answer.json()["code"]) == (404, "version_not_found")
    assert await listed(registry, environment="prod", state="all") == []


async def test_two_versions_of_one_model_are_not_reported_at_once(registry: Registry, version: dict[str, Any]) -> None:
    second = await registry.a_version(version["model_id"], b"second")
    answer = await batch(registry, [version["id"], second["id"]])
    assert (answer.status_code, answer.json()["code"]) == (422, "model_twice")
    assert await registry.events("DeploymentReported") == []


async def test_release_is_taken_out_at_once_or_not_at_all(registry: Registry, version: dict[str, Any]) -> None:
    other = await registry.a_version(await registry.a_model("other"), b"other")
    here, elsewhere = await registry.a_deployment(version["id"]), await registry.a_deployment(other["id"], "dev")
    mixed = await batch(registry, [], [here, elsewhere])
    assert (mixed.status_code, mixed.json()["code"]) == (422, "other_environment")
    assert [one["id"] for one in await listed(registry, environment="prod")] == [here]
    there = await registry.a_deployment(other["id"])
    ended = await batch(registry, [], [here, there])
    assert (ended.status_code, [one["id"] for one in ended.json()["ended"]]) == (201, [here, there])
    assert await listed(registry, environment="prod") == []


async def test_batch_in_which_a_deployment_has_ended_before_leaves_all_as_it_was(registry: Registry, version: dict[str, Any]) -> None:
    other = await registry.a_version(await registry.a_model("other"), b"other")
    ended, current = await registry.a_deployment(version["id"]), await registry.a_deployment(other["id"])
    await registry.ci.post(f"/v1/deployments/{ended}/end", json={})
    answer = await batch(registry, [version["id"]], [current, ended])
    assert (answer.status_code, answer.json()["code"]) == (409, "deployment_ended")
    assert [one["id"] for one in await listed(registry, environment="prod")] == [current]


@pytest.mark.parametrize("body", [{}, {"begun": [{"version_id": "a"}] * 21}, {"ended": ["a", "a"]}, {"begun": [{"sha256": "a" * 64}]}])
async def test_batch_that_says_nothing_or_too_much_is_refused(registry: Registry, body: dict[str, Any]) -> None:
    answer = await registry.ci.post("/v1/deployments/batch", json={"environment": "prod", **body})
    assert answer.status_code == 422
