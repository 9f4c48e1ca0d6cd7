"""Tags by which verification plans select models, over HTTP: only admins set and remove them."""

from typing import Any

import pytest

from placet_shared.contracts import ActionRefused

from .conftest import Registry

pytestmark = pytest.mark.postgres

TAG = "governance/risk"


async def test_governance_tag_is_set_replaced_and_removed_by_an_admin(registry: Registry) -> None:
    model_id = await registry.a_model()
    path = f"/v1/models/{model_id}/tags/{TAG}"
    assert (await registry.dora.put(path, json={"value": "high"})).json()["tags"] == {TAG: "high"}
    assert (await registry.dora.put(path, json={"value": "low"})).json()["tags"] == {TAG: "low"}
    assert (await registry.erin.get("/v1/models", params={"tag": f"{TAG}=low"})).json()["items"][0]["id"] == model_id
    assert (await registry.dora.delete(path)).json()["tags"] == {}


async def test_model_is_registered_with_governance_tags_by_an_admin(registry: Registry) -> None:
    answer = await registry.dora.post("/v1/models", json={"name": "churn", "tags": {TAG: "high"}})
    assert answer.status_code == 201
    assert (await registry.erin.get(f"/v1/models/{answer.json()['id']}")).json()["tags"] == {TAG: "high"}


ATTEMPTS: list[tuple[str, str, str, Any]] = [
    ("register_model", "POST", "/v1/models", {"name": "fraud", "tags": {"team": "risk", TAG: "low"}}),
    ("tag_model", "PUT", "/v1/models/{model_id}/tags/" + TAG, {"value": "low"}),
    ("tag_model", "PUT", "/v1/models/{model_id}/tags/" + TAG, {"value": "high"}),
    ("tag_model", "PUT", "/v1/models/{model_id}/tags/governance%2Frisk", {"value": "low"}),
    ("tag_model", "PUT", "/v1/models/{model_id}/tags/%67overnance/other", {"value": "low"}),
    ("untag_model", "DELETE", "/v1/models/{model_id}/tags/" + TAG, None),
    ("untag_model", "DELETE", "/v1/models/{model_id}/tags/governance%2Frisk", None),
    ("untag_model", "DELETE", "/v1/models/{model_id}/tags/governance/absent%00", None),
]


@pytest.mark.parametrize(("action", "method", "path", "body"), ATTEMPTS)
async def test_governance_tag_of_a_developer_is_refused_and_recorded(
    registry: Registry, action: str, method: str, path: str, body: Any
) -> None:
    model_id = await registry.a_model()
    await registry.dora.put(f"/v1/models/{model_id}/tags/{TAG}", json={"value": "high"})
    answer = await registry.alice.request(method, path.format(model_id=model_id), json=body, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert answer.json()["code"] == "tag_reserved"
    assert "ask an admin" in answer.json()["resolve"]
    (refusal,) = await registry.events("ActionRefused")
    assert refusal["actor"] == registry.approval.people["alice"]
    assert refusal["subject"] == (registry.approval.people["alice"] if action == "register_model" else model_id)
    recorded = ActionRefused.model_validate_json(refusal["data"])
    assert (recorded.action, recorded.code, recorded.kind) == (action, "tag_reserved", "Forbidden")
    models = (await registry.erin.get("/v1/models")).json()["items"]
    assert [(model["id"], model["tags"]) for model in models] == [(model_id, {TAG: "high"})]


async def test_model_and_version_tell_what_a_plan_selects_by_to_a_service(registry: Registry) -> None:
    """`GET /v1/versions/{id}` leads to the model, `GET /v1/models/{id}` has its name and tags."""
    answer = await registry.dora.post("/v1/models", json={"name": "churn", "tags": {TAG: "high", "team": "risk"}})
    version_id = (await registry.a_version(answer.json()["id"]))["id"]
    version = (await registry.ci.get(f"/v1/versions/{version_id}")).json()
    model = (await registry.ci.get(f"/v1/models/{version['model_id']}")).json()
    assert (model["id"], model["name"], model["tags"]) == (version["model_id"], version["model_name"], {TAG: "high", "team": "risk"})
