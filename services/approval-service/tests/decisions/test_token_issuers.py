"""Who issued a token could act with it; two people count as two only when neither could have acted for the other."""

import httpx
import pytest

from ..conftest import Caller
from .conftest import WHY, Bank

pytestmark = pytest.mark.postgres


async def issued(bank: Bank, by: Caller, holder: Caller) -> Caller:
    """The holder, with a token that another person issued."""
    answer = await by.post("/v1/tokens", {"holder": holder.id})
    assert answer.status_code == 201, answer.text
    return bank.service.caller(answer.json()["token"], holder.id)


async def roles(bank: Bank, person: Caller, *names: str) -> None:
    assert (await bank.dora.post(f"/v1/people/{person.id}/roles", {"roles": names})).status_code == 200


def refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (403, "token_issued_by_another"), answer.text
    assert answer.json()["resolve"]


async def test_requester_can_not_sign_with_a_token_made_for_another_person(bank: Bank) -> None:
    await roles(bank, bank.alice, "developer", "admin")
    path = await bank.a_pending_sign_off()
    disguised = await issued(bank, bank.alice, bank.bob)
    refused(await disguised.post(f"{path}/approve", WHY))
    refused(await (await issued(bank, disguised, bank.bob)).post(f"{path}/approve", WHY))
    assert (await bank.bob.post(f"{path}/approve", WHY)).status_code == 200, "with the token that dora issued"


async def test_one_person_can_not_sign_as_two(bank: Bank) -> None:
    await roles(bank, bank.carol, "risk-officer", "admin")
    path = await bank.a_pending_sign_off()
    disguised = await issued(bank, bank.carol, bank.bob)
    assert (await disguised.post(f"{path}/approve", WHY)).status_code == 200
    refused(await bank.carol.post(f"{path}/approve", WHY))
    assert (await bank.sees(path))["state"] == "pending"


async def test_one_person_can_not_sign_as_two_the_other_way_round(bank: Bank) -> None:
    await roles(bank, bank.carol, "risk-officer", "admin")
    path = await bank.a_pending_sign_off()
    assert (await bank.carol.post(f"{path}/approve", WHY)).status_code == 200
    refused(await (await issued(bank, bank.carol, bank.bob)).post(f"{path}/approve", WHY))


async def test_signer_can_not_request_with_a_token_made_for_another_person(bank: Bank) -> None:
    await roles(bank, bank.bob, "reviewer", "admin")
    bank.alice = await issued(bank, bank.bob, bank.alice)
    path = await bank.a_pending_sign_off()
    refused(await bank.bob.post(f"{path}/approve", WHY))


async def test_no_is_never_refused_for_its_token(bank: Bank) -> None:
    await roles(bank, bank.alice, "developer", "admin")
    path = await bank.a_pending_sign_off()
    disguised = await issued(bank, bank.alice, bank.bob)
    assert (await disguised.post(f"{path}/reject", WHY)).status_code == 200


async def test_acts_show_who_issued_the_token(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    own = await issued(bank, bank.bob, bank.bob)
    await own.post(f"{path}/approve", WHY)
    acts = (await bank.sees(path))["acts"]
    assert [[person["name"] for person in act["token_issuers"]] for act in acts] == [["dora"], ["dora"]], "dora could have made both"


async def test_token_of_the_installation_has_no_issuer(bank: Bank) -> None:
    await roles(bank, bank.dora, "admin", "developer")
    bank.alice = await issued(bank, bank.dora, bank.dora)
    path = await bank.a_pending_sign_off()
    assert (await bank.sees(path))["acts"][0]["token_issuers"] == []
