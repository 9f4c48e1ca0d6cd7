"""Tricks of people who belong here, over HTTP: one admin's tokens, a second account, a deputy, a policy, a calendar."""

import pytest

from placet_approval.adapters.first_people import FirstPeople

from ..conftest import Caller
from .conftest import WHY, Bank
from .emergencies import REVIEW, breaks_glass, on_call
from .test_delegations_api import delegation_of, refused
from .test_rounds_api import POLICY, under

pytestmark = pytest.mark.postgres


@pytest.fixture
async def two_admins(bank: Bank) -> None:
    await FirstPeople(bank.store).make_admin("olga")
    assert (await bank.dora.post("/v1/access-policy", {"kind": "AccessPolicy", "two_admins": True})).json()["changed"]


async def from_the_server(bank: Bank, name: str, holder: Caller) -> Caller:
    """The person, with a token that no other person has seen."""
    text = await FirstPeople(bank.store).make_token(name)
    assert text is not None
    return bank.service.caller(text, holder.id)


@pytest.mark.usefixtures("two_admins")
async def test_tokens_of_one_issuer_fill_no_quorum_where_two_admins_are_asked_for(bank: Bank) -> None:
    """Dora has no part in it by name, and made the tokens of both."""
    path = await bank.a_pending_sign_off()
    assert (await bank.bob.post(f"{path}/approve", WHY)).status_code == 200
    refused(await bank.carol.post(f"{path}/approve", WHY), 403, "token_issuer_shared")
    own = (await bank.carol.post("/v1/tokens", {})).json()["token"]
    refused(await bank.service.caller(own).post(f"{path}/approve", WHY), 403, "token_issuer_shared")
    assert (await bank.sees(path))["state"] == "pending"
    assert (await bank.carol.post(f"{path}/reject", WHY)).status_code == 200, "a no is never refused for its token"


@pytest.mark.usefixtures("two_admins")
async def test_token_that_no_person_issued_completes_the_quorum(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    assert (await bank.bob.post(f"{path}/approve", WHY)).status_code == 200
    carol = await from_the_server(bank, "carol", bank.carol)
    assert (await carol.post(f"{path}/approve", WHY)).json()["state"] == "approved"


@pytest.mark.usefixtures("two_admins")
async def test_tokens_of_one_issuer_count_as_one_hand_also_in_another_persons_place(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    dave = await from_the_server(bank, "dave", await bank.service.person("dave", "developer"))
    await delegation_of(bank.carol, dave)
    assert (await bank.bob.post(f"{path}/approve", WHY)).status_code == 200
    refused(await dave.post(f"{path}/approve", WHY), 403, "token_issuer_shared")


async def test_server_makes_tokens_for_people_there_are(bank: Bank) -> None:
    assert await FirstPeople(bank.store).make_token("nina") is None


async def test_person_who_is_added_again_does_not_sign_twice(bank: Bank) -> None:
    """Under two ids, one after the other: what the first one signed counts no more."""
    assert (await bank.dora.post("/v1/policies", {**POLICY, "feedback": [], "signatures": [{"role": "reviewer", "count": 2}]})).is_success
    path = await bank.a_pending_sign_off()
    assert (await bank.bob.post(f"{path}/approve", WHY)).json()["have"] == 1
    assert (await bank.dora.post(f"/v1/people/{bank.bob.id}/deactivate")).status_code == 200
    again = await bank.service.person("bob-again", "reviewer")
    answer = (await again.post(f"{path}/approve", WHY)).json()
    assert (answer["state"], answer["have"]) == ("pending", 1)


async def test_opener_of_a_break_glass_has_no_deputy_review_it(bank: Bank) -> None:
    """A delegation is for signatures: a review is given in one's own name, with a role of one's own."""
    olga = await on_call(bank)
    await bank.dora.post(f"/v1/people/{olga.id}/roles", {"roles": ["on-call", "reviewer"]})
    glass = await breaks_glass(olga)
    await olga.post(f"/v1/break-glass/{glass['id']}/close")
    deputy = await bank.service.person("dave", "developer")
    await delegation_of(olga, deputy)
    refused(await deputy.post(f"/v1/debts/{glass['debt_id']}/review", REVIEW), 403, "role_not_held")
    refused(await olga.post(f"/v1/debts/{glass['debt_id']}/review", REVIEW), 403, "separation_of_duties")


async def test_deputy_waives_and_answers_nothing(bank: Bank) -> None:
    """Feedback and waivers are given in one's own name too."""
    path = await under(bank)
    sam = await bank.service.person("sam", "sre")
    deputy = await bank.service.person("dave", "developer")
    for person in (sam, bank.carol):
        await delegation_of(person, deputy)
    said = {"group": "operations", "verdict": "major_issue", "comment": "It needs 9 GB."}
    refused(await deputy.post(f"{path}/feedback", said), 403, "role_not_held")
    assert (await sam.post(f"{path}/feedback", said)).status_code == 200
    [issue] = (await bank.sees(path))["issues"]
    until = {"until": "2026-12-05T00:00:00Z"}
    refused(await deputy.post(f"{path}/issues/{issue['id']}/waive", {**WHY, **until}), 403, "role_not_held")


async def test_policy_that_is_weakened_between_request_and_approval_helps_no_request(bank: Bank) -> None:
    """Also one that moves the calendar alone; one that takes effect at once ends the request."""
    path = await under(bank, feedback=[])
    asked = (await bank.sees(path))["ends_at"]
    weaker = {**POLICY, "feedback": [], "signatures": [{"role": "reviewer"}]}
    moved = {**weaker, "deadlines": {**POLICY["deadlines"], "holidays": ["2026-12-24"]}}
    for document in (weaker, moved):
        assert (await bank.dora.post("/v1/policies", document)).status_code == 201
    assert (await bank.bob.post(f"{path}/approve", WHY)).json()["state"] == "pending", "the terms of its request count"
    assert (await bank.sees(path))["ends_at"] == asked
    assert (await bank.dora.post("/v1/policies", {**moved, "takes_effect": "immediately"})).status_code == 201
    assert (await bank.sees(path))["state"] == "invalidated"


async def test_second_token_of_the_requester_sheds_no_rejection(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    assert (await bank.bob.post(f"{path}/reject", WHY)).status_code == 200
    second = bank.service.caller((await bank.alice.post("/v1/tokens", {})).json()["token"], bank.alice.id)
    refused(await second.post(f"{path}/reset", WHY), 409, "sign_off_closed")
    [no] = (await second.post("/v1/sign-offs", {"environment": "prod", "version_id": bank.version_id, **WHY})).json()["earlier_noes"]
    assert no["person_id"] == bank.bob.id
