"""Versions over HTTP."""

import asyncio
import json
from hashlib import sha256
from typing import Any

import pytest

from .conftest import Registry

pytestmark = pytest.mark.postgres

SHA = "ab" * 32
WHOLE: dict[str, Any] = {
    "format": "onnx",
    "signature": {"inputs": [{"name": "x", "type": "tensor(float)", "shape": [None, 30]}], "outputs": [{"name": "y", "type": "int64"}]},
    "lineage": {
        "training_run": "run-1",
        "experiment": "exp/1",
        "commit": "c" * 40,
        "data": [{"sha256": SHA, "role": "train"}, {"sha256": "cd" * 32, "role": "test"}],
        "parameters": {"C": 0.5, "solver": "lbfgs", "warm": True, "n": 100, "seed": None},
        "metrics": {"auc": 0.91, "n": 3},
        "trained_by": ["alice"],
        "prepared_by": ["bob"],
    },
}


async def test_version_of_an_uploaded_artifact_is_registered_with_all_its_facts(registry: Registry) -> None:
    model_id = await registry.a_model()
    digest = await registry.a_blob(b"bytes")
    answer = await registry.alice.post(f"/v1/models/{model_id}/versions", json={"artifact": {"sha256": digest.upper()}, **WHOLE})
    assert answer.status_code == 201, answer.text
    version_id = answer.json()["id"]
    assert answer.json() == {"id": version_id, "model_id": model_id, "number": 1, "sha256": digest}
    assert answer.headers["location"] == f"/v1/versions/{version_id}"

    version = (await registry.erin.get(f"/v1/versions/{version_id}")).json()
    people = registry.approval.people
    assert version["artifact"] == {"sha256": digest, "size": 5, "uri": None}
    assert version["lineage"] == {**WHOLE["lineage"], "trained_by": [people["alice"]], "prepared_by": [people["bob"]]}
    assert version["signature"]["outputs"] == [{"name": "y", "type": "int64", "shape": []}]
    assert (version["model_name"], version["deployed_in"], version["registered_by"]) == ("churn", [], people["alice"])
    assert (await registry.erin.get(f"/v1/models/{model_id}/versions/1")).json() == version
    assert (await registry.erin.get(f"/v1/models/{model_id}")).json()["latest_number"] == 1


async def test_version_registered_leaves_two_events_with_ids_of_people_and_no_names(registry: Registry) -> None:
    model_id = await registry.a_model()
    await registry.a_version(model_id, **WHOLE)
    numbered, registered = await registry.events("VersionNumbered", "VersionRegistered")
    assert (numbered["type"], registered["type"]) == ("VersionNumbered", "VersionRegistered")
    assert (numbered["subject"], registered["subject"]) == (model_id, model_id)
    assert registered["stream"] == f"version-{json.loads(registered['data'])['version_id']}"
    assert b"alice" not in registered["data"]


async def test_version_by_reference_needs_no_upload(registry: Registry) -> None:
    model_id = await registry.a_model()
    artifact = {"sha256": SHA, "uri": "s3://bucket/model.onnx", "size": 12}
    answer = await registry.alice.post(f"/v1/models/{model_id}/versions", json={"artifact": artifact, "format": "other"})
    assert answer.status_code == 201
    assert (await registry.alice.get(f"/v1/versions/{answer.json()['id']}")).json()["artifact"] == artifact


async def test_version_of_an_artifact_that_was_not_uploaded_is_refused(registry: Registry) -> None:
    model_id = await registry.a_model()
    answer = await registry.alice.post(f"/v1/models/{model_id}/versions", json={"artifact": {"sha256": SHA}, "format": "onnx"})
    assert (answer.status_code, answer.json()["code"]) == (422, "artifact_not_uploaded")
    assert f"/v1/blobs/{SHA}" in answer.json()["resolve"]
    (refusal,) = await registry.events("ActionRefused")
    assert refusal["subject"] == model_id


async def test_version_of_an_unknown_trainer_is_refused_since_no_person_would_be_excluded(registry: Registry) -> None:
    model_id, digest = await registry.a_model(), await registry.a_blob()
    for role in ("trained_by", "prepared_by"):
        body = {"artifact": {"sha256": digest}, "format": "onnx", "lineage": {role: ["alice", "mallory"]}}
        answer = await registry.alice.post(f"/v1/models/{model_id}/versions", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "person_unknown")
        assert answer.json()["errors"] == [
            {"field": f"lineage.{role}.1", "value": "mallory", "allowed": "the id or name of a known person"}
        ]
    assert await registry.events("VersionRegistered", "VersionNumbered") == []


async def test_version_while_no_person_can_be_looked_up_waits_for_a_better_moment(registry: Registry) -> None:
    model_id, digest = await registry.a_model(), await registry.a_blob()
    body = {"artifact": {"sha256": digest}, "format": "onnx", "lineage": {"trained_by": ["alice"]}}
    headers = {"Idempotency-Key": "k"}
    registry.approval.away = True
    away = await registry.alice.post(f"/v1/models/{model_id}/versions", json=body, headers=headers)
    assert (away.status_code, away.json()["code"]) == (503, "people_unavailable")
    assert "retry-after" in away.headers
    registry.approval.away = False
    assert (await registry.alice.post(f"/v1/models/{model_id}/versions", json=body, headers=headers)).status_code == 201


async def test_version_registered_without_the_role_is_refused(registry: Registry) -> None:
    model_id, digest = await registry.a_model(), await registry.a_blob()
    body = {"artifact": {"sha256": digest}, "format": "onnx"}
    for client in (registry.erin, registry.ci):
        assert (await client.post(f"/v1/models/{model_id}/versions", json=body)).status_code == 403


NO_VERSIONS: list[tuple[str, dict[str, Any]]] = [
    ("artifact", {"artifact": {"sha256": SHA, "uri": "s3://b/m"}}),
    ("artifact", {"artifact": {"sha256": SHA, "size": 3}}),
    ("artifact.sha256", {"artifact": {"sha256": "abc"}}),
    ("artifact.uri", {"artifact": {"sha256": SHA, "uri": "model.onnx", "size": 1}}),
    ("artifact.size", {"artifact": {"sha256": SHA, "uri": "s3://b/m", "size": -1}}),
    ("format", {"format": "excel"}),
    ("lineage.commit", {"lineage": {"commit": "main"}}),
    ("lineage.data.0.role", {"lineage": {"data": [{"sha256": SHA, "role": "holdout"}]}}),
    ("lineage.parameters.note", {"lineage": {"parameters": {"note": "some free text"}}}),
    ("lineage.metrics.auc", {"lineage": {"metrics": {"auc": "high"}}}),
    ("lineage.owner", {"lineage": {"owner": "alice"}}),
]


async def test_version_with_a_value_that_is_not_allowed_is_refused_by_field(registry: Registry, subtests: pytest.Subtests) -> None:
    model_id, digest = await registry.a_model(), await registry.a_blob()
    for field, change in NO_VERSIONS:
        with subtests.test(field=field, change=change):
            body = {"artifact": {"sha256": digest}, "format": "onnx", **change}
            answer = await registry.alice.post(f"/v1/models/{model_id}/versions", json=body)
            assert answer.status_code == 422, answer.text
            assert field in [error["field"] for error in answer.json()["errors"]]


async def test_version_with_a_metric_that_is_no_number_is_refused(registry: Registry) -> None:
    model_id = await registry.a_model()
    body = f'{{"artifact": {{"sha256": "{await registry.a_blob()}"}}, "format": "onnx", "lineage": {{"metrics": {{"auc": NaN}}}}}}'
    headers = {"Content-Type": "application/json"}
    assert (await registry.alice.post(f"/v1/models/{model_id}/versions", content=body, headers=headers)).status_code == 422


async def test_version_with_more_facts_than_an_event_holds_is_refused(registry: Registry) -> None:
    model_id, digest = await registry.a_model(), await registry.a_blob()
    parameters = {f"{'p' * 100}{number}": "v" * 200 for number in range(250)}
    body = {"artifact": {"sha256": digest}, "format": "onnx", "lineage": {"parameters": parameters}}
    answer = await registry.alice.post(f"/v1/models/{model_id}/versions", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "version_facts_too_large")


async def test_versions_registered_at_once_are_numbered_without_gaps(registry: Registry) -> None:
    model_id, digest = await registry.a_model(), await registry.a_blob()
    body = {"artifact": {"sha256": digest}, "format": "onnx", "lineage": {"trained_by": ["alice"]}}
    answers = await asyncio.gather(*(registry.alice.post(f"/v1/models/{model_id}/versions", json=body) for _ in range(40)))
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answer.json()["number"] for answer in answers) == list(range(1, 41))
    assert (await registry.alice.get(f"/v1/models/{model_id}")).json()["latest_number"] == 40


async def test_versions_registered_at_once_through_two_processes_are_numbered_without_gaps(registry: Registry, serve_again: Any) -> None:
    model_id, digest = await registry.a_model(), await registry.a_blob()

    async def register(through: Registry, number: int) -> int:
        """As a client does it: after 503 the same request again, under the same key."""
        sending: dict[str, Any] = {"json": {"artifact": {"sha256": digest}, "format": "onnx"}, "headers": {"Idempotency-Key": str(number)}}
        for _ in range(20):
            answer = await through.alice.post(f"/v1/models/{model_id}/versions", **sending)
            if answer.status_code != 503:
                break
        assert answer.status_code == 201, answer.text
        return int(answer.json()["number"])

    async with serve_again() as other:
        numbers = await asyncio.gather(*(register((registry, other)[number % 2], number) for number in range(20)))
    assert sorted(numbers) == list(range(1, 21))
    assert len(await registry.events("VersionRegistered")) == 20


async def test_version_repeated_with_its_key_is_one_version(registry: Registry) -> None:
    model_id, digest = await registry.a_model(), await registry.a_blob()
    body = {"artifact": {"sha256": digest}, "format": "onnx"}
    sending = [registry.alice.post(f"/v1/models/{model_id}/versions", json=body, headers={"Idempotency-Key": "k"}) for _ in range(5)]
    answers = await asyncio.gather(*sending)
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    assert len(await registry.events("VersionRegistered")) == 1


async def test_version_for_a_model_that_changed_meanwhile_is_refused_with_if_match(registry: Registry) -> None:
    model_id = await registry.a_model()
    await registry.a_version(model_id)
    body = {"artifact": {"sha256": await registry.a_blob()}, "format": "onnx"}
    answer = await registry.alice.post(f"/v1/models/{model_id}/versions", json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 412


async def test_version_that_does_not_exist_is_not_found(registry: Registry) -> None:
    model_id = await registry.a_model()
    for path in ("/v1/versions/none", f"/v1/models/{model_id}/versions/1"):
        answer = await registry.alice.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "version_not_found")
    assert (await registry.alice.get(f"/v1/models/{model_id}/versions/0")).status_code == 422


async def test_artifact_of_several_versions_answers_all_of_them(registry: Registry) -> None:
    first, second = await registry.a_model("first"), await registry.a_model("second")
    ids = [(await registry.a_version(model, b"same"))["id"] for model in (first, first, second)]
    digest = sha256(b"same").hexdigest()
    answer = await registry.erin.get(f"/v1/artifacts/{digest.upper()}/versions")
    assert [item["id"] for item in answer.json()["items"]] == ids[::-1]


async def test_unregistered_artifact_has_no_versions(registry: Registry) -> None:
    assert (await registry.erin.get(f"/v1/artifacts/{SHA}/versions")).json()["items"] == []
    assert (await registry.erin.get("/v1/artifacts/abc/versions")).status_code == 422


async def test_versions_are_listed_newest_first_in_pages(registry: Registry) -> None:
    model_id = await registry.a_model()
    for _ in range(5):
        await registry.a_version(model_id)
    path = f"/v1/models/{model_id}/versions"
    first = (await registry.erin.get(path, params={"limit": 3})).json()
    rest = (await registry.erin.get(path, params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [item["number"] for item in first["items"] + rest["items"]] == [5, 4, 3, 2, 1]
    assert rest["next_cursor"] is None


async def test_versions_are_found_by_digest_format_and_environment(registry: Registry) -> None:
    model_id = await registry.a_model()
    onnx = await registry.a_version(model_id, b"one")
    pickle = await registry.a_version(model_id, b"two", format="sklearn-pickle")
    await registry.a_deployment(onnx["id"], "test")

    async def found(path: str = "/v1/versions", **params: str) -> list[str]:
        return [item["id"] for item in (await registry.erin.get(path, params=params)).json()["items"]]

    assert await found() == [pickle["id"], onnx["id"]]
    assert await found(format="sklearn-pickle") == [pickle["id"]]
    assert await found(sha256=onnx["sha256"]) == [onnx["id"]]
    assert await found(environment="test") == [onnx["id"]]
    assert await found(environment="prod") == []
    assert await found(f"/v1/models/{model_id}/versions", environment="test") == [onnx["id"]]


async def test_lineage_is_added_to_and_never_taken_from(registry: Registry) -> None:
    model_id = await registry.a_model()
    await registry.a_blob(b"bytes")
    digest = sha256(b"bytes").hexdigest()
    made = await registry.alice.post(f"/v1/models/{model_id}/versions", json={"artifact": {"sha256": digest}, **WHOLE})
    people, path = registry.approval.people, f"/v1/versions/{made.json()['id']}"
    forgotten = {"sha256": "f" * 64, "role": "train"}
    added = await registry.alice.post(
        f"{path}/lineage", json={"trained_by": ["bob", "alice"], "data": [*WHOLE["lineage"]["data"], forgotten]}
    )
    assert added.status_code == 200, added.text
    data = [*WHOLE["lineage"]["data"], forgotten]
    named = {"trained_by": [people["alice"], people["bob"]], "prepared_by": [people["bob"]], "data": data}
    assert added.json() == {"id": made.json()["id"], "added": True, **named}
    again = await registry.alice.post(f"{path}/lineage", json={"trained_by": ["bob"], "data": [forgotten]})
    assert (again.status_code, again.json()["added"]) == (200, False)
    seen = (await registry.erin.get(path)).json()
    assert {part: seen["lineage"][part] for part in named} == named
    assert seen["lineage"]["experiment"] == "exp/1"
    page = (await registry.erin.get("/v1/feed", params={"limit": 1000})).json()
    [event] = [event for event in page["events"] if event["type"] == "placet.LineageAdded.v2"]
    assert (event["data"]["artifact_sha256"], event["data"]["data"]) == (digest, [forgotten])


async def test_lineage_that_names_no_person_or_an_unknown_one_is_refused(registry: Registry) -> None:
    model_id = await registry.a_model()
    digest = await registry.a_blob(b"bytes")
    made = await registry.alice.post(f"/v1/models/{model_id}/versions", json={"artifact": {"sha256": digest}, **WHOLE})
    path = f"/v1/versions/{made.json()['id']}/lineage"
    unnamed = await registry.alice.post(path, json={})
    assert unnamed.status_code == 422
    unknown = await registry.alice.post(path, json={"trained_by": ["mallory"]})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "person_unknown")
    reader = await registry.erin.post(path, json={"trained_by": ["bob"]})
    assert (reader.status_code, reader.json()["code"]) == (403, "role_required")
    missing = await registry.alice.post("/v1/versions/0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c13/lineage", json={"trained_by": ["bob"]})
    assert (missing.status_code, missing.json()["code"]) == (404, "version_not_found")
