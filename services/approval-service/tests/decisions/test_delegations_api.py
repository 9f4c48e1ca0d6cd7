"""`/v1/delegations`, and signing in another person's place."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from ..conftest import Caller
from .conftest import WHY, Bank

pytestmark = pytest.mark.postgres

PERMISSIONS = {"delegator": "carol", "delegate": "dave", "an admin": "dora"}


def days(count: float) -> str:
    return (datetime.now(UTC) + timedelta(days=count)).isoformat()


async def delegates(by: Caller, to: Caller, **scope: Any) -> httpx.Response:
    return await by.post("/v1/delegations", {"delegate": to.id, "ends_at": days(14), "reason": "On leave.", **scope})


async def delegation_of(by: Caller, to: Caller, **scope: Any) -> str:
    answer = await delegates(by, to, **scope)
    assert answer.status_code == 201, answer.text
    return f"/v1/delegations/{answer.json()['id']}"


@pytest.fixture
async def dave(bank: Bank) -> Caller:
    """A person without a signing role."""
    return await bank.service.person("dave", "developer")


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["resolve"]


async def test_delegate_signs_in_the_delegators_place(bank: Bank, dave: Caller) -> None:
    delegation = await delegation_of(bank.carol, dave, environments=["prod"], models=["fr*"])
    path = await bank.a_pending_sign_off()
    assert (await bank.bob.post(f"{path}/approve", WHY)).json()["state"] == "pending"
    answer = await dave.post(f"{path}/approve", WHY)
    assert answer.json()["state"] == "approved", answer.text
    [_, signature] = (await bank.sees(path))["signatures"]
    assert (signature["by"]["name"], signature["on_behalf_of"]["name"], signature["role"]) == ("dave", "carol", "risk-officer")
    assert delegation.endswith(signature["delegation_id"])
    assert (await bank.sees(path))["acts"][-1]["on_behalf_of"]["name"] == "carol"
    [envelope] = await bank.service.site.fetch("select actor, on_behalf_of from events where type = 'SignOffApproved'")
    assert tuple(envelope) == (dave.id, bank.carol.id)


async def test_person_with_a_role_signs_in_their_own_name_unless_they_say_for_whom(bank: Bank) -> None:
    await delegation_of(bank.carol, bank.bob)
    path = await bank.a_pending_sign_off()
    answer = await bank.bob.post(f"{path}/approve", {**WHY, "on_behalf_of": "carol"})
    assert answer.status_code == 200, answer.text
    [signature] = (await bank.sees(path))["signatures"]
    assert (signature["by"]["name"], signature["on_behalf_of"]["name"]) == ("bob", "carol")
    refused(await bank.bob.post(f"{path}/approve", WHY), 409, "already_signed")
    refused(await bank.carol.post(f"{path}/approve", WHY), 409, "already_signed")


async def test_delegate_of_several_says_for_whom(bank: Bank, dave: Caller) -> None:
    for person in (bank.bob, bank.carol):
        await delegation_of(person, dave)
    path = await bank.a_pending_sign_off()
    refused(await dave.post(f"{path}/approve", WHY), 422, "delegation_ambiguous")
    assert (await dave.post(f"{path}/approve", {**WHY, "role": "reviewer"})).status_code == 200
    refused(await dave.post(f"{path}/approve", {**WHY, "on_behalf_of": "carol"}), 409, "already_signed")


SCOPES: dict[str, dict[str, Any]] = {
    "another environment": {"environments": ["test"]},
    "another model": {"models": ["churn"]},
    "a later time": {"starts_at": days(1)},
}


@pytest.mark.parametrize("scope", SCOPES)
async def test_delegation_gives_no_right_beyond_its_scope(bank: Bank, dave: Caller, scope: str) -> None:
    await delegation_of(bank.carol, dave, **SCOPES[scope])
    path = await bank.a_pending_sign_off()
    refused(await dave.post(f"{path}/approve", WHY), 403, "role_not_held")
    refused(await dave.post(f"{path}/approve", {**WHY, "on_behalf_of": "carol"}), 403, "no_delegation")
    refused(await dave.post(f"{path}/reject", {**WHY, "on_behalf_of": "carol"}), 403, "no_delegation")


async def test_signature_counts_no_more_once_its_delegation_is_ended(bank: Bank, dave: Caller) -> None:
    delegation = await delegation_of(bank.carol, dave)
    path = await bank.a_pending_sign_off()
    assert (await dave.post(f"{path}/approve", WHY)).json()["have"] == 1
    ended = await bank.carol.post(f"{delegation}/end", {"reason": "Back."})
    assert (ended.status_code, ended.json()["ended"]) == (200, True)
    assert [signature["counts"] for signature in (await bank.sees(path))["signatures"]] == [False]
    assert (await bank.bob.post(f"{path}/approve", WHY)).json()["state"] == "pending"
    refused(await dave.post(f"{path}/reject", WHY), 403, "role_not_held")


@pytest.mark.parametrize("taken", ["the delegator's role", "the delegator", "the delegate"])
async def test_signature_counts_only_while_both_people_could_give_it(bank: Bank, dave: Caller, taken: str) -> None:
    await delegation_of(bank.carol, dave)
    path = await bank.a_pending_sign_off()
    assert (await dave.post(f"{path}/approve", WHY)).json()["have"] == 1
    if taken == "the delegator's role":
        await bank.dora.post(f"/v1/people/{bank.carol.id}/roles", {"roles": ["auditor"]})
    else:
        await bank.dora.post(f"/v1/people/{(dave if taken == 'the delegate' else bank.carol).id}/deactivate")
    assert [signature["counts"] for signature in (await bank.sees(path))["signatures"]] == [False]
    assert (await bank.bob.post(f"{path}/approve", WHY)).json()["state"] == "pending"
    [shown] = (await bank.alice.get("/v1/delegations")).json()["items"]
    assert shown["state"] == "without_role"


async def test_delegator_and_delegate_who_sign_at_the_same_moment_have_one_place(bank: Bank, dave: Caller) -> None:
    await delegation_of(bank.carol, dave)
    path = await bank.a_pending_sign_off()
    answers = await asyncio.gather(dave.post(f"{path}/approve", WHY), bank.carol.post(f"{path}/approve", WHY))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert (await bank.sees(path))["have"] == 1


async def test_claim_about_the_delegator_ends_an_open_sign_off(bank: Bank, dave: Caller) -> None:
    await delegation_of(bank.carol, dave)
    path = await bank.a_pending_sign_off()
    assert (await dave.post(f"{path}/approve", WHY)).status_code == 200
    await bank.adds_lineage(bank.ci.id, trained_by=(bank.carol.id,))
    assert (await bank.sees(path))["state"] == "invalidated"


@pytest.mark.parametrize("left", ["delegator", "delegate"])
async def test_approval_ends_when_one_of_the_two_leaves_where_signers_must_stay(bank: Bank, dave: Caller, left: str) -> None:
    policy = {"kind": "Policy", "environment": "prod", "signatures": [{"role": "risk-officer"}], "signers_must_stay": True}
    assert (await bank.dora.post("/v1/policies", policy)).status_code == 201
    delegation = await delegation_of(bank.carol, dave)
    path = await bank.a_pending_sign_off()
    assert (await dave.post(f"{path}/approve", WHY)).json()["state"] == "approved"
    await bank.carol.post(f"{delegation}/end", {})
    assert (await bank.sees(path))["state"] == "approved", "only what was needed until the approval was taken back"
    await bank.dora.post(f"/v1/people/{(bank.carol if left == 'delegator' else dave).id}/deactivate")
    assert (await bank.sees(path))["state"] == "invalidated"


async def test_delegate_finds_what_they_could_sign(bank: Bank, dave: Caller) -> None:
    path = await bank.a_pending_sign_off()
    assert (await dave.get("/v1/sign-offs", params={"mine": "true"})).json()["items"] == []
    await delegation_of(bank.carol, dave)
    [found] = (await dave.get("/v1/sign-offs", params={"mine": "true"})).json()["items"]
    assert path.endswith(found["id"])
    assert (await bank.carol.post(f"{path}/approve", WHY)).status_code == 200


async def test_delegations_are_listed_by_person(bank: Bank, dave: Caller) -> None:
    first = await delegation_of(bank.carol, dave, roles=["risk-officer"], models=["fraud"])
    second = await delegation_of(bank.bob, dave)
    listed = (await bank.alice.get("/v1/delegations", params={"person": "carol"})).json()["items"]
    assert [f"/v1/delegations/{one['id']}" for one in listed] == [first]
    assert (listed[0]["delegator"]["name"], listed[0]["delegate"]["name"], listed[0]["reason"]) == ("carol", "dave", "On leave.")
    assert (listed[0]["state"], listed[0]["roles"], listed[0]["models"]) == ("in_force", ["risk-officer"], ["fraud"])
    assert len((await bank.alice.get("/v1/delegations", params={"person": dave.id})).json()["items"]) == 2
    await dave.post(f"{second}/end", {})
    page = (await bank.alice.get("/v1/delegations", params={"standing": "true", "limit": "1"})).json()
    assert ([one["id"] for one in page["items"]], page["next_cursor"]) == ([listed[0]["id"]], None)
    assert (await bank.alice.get(second)).json()["state"] == "ended"
    refused(await bank.alice.get("/v1/delegations/none"), 404, "delegation_not_found")


@pytest.mark.parametrize("who", PERMISSIONS)
async def test_delegation_is_ended_by_its_people_and_admins(bank: Bank, dave: Caller, who: str) -> None:
    delegation = await delegation_of(bank.carol, dave)
    refused(await bank.bob.post(f"{delegation}/end", {}), 403, "not_your_delegation")
    by = {"carol": bank.carol, "dave": dave, "dora": bank.dora}[PERMISSIONS[who]]
    assert (await by.post(f"{delegation}/end", {}, {"If-Match": '"1"'})).status_code == 200
    assert (await by.post(f"{delegation}/end", {})).json()["ended"] is True


async def test_delegation_to_a_service_account_or_a_person_who_left_is_refused(bank: Bank, dave: Caller) -> None:
    refused(await delegates(bank.carol, bank.ci), 422, "delegate_is_no_person")
    await bank.dora.post(f"/v1/people/{dave.id}/deactivate")
    refused(await delegates(bank.carol, dave), 409, "person_deactivated")


async def test_requester_who_made_the_delegators_token_gains_no_signature(bank: Bank, dave: Caller) -> None:
    """An admin issues a token for Carol, delegates in her name to Dave, and requests: Dave's signature could be theirs."""
    await bank.dora.post(f"/v1/people/{bank.alice.id}/roles", {"roles": ["admin", "developer"]})
    issued = await bank.alice.post("/v1/tokens", {"holder": bank.carol.id})
    disguised = bank.service.caller(issued.json()["token"], bank.carol.id)
    await delegation_of(disguised, dave)
    path = await bank.a_pending_sign_off()
    refused(await dave.post(f"{path}/approve", WHY), 403, "token_issued_by_another")


async def test_reason_of_a_delegation_stands_in_no_event_and_can_be_erased(bank: Bank, dave: Caller) -> None:
    delegation = await delegation_of(bank.carol, dave, reason="Operation on my knee.")
    [event] = await bank.service.site.fetch("select data from events where type = 'DelegationGranted'")
    assert b"knee" not in event["data"]
    [text] = await bank.service.site.fetch("select id::text from texts where kind = 'delegation'")
    assert (await bank.dora.post(f"/v1/texts/{text['id']}/erase", {})).status_code == 200
    assert (await bank.alice.get(delegation)).json()["reason"] is None
