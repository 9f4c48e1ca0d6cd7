"""Data sets over HTTP."""

import asyncio
import json
from hashlib import sha256
from typing import Any

import httpx
import pytest

from placet_registry.domain.data_facts import COLUMN_LIMIT
from placet_shared.access import Actor
from placet_shared.contracts import ActionRefused
from placet_shared.contracts.registry import DataSetRegistered

from .conftest import Registry

pytestmark = pytest.mark.postgres

CONTENT = b"age,label\n31,0\n44,1\n"
PERIOD = {"from": "2026-01-01", "to": "2026-03-31"}
COLUMNS = [{"name": "age", "type": "number"}, {"name": "label", "type": "number"}]


async def body_of(registry: Registry, content: bytes = CONTENT, **more: Any) -> dict[str, Any]:
    """With the bytes uploaded."""
    digest = await registry.a_blob(content)
    return {"name": "churn-test", "sha256": digest, "format": "csv", "role": "test", **more}


async def register(registry: Registry, content: bytes = CONTENT, *, by: str = "alice", **more: Any) -> httpx.Response:
    body = await body_of(registry, content, **more)
    return await registry.clients[by].post("/v1/datasets", json=body)


async def test_data_set_that_is_registered_can_be_read(registry: Registry) -> None:
    answer = await register(registry, columns=COLUMNS, rows=2, period=PERIOD)
    alice = registry.approval.people["alice"]
    digest = sha256(CONTENT).hexdigest()
    assert answer.status_code == 201
    said = answer.json()
    assert said == {"dataset_id": said["dataset_id"], "name": "churn-test", "number": 1, "sha256": digest, "owner": alice}
    assert answer.headers["location"] == "/v1/datasets/churn-test/1"
    read = (await registry.erin.get(answer.headers["location"])).json()
    facts = {"size": len(CONTENT), "format": "csv", "columns": COLUMNS, "rows": 2, "period": PERIOD, "role": "test"}
    assert read == {**said, **facts, "registered_by": alice, "registered_at": read["registered_at"]}
    (event,) = await registry.events("DataSetRegistered")
    assert (event["subject"], event["actor"]) == (said["dataset_id"], alice)
    assert json.loads(event["data"]) == {**said, **facts}
    DataSetRegistered.model_validate_json(event["data"])


async def test_bytes_are_found_under_every_name_and_number_that_they_have(registry: Registry) -> None:
    for name, content in (("churn-test", b"a"), ("churn-test", b"b"), ("another-name", b"a"), ("other", b"c")):
        assert (await register(registry, content, name=name)).status_code == 201
    assert (await register(registry, b"a", rows=1)).status_code == 201
    path = f"/v1/blobs/{sha256(b'a').hexdigest()}/datasets"
    found = (await registry.erin.get(path, params={"limit": 2})).json()
    assert [(one["name"], one["number"]) for one in found["items"]] == [("another-name", 1), ("churn-test", 1)]
    rest = (await registry.erin.get(path, params={"limit": 2, "cursor": found["next_cursor"]})).json()
    assert ([(one["name"], one["number"]) for one in rest["items"]], rest["next_cursor"]) == ([("churn-test", 3)], None)
    assert (await registry.erin.get(f"/v1/blobs/{'0' * 64}/datasets")).json()["items"] == []


async def test_versions_of_a_name_are_numbered_and_the_latest_is_the_newest(registry: Registry) -> None:
    ids = {(await register(registry, b"%d" % number)).json()["dataset_id"] for number in range(3)}
    assert len(ids) == 1
    numbers = [one["number"] for one in (await registry.erin.get("/v1/datasets/churn-test")).json()["items"]]
    assert numbers == [3, 2, 1]
    latest = (await registry.erin.get("/v1/datasets/churn-test/latest")).json()
    assert (latest["number"], latest["sha256"]) == (3, sha256(b"2").hexdigest())
    assert (await registry.erin.get("/v1/datasets/churn-test/1")).json()["sha256"] == sha256(b"0").hexdigest()


async def test_versions_of_a_name_in_pages_are_each_shown_once(registry: Registry) -> None:
    for number in range(5):
        await register(registry, b"%d" % number)
    seen: list[int] = []
    cursor = None
    while not seen or cursor:
        page = (await registry.erin.get("/v1/datasets/churn-test", params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
        seen, cursor = [*seen, *(one["number"] for one in page["items"])], page["next_cursor"]
    assert seen == [5, 4, 3, 2, 1]


async def test_same_facts_again_have_the_existing_number(registry: Registry) -> None:
    first = await register(registry, rows=2)
    await register(registry, b"other")
    again = await register(registry, rows=2)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert len(await registry.events("DataSetRegistered")) == 2


async def test_versions_registered_at_once_have_numbers_without_gaps(registry: Registry) -> None:
    bodies = [await body_of(registry, b"%d" % (number % 6)) for number in range(12)]
    answers = await asyncio.gather(*(registry.alice.post("/v1/datasets", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200] * 6 + [201] * 6
    assert sorted(answer.json()["number"] for answer in answers) == [number for number in range(1, 7) for _ in range(2)]
    newest = await registry.site.fetch("select number from datasets where not superseded")
    assert [row["number"] for row in newest] == [6]


async def test_bytes_that_were_not_uploaded_are_refused_and_recorded(registry: Registry) -> None:
    answer = await registry.alice.post("/v1/datasets", json={"name": "churn", "sha256": "AB" * 32, "format": "csv", "role": "test"})
    assert (answer.status_code, answer.json()["code"]) == (422, "blob_not_uploaded")
    assert answer.json()["errors"][0]["field"] == "sha256"
    assert "/v1/blobs/" + "ab" * 32 in answer.json()["resolve"]
    (refusal,) = await registry.events("ActionRefused")
    assert ActionRefused.model_validate_json(refusal["data"]).action == "register_dataset"


async def test_version_of_another_persons_name_is_refused_and_recorded_under_the_data_set(registry: Registry) -> None:
    first = (await register(registry, by="dora")).json()
    answer = await register(registry, b"mine now")
    dora = registry.approval.people["dora"]
    assert (answer.status_code, answer.json()["code"]) == (409, "dataset_name_taken")
    assert answer.json()["facts"] == {"name": "churn-test", "dataset_id": first["dataset_id"], "owner": dora}
    (refusal,) = await registry.events("ActionRefused")
    assert refusal["subject"] == first["dataset_id"]
    assert (await registry.erin.get("/v1/datasets/churn-test/latest")).json()["number"] == 1


async def test_admin_adds_a_version_of_another_persons_name(registry: Registry) -> None:
    await register(registry)
    answer = await register(registry, b"corrected", by="dora", owner="alice")
    assert (answer.status_code, answer.json()["number"], answer.json()["owner"]) == (201, 2, registry.approval.people["alice"])


@pytest.mark.parametrize("by", ["erin", "ci"])
async def test_data_set_without_the_role_is_refused(registry: Registry, by: str) -> None:
    answer = await register(registry, by=by)
    assert (answer.status_code, answer.json()["code"]) == (403, "role_required")


async def test_owner_is_named_by_id_or_name_and_must_be_a_person(registry: Registry) -> None:
    bob = registry.approval.people["bob"]
    assert (await register(registry, name="by-name", owner="bob")).json()["owner"] == bob
    assert (await register(registry, name="by-id", owner=bob)).json()["owner"] == bob
    unknown = await register(registry, name="by-mallory", owner="mallory")
    assert (unknown.status_code, unknown.json()["code"], unknown.json()["errors"][0]["field"]) == (422, "person_unknown", "owner")
    registry.approval.away = True
    assert (await register(registry, name="by-alice", owner="alice")).status_code == 503


async def test_service_account_must_name_the_owner(registry: Registry) -> None:
    token = registry.approval.tokens["ci"]
    registry.approval.actors[token] = Actor("account-ci", "service_account", frozenset({"developer"}), "token")
    answer = await register(registry, by="ci")
    assert (answer.status_code, answer.json()["code"], answer.json()["errors"][0]["field"]) == (422, "owner_required", "owner")
    named = await register(registry, by="ci", owner="alice")
    assert (named.status_code, named.json()["owner"]) == (201, registry.approval.people["alice"])
    again = await register(registry, by="ci", owner="alice")
    assert (again.status_code, again.json()["number"]) == (200, 1)


NO_DATA_SETS: list[tuple[str, dict[str, Any]]] = [
    ("name", {"name": "Churn"}),
    ("name", {"name": "x" * 64}),
    ("sha256", {"sha256": "ab"}),
    ("format", {"format": "xlsx"}),
    ("role", {"role": "holdout"}),
    ("rows", {"rows": -1}),
    ("period.to", {"period": {"from": "2026-01-01"}}),
    ("period.from", {"period": {"from": "2026-02-30", "to": "2026-03-31"}}),
    ("period.to", {"period": {"from": "2026-03-31", "to": "2026-01-01"}}),
    ("period.first", {"period": {"first": "2026-01-01", **PERIOD}}),
    ("columns", {"columns": [{"name": str(number), "type": "n"} for number in range(COLUMN_LIMIT + 1)]}),
    ("columns", {"columns": [{"name": f"{number} {'x' * 190}", "type": "number"} for number in range(400)]}),
    ("columns.0.name", {"columns": [{"name": "x" * 201, "type": "number"}]}),
    ("columns.0.name", {"columns": [{"name": "\0", "type": "number"}]}),
    ("columns.1.name", {"columns": [COLUMNS[0], COLUMNS[0]]}),
    ("note", {"note": "from Alice"}),
]


async def test_data_set_with_a_value_that_is_not_allowed_is_refused_by_field(registry: Registry, subtests: pytest.Subtests) -> None:
    for field, more in NO_DATA_SETS:
        with subtests.test(field=field, more=str(more)[:80]):
            answer = await register(registry, **more)
            assert answer.status_code == 422
            assert field in [error["field"] for error in answer.json()["errors"]]
    assert await registry.events("DataSetRegistered") == []


async def test_data_set_that_does_not_exist_is_not_found(registry: Registry) -> None:
    await register(registry)
    for path, status in {"none": 404, "none/latest": 404, "churn-test/2": 404, "churn-test/0": 422, "Churn": 422, "churn%00": 422}.items():
        answer = await registry.erin.get(f"/v1/datasets/{path}")
        assert answer.status_code == status
        assert status == 422 or answer.json()["code"] == "dataset_not_found"


async def test_search_shows_the_newest_version_of_each_name_that_fits(registry: Registry) -> None:
    await register(registry, b"1", name="churn-test")
    await register(registry, b"2", name="churn-test", role="validation")
    await register(registry, b"3", name="churn-train", role="train")
    await register(registry, b"4", name="fraud-test", format="parquet")

    async def found(**params: Any) -> list[tuple[str, int]]:
        answer = await registry.erin.get("/v1/datasets", params=params)
        assert answer.status_code == 200, answer.text
        return [(one["name"], one["number"]) for one in answer.json()["items"]]

    assert await found() == [("churn-test", 2), ("churn-train", 1), ("fraud-test", 1)]
    assert await found(name="CHURN") == [("churn-test", 2), ("churn-train", 1)]
    assert await found(name="-te") == [("churn-test", 2), ("fraud-test", 1)]
    assert await found(role="test") == [("fraud-test", 1)]
    assert await found(role="validation", name="churn") == [("churn-test", 2)]
    assert await found(role="reference") == []
    assert await found(name="%") == []
    assert (await registry.erin.get("/v1/datasets", params={"role": "holdout"})).status_code == 422


async def test_request_repeated_with_its_key_has_one_effect_and_one_answer(registry: Registry) -> None:
    body = await body_of(registry)
    answers = [await registry.alice.post("/v1/datasets", json=body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len(await registry.events("DataSetRegistered")) == 1
