"""Absences over HTTP: who may sign, what is said at a request, and reassignments by the owner of the policy."""

import asyncio
from typing import Any

import pytest

from ..conftest import Caller
from .conftest import WHY, Bank
from .test_delegations_api import days, delegation_of, refused

pytestmark = pytest.mark.postgres

POLICY = {
    "kind": "Policy",
    "environment": "prod",
    "previous_environment": "optional",
    "signatures": [{"role": "reviewer"}, {"role": "risk-officer"}],
    "owner": "model-owner",
}
TO_DAVE = {"absent": "carol", "to": "dave", "role": "risk-officer", "reason": "Carol is ill until May."}


@pytest.fixture
async def dave(bank: Bank) -> Caller:
    return await bank.service.person("dave", "developer")


@pytest.fixture
async def olga(bank: Bank) -> Caller:
    """The owner of the policy for prod."""
    assert (await bank.dora.post("/v1/policies", POLICY)).status_code == 201
    return await bank.service.person("olga", "model-owner")


async def is_absent(person: Caller, **times: Any) -> None:
    answer = await person.post("/v1/absences", times)
    assert answer.status_code == 200, answer.text


def can_sign(seen: dict[str, Any]) -> list[tuple[str, str | None, bool]]:
    shown = seen["can_sign"]
    return sorted((one["person"]["name"], (one["on_behalf_of"] or {}).get("name"), one["absent"]) for one in shown)


async def test_sign_off_shows_who_may_sign_and_who_is_absent(bank: Bank, dave: Caller) -> None:
    await delegation_of(bank.carol, dave, environments=["prod"])
    await delegation_of(bank.bob, dave, models=["churn"])
    path = await bank.a_pending_sign_off()
    assert can_sign(await bank.sees(path)) == [("bob", None, False), ("carol", None, False), ("dave", "carol", False)]
    await is_absent(bank.carol, ends_at=days(3))
    await bank.bob.post(f"{path}/approve", WHY)
    seen = await bank.sees(path)
    assert can_sign(seen) == [("carol", None, True), ("dave", "carol", False)]
    assert [one["back_at"] is not None for one in seen["can_sign"] if one["absent"]] == [True]
    await dave.post(f"{path}/approve", WHY)
    assert (await bank.sees(path))["can_sign"] == []


async def test_absences_are_listed_with_delegates_and_cleared(bank: Bank, dave: Caller) -> None:
    await is_absent(bank.carol, starts_at=days(1), ends_at=days(3))
    await is_absent(bank.bob)
    await delegation_of(bank.bob, dave)
    listed = (await bank.alice.get("/v1/absences")).json()["items"]
    assert [(one["person"]["name"], one["ends_at"] is None) for one in listed] == [("bob", True), ("carol", False)]
    assert [one["name"] for one in listed[0]["delegates"]] == ["dave"]
    refused(await dave.post("/v1/absences/bob/clear", {}), 403, "absence_of_others")
    refused(await dave.post("/v1/absences", {"person": "bob"}), 403, "absence_of_others")
    assert (await bank.dora.post("/v1/absences/bob/clear", {})).json()["starts_at"] is None
    assert (await dave.post("/v1/absences/dave/clear", {})).json()["starts_at"] is None
    assert [one["person"]["name"] for one in (await bank.alice.get("/v1/absences")).json()["items"]] == ["carol"]


async def requested(bank: Bank) -> list[str]:
    answer = await bank.request()
    assert answer.status_code == 201, answer.text
    await bank.alice.post(f"/v1/sign-offs/{answer.json()['id']}/withdraw", {})
    return [one["code"] for one in answer.json()["obstacles"]]


async def test_request_that_waits_for_absent_people_says_so(bank: Bank, dave: Caller) -> None:
    assert await requested(bank) == []
    await is_absent(bank.carol, ends_at=days(3))
    assert await requested(bank) == ["signers_absent"]
    policy = {name: value for name, value in POLICY.items() if name != "owner"}
    checked = await bank.alice.post("/v1/policies?dry_run=true", policy)
    assert [one["code"] for one in checked.json()["obstacles"]] == ["signers_absent"]
    delegation = await delegation_of(bank.carol, dave)
    assert await requested(bank) == []
    assert (await bank.alice.post("/v1/policies?dry_run=true", policy)).json()["obstacles"] == []
    await is_absent(dave)
    assert await requested(bank) == ["signers_absent"], "the delegate is absent too"
    await dave.post("/v1/absences/dave/clear", {})
    await bank.carol.post(f"{delegation}/end", {})
    assert await requested(bank) == ["signers_absent"]


async def test_delegate_with_a_role_of_their_own_is_one_person(bank: Bank) -> None:
    """Bob signs for himself or for Carol, so that one of the two signatures is missing."""
    await is_absent(bank.carol)
    await delegation_of(bank.carol, bank.bob)
    assert await requested(bank) == ["signers_absent"]


async def test_owner_reassigns_for_an_absent_person(bank: Bank, dave: Caller, olga: Caller) -> None:
    path = await bank.a_pending_sign_off()
    refused(await olga.post(f"{path}/reassign", TO_DAVE), 409, "not_absent")
    await is_absent(bank.carol)
    refused(await bank.dora.post(f"{path}/reassign", TO_DAVE), 403, "role_required")
    refused(await dave.post(f"{path}/approve", WHY), 403, "role_not_held")
    assert (await olga.post(f"{path}/reassign", TO_DAVE)).status_code == 200
    assert ("dave", "carol", False) in can_sign(await bank.sees(path))
    [found] = (await dave.get("/v1/sign-offs", params={"mine": "true"})).json()["items"]
    assert path.endswith(found["id"])
    assert (await bank.bob.post(f"{path}/approve", WHY)).json()["state"] == "pending"
    assert (await dave.post(f"{path}/approve", WHY)).json()["state"] == "approved"
    seen = await bank.sees(path)
    assert (seen["signatures"][1]["on_behalf_of"]["name"], seen["signatures"][1]["delegation_id"]) == ("carol", None)
    assert [(act["act"], act["by"]["name"], act["said"]["text"]) for act in seen["acts"] if act["act"] == "reassigned"] == [
        ("reassigned", "olga", TO_DAVE["reason"])
    ]


async def test_owner_who_states_the_absence_does_not_reassign_for_it(bank: Bank, dave: Caller, olga: Caller) -> None:
    """Otherwise an owner who is an admin chooses every signer."""
    await bank.dora.post(f"/v1/people/{olga.id}/roles", {"roles": ["admin", "model-owner"]})
    path = await bank.a_pending_sign_off()
    assert (await olga.post("/v1/absences", {"person": "carol"})).status_code == 200
    refused(await olga.post(f"{path}/reassign", TO_DAVE), 409, "not_absent")


async def test_absent_person_and_the_other_who_sign_at_the_same_moment_have_one_place(bank: Bank, dave: Caller, olga: Caller) -> None:
    path = await bank.a_pending_sign_off()
    await is_absent(bank.carol)
    assert (await olga.post(f"{path}/reassign", TO_DAVE)).status_code == 200
    answers = await asyncio.gather(dave.post(f"{path}/approve", WHY), bank.carol.post(f"{path}/approve", WHY))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_policy_without_an_owner_keeps_its_digest(bank: Bank) -> None:
    dry = "/v1/policies?dry_run=true"
    without = {name: value for name, value in POLICY.items() if name != "owner"}
    content = (await bank.alice.post(dry, without)).json()["content"]
    assert "owner" not in content
    assert (await bank.alice.post(dry, POLICY)).json()["content"] == {**content, "owner": "model-owner"}
