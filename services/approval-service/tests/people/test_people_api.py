"""People over HTTP with a real PostgreSQL behind."""

import asyncio
import json

import pytest

from ..conftest import Service

pytestmark = pytest.mark.postgres


async def test_person_added_can_be_read_by_id_and_by_name(service: Service) -> None:
    body = {"name": "carol", "display_name": "Carol Danvers", "email": "carol@example.org", "roles": ["risk-officer"]}
    added = await service.dora.post("/v1/people", body)
    assert added.status_code == 201
    person_id = added.json()["person_id"]
    assert added.json() == {"person_id": person_id, "roles": ["risk-officer"], "active": True, "erased": False, "proposed_change": None}
    assert added.headers["location"] == f"/v1/people/{person_id}"
    assert added.headers["placet-position"].startswith("approval:1:")
    by_name, by_id = await service.dora.get("/v1/people/carol"), await service.dora.get(f"/v1/people/{person_id}")
    assert by_name.json() == by_id.json()
    assert by_name.json()["display_name"] == "Carol Danvers"
    assert by_name.headers["etag"] == added.headers["etag"] == '"1"'


async def test_person_without_a_display_name_is_called_by_the_name(service: Service) -> None:
    await service.dora.post("/v1/people", {"name": "bob"})
    assert (await service.dora.get("/v1/people/bob")).json()["display_name"] == "bob"


async def test_names_of_people_stand_in_one_table_and_in_no_event_and_no_answer(service: Service) -> None:
    body = {"name": "zebulon", "display_name": "Zebulon Pike", "email": "pike@example.org", "roles": []}
    await service.dora.post("/v1/people", body, headers={"Idempotency-Key": "k1"})
    again = await service.dora.post("/v1/people", body, headers={"Idempotency-Key": "k2"})
    assert again.status_code == 409
    await service.dora.post("/v1/tokens", {"holder": "zebulon"}, headers={"Idempotency-Key": "k3"})
    words = ("zebulon", "Pike", "pike@")
    stored = await service.site.stored()
    assert {table for table, rows in stored.items() if any(word in rows for word in words)} == {"people_names"}
    assert "name_taken" in stored["answers"], "refusals are kept as answers too"


async def test_name_that_is_taken_is_refused_with_advice(service: Service) -> None:
    await service.person("bob")
    refused = await service.dora.post("/v1/people", {"name": "bob"})
    assert (refused.status_code, refused.json()["code"]) == (409, "name_taken")
    assert refused.json()["resolve"]


async def test_name_wanted_by_many_at_once_is_given_once(service: Service) -> None:
    answers = await asyncio.gather(*[service.dora.post("/v1/people", {"name": "bob"}) for _ in range(12)])
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 11
    assert {answer.json().get("code") for answer in answers} == {None, "name_taken"}
    assert len(await service.site.fetch("select 1 from people_names where name = 'bob'")) == 1
    assert (await service.site.event_types()).count("PersonAdded") == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Bob"),
        ("name", "b"),
        ("name", "0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c10"),
        ("display_name", "a\u0000b"),
        ("display_name", " bob"),
        ("email", "nobody"),
        ("roles", ["Admin"]),
    ],
)
async def test_malformed_field_is_named_and_nothing_is_recorded(service: Service, field: str, value: object) -> None:
    before = await service.site.event_types()
    refused = await service.dora.post("/v1/people", {"name": "bob", field: value})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert await service.site.event_types() == before


async def test_role_admin_is_needed_and_a_refusal_is_recorded(service: Service) -> None:
    alice = await service.person("alice", "developer", "reviewer")
    attempts = [
        ("add_person", "/v1/people", {"name": "eve", "roles": ["admin"]}),
        ("change_person_roles", "/v1/people/alice/roles", {"roles": ["admin"]}),
        ("deactivate_person", "/v1/people/dora/deactivate", None),
        ("erase_person", "/v1/people/dora/erase", None),
        ("add_service_account", "/v1/service-accounts", {"name": "ci"}),
        ("change_service_account_roles", "/v1/service-accounts/ci/roles", {"roles": []}),
        ("deactivate_service_account", "/v1/service-accounts/ci/deactivate", None),
    ]
    for action, path, body in attempts:
        refused = await alice.post(path, body)
        assert (refused.status_code, refused.json()["code"]) == (403, "role_required"), action
    recorded = await service.site.fetch("select stream, actor, data from events where type = 'ActionRefused' order by position")
    assert [row["stream"] for row in recorded] == [f"refusal-{action}" for action, _, _ in attempts]
    assert {row["actor"] for row in recorded} == {alice.id}
    assert {json.loads(row["data"])["code"] for row in recorded} == {"role_required"}


async def test_roles_changed_are_valid_with_the_next_request(service: Service) -> None:
    alice = await service.person("alice", "developer")
    assert (await alice.post("/v1/people", {"name": "eve"})).status_code == 403
    changed = await service.dora.post("/v1/people/alice/roles", {"roles": ["developer", "admin"]})
    assert changed.json()["roles"] == ["admin", "developer"]
    assert (await alice.post("/v1/people", {"name": "eve"})).status_code == 201
    await service.dora.post(f"/v1/people/{alice.id}/roles", {"roles": []})
    assert (await alice.post("/v1/people", {"name": "eva"})).status_code == 403


async def test_roles_changed_on_a_version_seen_before_is_refused(service: Service) -> None:
    await service.person("alice", "developer")
    seen = (await service.dora.get("/v1/people/alice")).headers["etag"]
    assert (await service.dora.post("/v1/people/alice/roles", {"roles": ["auditor"]}, {"If-Match": seen})).status_code == 200
    stale = await service.dora.post("/v1/people/alice/roles", {"roles": ["admin"]}, {"If-Match": seen})
    assert stale.status_code == 412
    assert (await service.dora.get("/v1/people/alice")).json()["roles"] == ["auditor"]


async def test_person_who_does_not_exist(service: Service) -> None:
    for path in ("/v1/people/nobody/roles", "/v1/people/nobody/deactivate", "/v1/people/nobody/erase"):
        refused = await service.dora.post(path, {"roles": []} if path.endswith("roles") else None)
        assert (refused.status_code, refused.json()["code"]) == (404, "person_not_found")
    assert (await service.dora.get("/v1/people/nobody")).status_code == 404


async def test_person_deactivated_is_refused_with_every_token(service: Service) -> None:
    alice = await service.person("alice", "developer")
    second = service.caller((await alice.post("/v1/tokens", {})).json()["token"])
    assert (await second.get("/v1/whoami")).status_code == 200
    assert (await service.dora.post("/v1/people/alice/deactivate")).json()["active"] is False
    for caller in (alice, second):
        refused = await caller.get("/v1/whoami")
        assert (refused.status_code, refused.json()["code"]) == (401, "token_invalid")
    states = (await service.dora.get("/v1/tokens", params={"holder": "alice"})).json()["items"]
    assert [token["state"] for token in states] == ["holder_inactive", "holder_inactive"]
    assert (await service.dora.post("/v1/tokens", {"holder": "alice"})).json()["code"] == "person_deactivated"


async def test_person_erased_keeps_the_id_and_frees_the_name(service: Service) -> None:
    alice = await service.person("alice", "developer")
    erased = await service.dora.post("/v1/people/alice/erase")
    assert erased.json() == {"person_id": alice.id, "roles": ["developer"], "active": False, "erased": True, "proposed_change": None}
    assert (await service.dora.get("/v1/people/alice")).status_code == 404
    view = (await service.dora.get(f"/v1/people/{alice.id}")).json()
    assert (view["name"], view["display_name"], view["email"], view["erased"], view["active"]) == (None, None, None, True, False)
    assert (await alice.get("/v1/whoami")).status_code == 401
    assert not [table for table, rows in (await service.site.stored()).items() if "Alice" in rows or "alice" in rows]
    assert (await service.person("alice")).id != alice.id
    assert (await service.site.event_types()).count("PersonErased") == 1


async def test_person_erased_is_not_brought_back_by_repeating_the_request(service: Service) -> None:
    body, key = {"name": "alice", "display_name": "Alice"}, {"Idempotency-Key": "k1"}
    added = await service.dora.post("/v1/people", body, key)
    await service.dora.post("/v1/people/alice/erase")
    again = await service.dora.post("/v1/people", body, key)
    assert (again.status_code, again.json(), again.headers["idempotency-replayed"]) == (201, added.json(), "true")
    assert (await service.dora.get("/v1/people/alice")).status_code == 404


async def test_email_is_shown_to_admins_and_to_the_person(service: Service) -> None:
    alice, bob = await service.person("alice"), await service.person("bob", "developer")
    await service.dora.post("/v1/people", {"name": "carol", "email": "carol@example.org"})
    token = (await service.dora.post("/v1/tokens", {"holder": "carol"})).json()["token"]
    seen = [(await caller.get("/v1/people/carol")).json()["email"] for caller in (service.dora, service.caller(token), alice, bob)]
    assert seen == ["carol@example.org", "carol@example.org", None, None]


async def test_people_are_listed_page_by_page_each_once(service: Service) -> None:
    for number in range(5):
        await service.person(f"person-{number}")
    seen: list[str] = []
    query: dict[str, str] = {"limit": "2"}
    while True:
        page = (await service.dora.get("/v1/people", params=query)).json()
        seen += [person["name"] for person in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == ["dora", *(f"person-{number}" for number in range(5))]


@pytest.mark.parametrize("path", ["/v1/people", "/v1/people/dora", "/v1/service-accounts", "/v1/tokens", "/v1/whoami"])
async def test_reading_needs_a_token(service: Service, path: str) -> None:
    assert (await service.client.get(path)).status_code == 401


async def test_whoami_says_who_and_with_which_token(service: Service) -> None:
    alice = await service.person("alice", "reviewer", "developer")
    found = (await alice.get("/v1/whoami")).json()
    assert found.pop("token_id")
    assert found == {
        "id": alice.id,
        "kind": "person",
        "name": "alice",
        "display_name": "Alice",
        "roles": ["developer", "reviewer"],
        "expires_at": None,
    }
