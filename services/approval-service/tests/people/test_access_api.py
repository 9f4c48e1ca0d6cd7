"""Two admins for what gives access: one alone makes no quorum."""

import asyncio

import httpx
import pytest

from placet_approval.adapters.first_people import FirstPeople

from ..conftest import Caller, Service

pytestmark = pytest.mark.postgres


async def from_the_server(service: Service, name: str) -> Caller:
    """An admin whose token was issued by no person."""
    caller = service.caller(await FirstPeople(service.store).make_admin(name))
    caller.id = (await caller.get("/v1/whoami")).json()["id"]
    return caller


@pytest.fixture
async def olga(service: Service) -> Caller:
    """A second admin, in an installation that asks for two."""
    olga = await from_the_server(service, "olga")
    answer = await service.dora.post("/v1/access-policy", {"kind": "AccessPolicy", "two_admins": True})
    assert (answer.status_code, answer.json()["two_admins"], answer.json()["changed"]) == (200, True, True), answer.text
    return olga


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["resolve"]


async def confirmed(by: Caller, change: str) -> None:
    answer = await by.post(f"/v1/access-changes/{change}/confirm")
    assert (answer.status_code, answer.json()["state"]) == (200, "confirmed"), answer.text


async def roles_of(service: Service, person: str) -> list[str]:
    roles: list[str] = (await service.dora.get(f"/v1/people/{person}")).json()["roles"]
    return roles


async def test_one_admin_is_enough_until_two_are_asked_for(service: Service) -> None:
    refused(await service.dora.post("/v1/access-policy", {"kind": "AccessPolicy", "two_admins": True}), 409, "second_admin_missing")
    await service.person("bob", "reviewer")
    assert await roles_of(service, "bob") == ["reviewer"]
    assert (await service.dora.get("/v1/access-policy")).json()["two_admins"] is False


async def test_role_that_decides_waits_for_a_second_admin(service: Service, olga: Caller) -> None:
    added = await service.dora.post("/v1/people", {"name": "bob", "roles": ["developer", "reviewer"]})
    assert (added.status_code, added.json()["roles"]) == (201, ["developer"])
    assert await roles_of(service, "bob") == ["developer"]
    [waiting] = (await olga.get("/v1/access-changes", params={"open": "true"})).json()["items"]
    assert (waiting["id"], waiting["roles"], waiting["person"]["name"]) == (added.json()["proposed_change"], ["reviewer"], "bob")
    refused(await service.dora.post(f"/v1/access-changes/{waiting['id']}/confirm"), 403, "second_admin_required")
    await confirmed(olga, waiting["id"])
    assert await roles_of(service, "bob") == ["developer", "reviewer"]
    assert (await olga.get("/v1/access-changes", params={"open": "true"})).json()["items"] == []
    shown = (await olga.get(f"/v1/access-changes/{waiting['id']}")).json()
    assert (shown["state"], shown["decided_by"]["name"]) == ("confirmed", "olga")


async def test_roles_are_taken_at_once_and_given_by_two(service: Service, olga: Caller) -> None:
    bob = (await service.dora.post("/v1/people", {"name": "bob", "roles": ["auditor"]})).json()
    assert bob["proposed_change"] is None
    changed = (await service.dora.post("/v1/people/bob/roles", {"roles": ["developer", "risk-officer", "admin"]})).json()
    assert changed["roles"] == ["developer"]
    withdrawn = await service.dora.post(f"/v1/access-changes/{changed['proposed_change']}/withdraw")
    assert withdrawn.json()["state"] == "withdrawn"
    refused(await olga.post(f"/v1/access-changes/{changed['proposed_change']}/confirm"), 409, "access_change_closed")
    assert await roles_of(service, "bob") == ["developer"]


async def test_token_for_another_person_waits_for_a_second_admin(service: Service, olga: Caller) -> None:
    """Otherwise one admin signs as each of the people there are."""
    bob = (await service.dora.post("/v1/people", {"name": "bob"})).json()["person_id"]
    issued = (await service.dora.post("/v1/tokens", {"holder": "bob"})).json()
    as_bob = service.caller(issued["token"], bob)
    assert (await as_bob.get("/v1/whoami")).status_code == 401
    await confirmed(olga, issued["proposed_change"])
    assert (await as_bob.get("/v1/whoami")).json()["id"] == bob
    issuers = await service.site.fetch("select convert_from(data, 'UTF8')::jsonb ->> 'issuers' as i from events where type = 'TokenIssued'")
    assert issuers[-1]["i"] == f'["{service.dora.id}"]', "and it can still be told who could have used it"
    own = (await as_bob.post("/v1/tokens", {})).json()
    assert own["proposed_change"] is None
    account = (await service.dora.post("/v1/service-accounts", {"name": "ci", "roles": ["pipeline"]})).json()
    assert (await service.dora.post("/v1/tokens", {"holder": account["account_id"]})).json()["proposed_change"] is None


async def test_second_admin_made_by_the_first_confirms_nothing(service: Service, olga: Caller) -> None:
    """Two accounts of one person: even where a real second admin confirmed the account, its token went through the first one's hands."""
    puppet = (await service.dora.post("/v1/people", {"name": "puppet", "roles": ["admin"]})).json()
    await confirmed(olga, puppet["proposed_change"])
    issued = (await service.dora.post("/v1/tokens", {"holder": "puppet"})).json()
    await confirmed(olga, issued["proposed_change"])
    as_puppet = service.caller(issued["token"])
    change = (await service.dora.post("/v1/people", {"name": "mallory", "roles": ["reviewer"]})).json()["proposed_change"]
    refused(await as_puppet.post(f"/v1/access-changes/{change}/confirm"), 403, "token_issued_by_another")
    again = (await as_puppet.post("/v1/tokens", {})).json()["token"]
    refused(await service.caller(again).post(f"/v1/access-changes/{change}/confirm"), 403, "token_issued_by_another")


async def test_admin_whom_it_concerns_does_not_confirm(service: Service, olga: Caller) -> None:
    change = (await service.dora.post("/v1/people/olga/roles", {"roles": ["admin", "reviewer"]})).json()["proposed_change"]
    refused(await olga.post(f"/v1/access-changes/{change}/confirm"), 403, "second_admin_required")


async def test_others_than_admins_confirm_nothing(service: Service, olga: Caller) -> None:
    change = (await service.dora.post("/v1/people", {"name": "bob", "roles": ["reviewer"]})).json()["proposed_change"]
    account = (await service.dora.post("/v1/service-accounts", {"name": "ci", "roles": ["developer"]})).json()
    ci = service.caller((await service.dora.post("/v1/tokens", {"holder": account["account_id"]})).json()["token"])
    refused(await ci.post(f"/v1/access-changes/{change}/confirm"), 403, "role_required")
    refused(await olga.get("/v1/access-changes/none"), 404, "access_change_not_found")


async def test_one_admin_does_not_weaken_it(service: Service, olga: Caller) -> None:
    document = {"kind": "AccessPolicy", "two_admins": False}
    assert (await olga.post("/v1/access-policy?dry_run=true", document)).json() == document
    proposed = await service.dora.post("/v1/access-policy", document)
    assert (proposed.status_code, proposed.json()["two_admins"]) == (202, True)
    assert (await service.dora.post("/v1/people", {"name": "bob", "roles": ["reviewer"]})).json()["roles"] == []
    await confirmed(olga, proposed.json()["proposed_change"])
    assert (await service.dora.get("/v1/access-policy")).json()["two_admins"] is False
    assert (await service.dora.post("/v1/people", {"name": "carol", "roles": ["reviewer"]})).json()["roles"] == ["reviewer"]


async def test_policy_does_not_make_a_role_sign_that_one_admin_gives(service: Service, olga: Caller) -> None:
    policy = {"kind": "Policy", "environment": "prod", "signatures": [{"role": "developer"}]}
    refused(await service.dora.post("/v1/policies", policy), 409, "role_not_governed")


async def test_role_given_at_the_moment_at_which_two_are_asked_for_is_one_or_the_other(service: Service) -> None:
    await from_the_server(service, "olga")
    access, added = await asyncio.gather(
        service.dora.post("/v1/access-policy", {"kind": "AccessPolicy", "two_admins": True}),
        service.dora.post("/v1/people", {"name": "bob", "roles": ["reviewer"]}),
    )
    assert (access.status_code, added.status_code) == (200, 201)
    order = [one for one in await service.site.event_types() if one in ("AccessPolicyDefined", "PersonAdded")][-2:]
    assert (added.json()["proposed_change"] is None) == (order == ["PersonAdded", "AccessPolicyDefined"])


async def test_server_makes_admins_without_a_second_one(service: Service, olga: Caller) -> None:
    """Who can run commands on the server can do more than that."""
    nina = await from_the_server(service, "nina")
    assert "admin" in (await nina.get("/v1/whoami")).json()["roles"]
