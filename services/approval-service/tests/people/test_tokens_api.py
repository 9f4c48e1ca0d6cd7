"""Tokens over HTTP with a real PostgreSQL behind: shown once, hashed at rest, refused at once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from placet_shared.tokens import is_well_formed, new_token, token_hash

from ..conftest import Caller, Service

pytestmark = pytest.mark.postgres


async def introspect(asking: Caller, token: str) -> dict[str, object]:
    answer = await asking.post("/v1/tokens/introspect", {"token_sha256": token_hash(token)})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def expire(service: Service, token: str) -> None:
    """As if time had passed: the past can't be asked for."""
    expired = "update tokens set expires_at = clock_timestamp() where token_sha256 = $1 returning token_id"
    assert len(await service.site.fetch(expired, token_hash(token))) == 1


async def test_token_issued_for_oneself_is_shown_once_and_works(service: Service) -> None:
    alice = await service.person("alice", "developer")
    issued = await alice.post("/v1/tokens", {})
    assert issued.status_code == 201
    assert is_well_formed(issued.json()["token"])
    assert issued.headers["cache-control"] == "no-store"
    assert (await service.caller(issued.json()["token"]).get("/v1/whoami")).json()["id"] == alice.id
    listed = (await alice.get("/v1/tokens", params={"holder": "alice"})).json()["items"]
    assert [token["state"] for token in listed] == ["active", "active"]
    assert issued.json()["token"] not in str(listed)
    assert token_hash(issued.json()["token"]) not in str(listed)


async def test_token_stands_in_no_table_and_no_event(service: Service) -> None:
    alice = await service.person("alice")
    key = {"Idempotency-Key": "once"}
    issued = (await alice.post("/v1/tokens", {}, key)).json()["token"]
    await alice.post("/v1/tokens/introspect", {"token_sha256": token_hash(issued)})
    stored = await service.site.stored()
    for token in (issued, alice.token, service.dora.token):
        assert not [table for table, rows in stored.items() if token in rows]
        assert {table for table, rows in stored.items() if token_hash(token) in rows} == {"events", "tokens_g1"}


async def test_token_request_repeated_does_not_show_the_token_again(service: Service) -> None:
    alice = await service.person("alice")
    key = {"Idempotency-Key": "once"}
    first = await alice.post("/v1/tokens", {}, key)
    again = await alice.post("/v1/tokens", {}, key)
    assert again.json() == {**first.json(), "token": None}
    assert (again.status_code, again.json()["shown"], again.headers["idempotency-replayed"]) == (201, "once", "true")
    assert first.json()["token"]
    assert (await service.site.event_types()).count("TokenIssued") == 3


async def test_token_requested_twice_at_the_same_moment_is_shown_to_one(service: Service) -> None:
    key = {"Idempotency-Key": "once"}
    answers = await asyncio.gather(*[service.dora.post("/v1/tokens", {}, key) for _ in range(6)])
    assert len({answer.json()["token_id"] for answer in answers}) == 1
    shown = [answer.json()["token"] for answer in answers if answer.json()["token"]]
    assert len(shown) == 1
    assert (await service.caller(shown[0]).get("/v1/whoami")).status_code == 200


async def test_token_revoked_is_refused_with_the_next_request(service: Service) -> None:
    alice = await service.person("alice")
    token_id = (await alice.get("/v1/whoami")).json()["token_id"]
    revoked = await alice.post(f"/v1/tokens/{token_id}/revoke", {"reason": "Laptop lost in Lyon"})
    assert revoked.json() == {"token_id": token_id, "holder_id": alice.id, "revoked": True}
    assert (await alice.get("/v1/whoami")).status_code == 401
    view = (await service.dora.get(f"/v1/tokens/{token_id}")).json()
    assert (view["state"], view["revoked_by"]) == ("revoked", alice.id)
    events = await service.site.fetch("select data from events where type = 'TokenRevoked'")
    assert b"Lyon" not in events[0]["data"]
    assert [row["body"] for row in await service.site.fetch("select body from texts")] == ["Laptop lost in Lyon"]


async def test_token_revoked_twice_is_one_event(service: Service) -> None:
    alice = await service.person("alice")
    token_id = (await alice.get("/v1/whoami")).json()["token_id"]
    for _ in range(2):
        assert (await service.dora.post(f"/v1/tokens/{token_id}/revoke", {"reason": "lost"})).status_code == 200
    assert (await service.site.event_types()).count("TokenRevoked") == 1
    assert len(await service.site.fetch("select 1 from texts")) == 1


async def test_token_that_expired_is_refused(service: Service) -> None:
    alice = await service.person("alice")
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    issued = (await alice.post("/v1/tokens", {"expires_at": later})).json()
    short = service.caller(issued["token"])
    assert datetime.fromisoformat((await short.get("/v1/whoami")).json()["expires_at"]) == datetime.fromisoformat(later)
    await expire(service, short.token)
    assert (await short.get("/v1/whoami")).status_code == 401
    assert (await alice.get(f"/v1/tokens/{issued['token_id']}")).json()["state"] == "expired"


@pytest.mark.parametrize(("expires_at", "code"), [("2020-01-01T00:00:00Z", "expiry_in_the_past"), ("2999-01-01T00:00:00", "malformed")])
async def test_expiry_in_the_past_or_without_a_zone_is_refused(service: Service, expires_at: str, code: str) -> None:
    refused = await service.dora.post("/v1/tokens", {"expires_at": expires_at})
    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_tokens_of_others_are_managed_by_admins_only_and_the_refusal_is_recorded(service: Service) -> None:
    alice, bob = await service.person("alice", "developer"), await service.person("bob", "reviewer")
    bobs = (await bob.get("/v1/whoami")).json()["token_id"]
    for refused in (await alice.post("/v1/tokens", {"holder": "bob"}), await alice.post(f"/v1/tokens/{bobs}/revoke")):
        assert (refused.status_code, refused.json()["code"]) == (403, "tokens_of_others")
    assert (await bob.get("/v1/whoami")).status_code == 200
    recorded = await service.site.fetch("select stream, subject, actor from events where type = 'ActionRefused' order by position")
    assert [tuple(row) for row in recorded] == [
        ("refusal-issue_token", bob.id, alice.id),
        ("refusal-revoke_token", bob.id, alice.id),
    ]


async def test_service_account_issues_no_tokens_not_even_its_own(service: Service) -> None:
    ci = await service.account("ci", "pipeline")
    own = (await ci.get("/v1/whoami")).json()["token_id"]
    assert (await ci.post("/v1/tokens", {})).status_code == 403
    assert (await ci.post(f"/v1/tokens/{own}/revoke")).status_code == 403


async def test_holder_whose_name_is_shared_by_a_person_and_a_system_must_be_given_by_id(service: Service) -> None:
    person, account = await service.person("ci"), await service.account("ci", "pipeline")
    refused = await service.dora.post("/v1/tokens", {"holder": "ci"})
    assert (refused.status_code, refused.json()["code"]) == (422, "holder_ambiguous")
    kinds = [(await service.dora.post("/v1/tokens", {"holder": holder.id})).json()["holder_kind"] for holder in (person, account)]
    assert kinds == ["person", "service_account"]


async def test_introspection_tells_a_service_whose_token_it_is(service: Service) -> None:
    registry = await service.account("registry", "service")
    alice = await service.person("alice", "reviewer", "developer")
    found = await introspect(registry, alice.token)
    token_id = (await alice.get("/v1/whoami")).json()["token_id"]
    assert found == {
        "active": True,
        "actor": {"id": alice.id, "kind": "person", "roles": ["developer", "reviewer"]},
        "token_id": token_id,
        "expires_at": None,
    }


async def test_introspection_of_what_is_not_valid_says_nothing_but_that(service: Service) -> None:
    registry = await service.account("registry", "service")
    revoked, expired, gone = [await service.person(name, "developer") for name in ("anna", "bert", "carl")]
    token_id = (await revoked.get("/v1/whoami")).json()["token_id"]
    await service.dora.post(f"/v1/tokens/{token_id}/revoke")
    await expire(service, expired.token)
    await service.dora.post("/v1/people/carl/deactivate")
    for token in (revoked.token, expired.token, gone.token, new_token()):
        assert await introspect(registry, token) == {"active": False, "actor": None, "token_id": None, "expires_at": None}


@pytest.mark.parametrize("roles", [("admin",), ("developer", "auditor")])
async def test_introspection_is_for_services_only(service: Service, roles: tuple[str, ...]) -> None:
    alice = await service.person("alice", *roles)
    refused = await alice.post("/v1/tokens/introspect", {"token_sha256": token_hash(alice.token)})
    assert (refused.status_code, refused.json()["code"]) == (403, "role_required")


async def test_token_of_a_holder_or_of_an_id_that_does_not_exist(service: Service) -> None:
    assert (await service.dora.post("/v1/tokens", {"holder": "nobody"})).json()["code"] == "person_not_found"
    assert (await service.dora.post("/v1/tokens/nothing/revoke")).json()["code"] == "token_not_found"
    assert (await service.dora.get("/v1/tokens/nothing")).status_code == 404
