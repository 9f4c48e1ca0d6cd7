"""Releases whose members have different policies: each is signed by its own, and the gate asks of each by its own."""

from typing import Any

import httpx
import pytest

from placet_approval.adapters.first_people import FirstPeople
from placet_approval.domain.gate_facts import GateQuestion

from ..conftest import Caller
from .conftest import ARTIFACT, WHY, Bank
from .releases import Pair, a_pair
from .test_gate_facts import codes, decided, gathered
from .test_insiders_api import from_the_server
from .test_policy_selection import POLICY, defines

pytestmark = pytest.mark.postgres

FEW = {**POLICY, "name": "pricing", "for": {"models": ["pricing"]}}
OF_FRAUD = GateQuestion("prod", digest=ARTIFACT)


@pytest.fixture
async def pair(bank: Bank) -> Pair:
    """Pricing asks for a reviewer alone, fraud for a risk officer too."""
    await defines(bank, FEW)
    return await a_pair(bank)


async def signs(by: Caller, path: str, **more: Any) -> httpx.Response:
    return await by.post(f"{path}/approve", {**WHY, **more})


def have(answer: httpx.Response) -> tuple[str, dict[str, tuple[int, int]]]:
    """The release's state, and by model how many signatures there are of how many."""
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found["state"], {one["model_id"]: (one["have"], one["need"]) for one in found["members"]}


async def test_person_who_is_asked_for_one_member_signs_that_one(pair: Pair) -> None:
    path, bank = await pair.requested(), pair.bank
    assert have(await signs(bank.carol, path)) == ("pending", {bank.model_id: (1, 2), pair.pricing_model: (0, 1)})
    assert have(await signs(bank.bob, path)) == ("approved", {bank.model_id: (2, 2), pair.pricing_model: (1, 1)})
    assert await pair.states(path) == ("approved", "approved", "approved")
    assert [await pair.asks(version) for version in (pair.fraud, pair.pricing)] == [(True, [])] * 2


async def test_member_with_all_its_signatures_waits_for_the_one_that_asks_for_more(pair: Pair) -> None:
    """Attack: a version that needs two signatures comes in with one that needs one."""
    path, bank = await pair.requested(), pair.bank
    assert have(await signs(bank.bob, path)) == ("pending", {bank.model_id: (1, 2), pair.pricing_model: (1, 1)})
    assert [await pair.asks(version) for version in (pair.fraud, pair.pricing)] == [(False, ["awaiting_signatures"])] * 2
    again = await signs(bank.bob, path)
    assert (again.status_code, again.json()["code"]) == (409, "already_signed")
    assert have(await signs(bank.carol, path))[0] == "approved"


async def test_person_with_a_part_in_a_member_that_does_not_ask_them_signs_none(bank: Bank) -> None:
    """Attack: carol trained pricing, whose policy asks for no risk officer, and would bring it in by fraud."""
    await defines(bank, FEW)
    pair = await a_pair(bank, trained_by=(bank.carol.id,))
    answer = await signs(bank.carol, await pair.requested())
    assert (answer.status_code, answer.json()["code"], answer.json()["facts"]["member"]) == (403, "separation_of_duties", "pricing/1")


async def test_person_whom_no_member_asks_is_refused(pair: Pair) -> None:
    path, bank = await pair.requested(), pair.bank
    olaf = await bank.service.person("olaf", "developer")
    refused = await signs(olaf, path)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_not_held")
    claimed = await signs(bank.bob, path, role="risk-officer")
    assert (claimed.status_code, claimed.json()["code"]) == (403, "role_not_held")
    unknown = await signs(bank.bob, path, role="helper")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "role_not_asked_for")
    assert await pair.states(path) == ("pending", "pending", "pending")


async def test_gate_knows_the_version_that_the_other_member_is_bound_to(pair: Pair) -> None:
    """Also when a newer one is in force for what is requested from now on."""
    await pair.approved_by_both()
    await defines(pair.bank, FEW, signatures=[{"role": "reviewer", "count": 2}])
    await defines(pair.bank, FEW, signatures=[{"role": "reviewer", "count": 3}])
    assert [await pair.asks(version) for version in (pair.fraud, pair.pricing)] == [(True, [])] * 2
    made = (await decided(pair.bank, await gathered(pair.bank, OF_FRAUD))).decision
    assert (made.allowed, codes(made)) == (True, [])


async def test_policy_of_one_member_that_takes_effect_at_once_ends_the_release(pair: Pair) -> None:
    path = await pair.approved_by_both()
    before = await gathered(pair.bank, OF_FRAUD)
    stricter = {**FEW, "signatures": [{"role": "reviewer", "count": 2}], "takes_effect": "immediately"}
    made = await decided(pair.bank, before, meanwhile=lambda: pair.bank.dora.post("/v1/policies", stricter))
    assert made.decision.allowed is False, "though the policy of the version that is asked about is as it was"
    assert await pair.states(path) == ("invalidated", "invalidated", "invalidated")


async def test_tokens_of_one_issuer_fill_no_quorum_of_a_release(pair: Pair) -> None:
    """Dora made the tokens of both, so that she could have given both signatures."""
    path, bank = await pair.requested(), pair.bank
    await FirstPeople(bank.store).make_admin("olga")
    assert (await bank.dora.post("/v1/access-policy", {"kind": "AccessPolicy", "two_admins": True})).json()["changed"]
    assert have(await signs(bank.bob, path))[0] == "pending"
    answer = await signs(bank.carol, path)
    assert (answer.status_code, answer.json()["code"], answer.json()["facts"]["member"]) == (403, "token_issuer_shared", "fraud/1")
    assert await pair.states(path) == ("pending", "pending", "pending")
    carol = await from_the_server(bank, "carol", bank.carol)
    assert have(await signs(carol, path))[0] == "approved"
