"""Models over HTTP."""

import asyncio
import json
from typing import Any

import pytest

from placet_shared.contracts import ActionRefused

from .conftest import Registry

pytestmark = pytest.mark.postgres


async def test_model_that_is_registered_can_be_read(registry: Registry) -> None:
    answer = await registry.alice.post(
        "/v1/models", json={"name": "credit risk", "description": "Default within a year.", "tags": {"team": "risk"}}
    )
    assert answer.status_code == 201
    model_id = answer.json()["id"]
    assert answer.json() == {"id": model_id, "name": "credit risk"}
    assert answer.headers["location"] == f"/v1/models/{model_id}"
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["placet-position"].startswith("registry:1:")

    read = await registry.erin.get(f"/v1/models/{model_id}")
    assert read.status_code == 200
    assert read.headers["etag"] == '"1"'
    model = read.json()
    assert (model["name"], model["tags"], model["latest_number"]) == ("credit risk", {"team": "risk"}, None)
    assert model["description"]["text"] == "Default within a year."
    assert model["registered_by"] == registry.approval.people["alice"]
    assert (await registry.erin.get("/v1/models/by-name/credit%20risk")).json() == model


async def test_model_registered_leaves_two_events_without_the_description(registry: Registry) -> None:
    model_id = await registry.a_model(description="said by Alice")
    name, model = await registry.events()
    assert (name["type"], model["type"]) == ("ModelNameReserved", "ModelRegistered")
    assert {name["subject"], model["subject"]} == {model_id}
    assert model["actor"] == registry.approval.people["alice"]
    assert b"Alice" not in name["data"] + model["data"]
    assert json.loads(model["data"])["description"].keys() == {"id", "hmac"}


async def test_model_with_a_taken_name_is_refused_and_the_refusal_recorded(registry: Registry) -> None:
    model_id = await registry.a_model("churn")
    answer = await registry.dora.post("/v1/models", json={"name": "churn"})
    assert answer.status_code == 409
    problem = answer.json()
    assert (problem["code"], problem["facts"]["model_id"]) == ("model_name_taken", model_id)
    assert model_id in problem["resolve"]
    (refusal,) = await registry.events("ActionRefused")
    assert (refusal["subject"], refusal["actor"]) == (model_id, registry.approval.people["dora"])
    recorded = ActionRefused.model_validate_json(refusal["data"])
    assert (recorded.action, recorded.code, recorded.kind) == ("register_model", "model_name_taken", "Conflict")


async def test_models_of_one_name_registered_at_once_are_one(registry: Registry) -> None:
    answers = await asyncio.gather(*(registry.alice.post("/v1/models", json={"name": "churn"}) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 11
    assert len(await registry.events("ModelRegistered")) == 1


async def test_model_registered_without_the_role_is_refused_and_recorded(registry: Registry) -> None:
    for client in (registry.erin, registry.ci):
        answer = await client.post("/v1/models", json={"name": "churn"})
        assert (answer.status_code, answer.json()["code"]) == (403, "role_required")
    assert [event["type"] for event in await registry.events()] == ["ActionRefused"] * 2


NO_MODELS: list[tuple[str, dict[str, Any]]] = [
    ("name", {}),
    ("name", {"name": "a/b"}),
    ("name", {"name": ""}),
    ("nmae", {"name": "churn", "nmae": "churn"}),
    ("tags.team", {"name": "churn", "tags": {"team": "two words"}}),
    ("tags", {"name": "churn", "tags": {"two words": "x"}}),
    ("description", {"name": "churn", "description": ""}),
]


async def test_model_with_a_value_that_is_not_allowed_is_refused_by_field(registry: Registry, subtests: pytest.Subtests) -> None:
    for field, body in NO_MODELS:
        with subtests.test(field=field, body=body):
            answer = await registry.alice.post("/v1/models", json=body)
            assert answer.status_code == 422
            assert field in [error["field"] for error in answer.json()["errors"]]
    assert await registry.events() == []


async def test_model_that_does_not_exist_is_not_found_anywhere(registry: Registry) -> None:
    answers = [
        await registry.alice.get("/v1/models/none"),
        await registry.alice.get("/v1/models/by-name/none"),
        await registry.alice.get("/v1/models/none/versions"),
        await registry.alice.put("/v1/models/none/description", json={"description": "x"}),
        await registry.alice.put("/v1/models/none/tags/a", json={"value": "b"}),
        await registry.alice.delete("/v1/models/none/tags/a"),
        await registry.alice.post("/v1/models/none/versions", json={"artifact": {"sha256": "ab" * 32}, "format": "onnx"}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "model_not_found")] * 7


async def test_model_by_name_that_is_no_name_is_refused(registry: Registry) -> None:
    assert (await registry.alice.get("/v1/models/by-name/a:b")).status_code == 422


async def test_description_is_replaced_and_taken_away(registry: Registry) -> None:
    model_id = await registry.a_model(description="first")
    first = (await registry.alice.get(f"/v1/models/{model_id}")).json()["description"]
    answer = await registry.alice.put(f"/v1/models/{model_id}/description", json={"description": "second"})
    assert (answer.status_code, answer.json(), answer.headers["etag"]) == (200, {"id": model_id}, '"2"')
    second = (await registry.alice.get(f"/v1/models/{model_id}")).json()["description"]
    assert (second["text"], second["erased"]) == ("second", False)
    assert second["hmac"] != first["hmac"]
    await registry.alice.put(f"/v1/models/{model_id}/description", json={"description": None})
    assert (await registry.alice.get(f"/v1/models/{model_id}")).json()["description"] is None
    assert len(await registry.events("ModelDescribed")) == 2


async def test_description_that_was_erased_is_shown_as_erased(registry: Registry) -> None:
    model_id = await registry.a_model(description="personal")
    await registry.site.fetch("update texts set body = null, salt = null, erased_at = now()")
    shown = (await registry.alice.get(f"/v1/models/{model_id}")).json()["description"]
    assert (shown["text"], shown["erased"]) == (None, True)
    assert len(shown["hmac"]) == 64


async def test_change_with_a_stale_etag_is_refused(registry: Registry) -> None:
    model_id = await registry.a_model()
    path, body = f"/v1/models/{model_id}/description", {"description": "x"}
    fresh = await registry.alice.put(path, json=body, headers={"If-Match": '"1"'})
    stale = await registry.alice.put(path, json=body, headers={"If-Match": '"1"'})
    assert (fresh.status_code, stale.status_code) == (200, 412)
    assert stale.json()["code"] == "precondition_failed"
    for method, where, send in (("PUT", "tags/a", {"value": "b"}), ("DELETE", "tags/a", None)):
        answer = await registry.alice.request(method, f"/v1/models/{model_id}/{where}", json=send, headers={"If-Match": '"1"'})
        assert answer.status_code == 412


async def test_read_with_a_known_etag_is_not_sent_again(registry: Registry) -> None:
    model_id = await registry.a_model()
    assert (await registry.alice.get(f"/v1/models/{model_id}", headers={"If-None-Match": '"1"'})).status_code == 304


async def test_tags_are_set_and_taken_away(registry: Registry) -> None:
    model_id = await registry.a_model(tags={"a": "1"})
    answer = await registry.alice.put(f"/v1/models/{model_id}/tags/org/team", json={"value": "risk"})
    assert (answer.status_code, answer.json()["tags"]) == (200, {"a": "1", "org/team": "risk"})
    answer = await registry.alice.delete(f"/v1/models/{model_id}/tags/a")
    assert (answer.status_code, answer.json()["tags"]) == (200, {"org/team": "risk"})
    assert (await registry.alice.get(f"/v1/models/{model_id}")).json()["tags"] == {"org/team": "risk"}
    gone = await registry.alice.delete(f"/v1/models/{model_id}/tags/a")
    assert (gone.status_code, gone.json()["code"]) == (404, "tag_not_found")


async def test_tag_with_the_value_it_has_leaves_no_event(registry: Registry) -> None:
    model_id = await registry.a_model(tags={"a": "1"})
    answer = await registry.alice.put(f"/v1/models/{model_id}/tags/a", json={"value": "1"})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert await registry.events("ModelTagged") == []


async def test_request_repeated_with_its_key_has_one_effect_and_one_answer(registry: Registry) -> None:
    key = {"Idempotency-Key": "a-key"}
    first = await registry.alice.post("/v1/models", json={"name": "churn"}, headers=key)
    again = await registry.alice.post("/v1/models", json={"name": "churn"}, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["location"] == first.headers["location"]
    other = await registry.alice.post("/v1/models", json={"name": "other"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert len(await registry.events("ModelRegistered")) == 1


async def test_refusal_repeated_with_its_key_is_recorded_once(registry: Registry) -> None:
    await registry.a_model("churn")
    key = {"Idempotency-Key": "a-key"}
    first = await registry.alice.post("/v1/models", json={"name": "churn"}, headers=key)
    again = await registry.alice.post("/v1/models", json={"name": "churn"}, headers=key)
    assert (first.status_code, again.status_code) == (409, 409)
    assert again.json()["code"] == first.json()["code"]
    assert len(await registry.events("ActionRefused")) == 1


@pytest.fixture
async def shelf(registry: Registry) -> dict[str, str]:
    """Three models: `alpha` deployed in prod, `beta-risk` with a pickle, `Gamma_Risk` without versions."""
    alpha = await registry.a_model("alpha", tags={"team": "risk", "tier": "1"})
    beta = await registry.a_model("beta-risk", tags={"team": "fraud"})
    gamma = await registry.a_model("Gamma_Risk", tags={"team": "risk"})
    version = await registry.a_version(alpha, b"alpha")
    await registry.a_version(beta, b"beta", format="sklearn-pickle")
    await registry.a_deployment(version["id"])
    return {"alpha": alpha, "beta-risk": beta, "Gamma_Risk": gamma, "sha256": version["sha256"]}


async def test_search_finds_what_all_restrictions_allow(registry: Registry, shelf: dict[str, str]) -> None:
    async def names(**params: Any) -> list[str]:
        answer = await registry.erin.get("/v1/models", params=params)
        assert answer.status_code == 200, answer.text
        return [item["name"] for item in answer.json()["items"]]

    assert await names() == ["Gamma_Risk", "alpha", "beta-risk"]
    assert await names(name="RISK") == ["Gamma_Risk", "beta-risk"]
    assert await names(name="_") == ["Gamma_Risk"]
    assert await names(name="%") == []
    assert await names(tag="team=risk") == ["Gamma_Risk", "alpha"]
    assert await names(tag=["team=risk", "tier"]) == ["alpha"]
    assert await names(tag="tier") == ["alpha"]
    assert await names(sha256=shelf["sha256"]) == ["alpha"]
    assert await names(format="sklearn-pickle") == ["beta-risk"]
    assert await names(format="sklearn-pickle", sha256=shelf["sha256"]) == []
    assert await names(environment="prod") == ["alpha"]
    assert await names(environment="prod", name="risk") == []


async def test_search_in_pages_shows_every_model_once(registry: Registry) -> None:
    for number in range(5):
        await registry.a_model(f"model-{number}")
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        answer = await registry.alice.get("/v1/models", params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        seen += [item["name"] for item in answer.json()["items"]]
        cursor, pages = answer.json()["next_cursor"], pages + 1
    assert seen == [f"model-{number}" for number in range(5)]
    assert pages == 3


async def test_search_with_a_cursor_from_elsewhere_is_refused(registry: Registry) -> None:
    answer = await registry.alice.get("/v1/models", params={"cursor": "abc"})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed_cursor")


NOTHING_OF_THIS_IS_THERE = [
    ("GET", "/v1/models/%00", 422),
    ("GET", "/v1/models/" + "x" * 65, 422),
    ("GET", "/v1/models/%ff%fe", 422),
    ("GET", "/v1/models/by-name/%00", 422),
    ("GET", "/v1/models?name=%00", 422),
    ("GET", "/v1/models?name=%ed%a0%80", 200),
    ("GET", "/v1/models?tag=%00", 422),
    ("GET", "/v1/models?tag=a%3D%00", 422),
    ("GET", "/v1/models?sha256=abc", 422),
    ("GET", "/v1/models?format=%00", 422),
    ("GET", "/v1/models?environment=%00", 422),
    ("GET", "/v1/versions/%00", 422),
    ("GET", "/v1/versions?environment=%00", 422),
    ("GET", "/v1/deployments/%00", 422),
    ("GET", "/v1/deployments?model_id=%00", 422),
    ("DELETE", "/v1/models/none/tags/%00", 404),
    ("DELETE", "/v1/models/%00/tags/a", 422),
    ("POST", "/v1/deployments/%00/end", 422),
]


async def test_characters_that_no_row_can_hold_are_never_an_error_of_ours(registry: Registry, subtests: pytest.Subtests) -> None:
    for method, path, status in NOTHING_OF_THIS_IS_THERE:
        with subtests.test(method=method, path=path):
            assert (await registry.dora.request(method, path)).status_code == status
    for text in ("a\0b", "\ud800"):
        body = json.dumps({"name": "churn", "description": text})
        with subtests.test(text=repr(text)):
            answer = await registry.dora.post("/v1/models", content=body, headers={"Content-Type": "application/json"})
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "description")
