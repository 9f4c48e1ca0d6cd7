"""Versions of several models are signed off as one: all of them or none, by each one's own rules."""

import asyncio
from datetime import timedelta

import pytest

from placet_approval.commands.remind_of_sign_off import RemindedOf, RemindOfSignOff, remind_of_sign_off
from placet_shared.event_store import Metadata, UnitOfWork
from placet_shared.identifiers import new_id
from placet_shared.testing import eventually

from .conftest import WHY, Bank
from .emergencies import deployed, directives
from .releases import ARTIFACT, PRICING, Pair, a_pair, a_version_of

pytestmark = pytest.mark.postgres


@pytest.fixture
async def pair(bank: Bank) -> Pair:
    return await a_pair(bank)


async def test_release_is_approved_when_the_last_signature_is_there_and_lasts_as_long_for_all(pair: Pair) -> None:
    path = await pair.requested()
    first = await pair.bank.bob.post(f"{path}/approve", WHY)
    assert first.status_code == 200, first.text
    assert [(one["state"], one["have"], one["need"]) for one in first.json()["members"]] == [("pending", 1, 2)] * 2
    assert await pair.states(path) == ("pending", "pending", "pending")
    last = await pair.bank.carol.post(f"{path}/approve", WHY)
    assert last.json()["state"] == "approved"
    seen = await pair.bank.sees(path)
    assert await pair.states(path) == ("approved", "approved", "approved")
    assert {one["expires_at"] for one in seen["sign_offs"]} == {seen["expires_at"]}
    assert [*await pair.bank.service.site.event_types()][-1] == "ReleaseApproved"


async def test_gate_lets_the_members_of_an_approved_release_in(pair: Pair) -> None:
    await pair.requested()
    assert await pair.asks(pair.fraud) == (False, ["awaiting_signatures"])
    bank = pair.bank
    [release] = (await bank.alice.get("/v1/releases")).json()["items"]
    for person in (bank.bob, bank.carol):
        await person.post(f"/v1/releases/{release['id']}/approve", WHY)
    assert await pair.asks(pair.fraud) == (True, [])
    assert await pair.asks(pair.pricing) == (True, [])


async def test_member_is_not_signed_alone(pair: Pair) -> None:
    """Attack: approve one version of a release, and deploy it without the others."""
    path = await pair.requested()
    answer = await pair.bank.bob.post(f"{await pair.sign_off(path, pair.fraud)}/approve", WHY)
    assert (answer.status_code, answer.json()["code"]) == (409, "part_of_release")
    assert path.rpartition("/")[2] in answer.json()["resolve"]


async def test_member_gets_no_new_round_of_its_own(pair: Pair) -> None:
    path = await pair.requested()
    answer = await pair.bank.alice.post(f"{await pair.sign_off(path, pair.fraud)}/reset", WHY)
    assert (answer.status_code, answer.json()["code"]) == (409, "part_of_release")


async def test_one_refused_member_refuses_all_and_is_named(pair: Pair) -> None:
    """A version that is not verified brings no other one along."""
    unverified = await pair.bank.registers(2, artifact="d" * 64)
    answer = await pair.request(unverified, pair.pricing)
    assert (answer.status_code, answer.json()["code"], answer.json()["facts"]["member"]) == (409, "verification_missing", unverified)
    assert (await pair.bank.alice.get("/v1/sign-offs")).json()["items"] == []
    assert {"SignOffRequested", "ReleaseRequested"}.isdisjoint(await pair.bank.service.site.event_types())


async def test_version_whose_sign_off_is_open_joins_no_release(pair: Pair) -> None:
    await pair.bank.a_pending_sign_off()
    answer = await pair.request()
    assert (answer.status_code, answer.json()["code"]) == (409, "sign_off_open")


async def test_same_version_in_two_releases_at_the_same_instant_is_in_one(pair: Pair) -> None:
    answers = await asyncio.gather(*(pair.request(name=f"r{number}") for number in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"sign_off_open"}
    assert [*await pair.bank.service.site.event_types()].count("ReleaseRequested") == 1


@pytest.mark.parametrize("versions", [1, 21])
async def test_release_of_too_few_or_too_many_versions_is_refused(pair: Pair, versions: int) -> None:
    assert (await pair.request(*[pair.fraud] * versions)).status_code == 422


async def test_release_has_one_version_of_each_model(pair: Pair) -> None:
    second = await pair.bank.registers(2, artifact="d" * 64)
    await pair.bank.verifies(second)
    answer = await pair.request(pair.fraud, second)
    assert (answer.status_code, answer.json()["code"]) == (422, "release_members")


async def test_person_with_a_part_in_one_member_signs_none(bank: Bank) -> None:
    """Attack: bob trained pricing, and would sign it in the shadow of fraud."""
    pair = await a_pair(bank, trained_by=(bank.bob.id,))
    path = await pair.requested()
    answer = await bank.bob.post(f"{path}/approve", WHY)
    assert (answer.status_code, answer.json()["code"], answer.json()["facts"]["member"]) == (403, "separation_of_duties", "pricing/1")
    assert "ApprovalGranted" not in await bank.service.site.event_types()


async def test_release_waits_for_no_person_with_a_part_in_one_member(bank: Bank) -> None:
    pair = await a_pair(bank, trained_by=(bank.bob.id,))
    await pair.requested()
    waiting = {name: (await person.get("/v1/inbox")).json()["to_sign"] for name, person in (("bob", bank.bob), ("carol", bank.carol))}
    assert (waiting["bob"], len(waiting["carol"])) == ([], 2)
    assert (await bank.bob.get("/v1/sign-offs", params={"mine": "true"})).json()["items"] == []


async def test_person_with_a_part_in_one_member_rejects_the_release_by_the_other(bank: Bank) -> None:
    """A no is never made hard: the member of which they may not decide ends with the one of which they may."""
    pair = await a_pair(bank, trained_by=(bank.bob.id,))
    path = await pair.requested()
    answer = await bank.bob.post(f"{path}/reject", WHY)
    assert answer.status_code == 200, answer.text
    assert await pair.states(path) == ("rejected", "rejected", "withdrawn")


async def test_second_signature_of_a_person_is_refused(pair: Pair) -> None:
    path = await pair.requested()
    await pair.bank.bob.post(f"{path}/approve", WHY)
    answer = await pair.bank.bob.post(f"{path}/approve", WHY)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_signed")


async def test_signature_that_was_taken_back_from_one_member_is_given_again_to_that_one(pair: Pair) -> None:
    path, bank = await pair.requested(), pair.bank
    await bank.bob.post(f"{path}/approve", WHY)
    await bank.bob.post(f"{await pair.sign_off(path, pair.fraud)}/revoke", WHY)
    half = await bank.carol.post(f"{path}/approve", WHY)
    assert half.json()["state"] == "pending"
    assert await pair.states(path) == ("pending", "pending", "pending"), "pricing is complete, and waits for fraud"
    assert await pair.asks(pair.pricing) == (False, ["awaiting_signatures"])
    assert (await bank.bob.post(f"{path}/approve", WHY)).json()["state"] == "approved"


async def test_rejected_member_ends_the_release_and_its_bytes_alone_are_rejected(pair: Pair) -> None:
    """Attack: a release that carries a rejected version along."""
    path, bank = await pair.requested(), pair.bank
    await bank.bob.post(f"{path}/approve", WHY)
    answer = await bank.carol.post(f"{await pair.sign_off(path, pair.fraud)}/reject", WHY)
    assert answer.status_code == 200, answer.text
    assert await pair.states(path) == ("rejected", "rejected", "withdrawn")
    assert (await bank.carol.post(f"{path}/approve", WHY)).json()["code"] == "release_closed"
    types = [*await bank.service.site.event_types()]
    assert (types.count("ReleaseEnded"), types.count("ArtifactRejected")) == (1, 1)
    again = await pair.request()
    assert again.status_code == 201, again.text
    sign_off = await bank.sees(await pair.sign_off(f"/v1/releases/{again.json()['id']}", pair.fraud))
    assert [no["answered"] for no in sign_off["noes"]] == [True], "the next request shows the no to those who sign"


async def test_older_approval_stands_when_a_release_fails_for_the_sake_of_another_member(pair: Pair) -> None:
    await pair.bank.an_approved_sign_off()
    path = await pair.requested()
    await pair.bank.carol.post(f"{await pair.sign_off(path, pair.pricing)}/reject", WHY)
    assert await pair.states(path) == ("rejected", "withdrawn", "rejected")
    assert await pair.asks(pair.fraud) == (True, [])
    assert (await pair.asks(pair.pricing))[0] is False


async def test_older_approval_stands_when_a_release_is_rejected_as_it_was_requested(pair: Pair) -> None:
    """Attack: request a running version with a bad one, so that people say no and the running one has no yes any more."""
    await pair.bank.an_approved_sign_off()
    path = await pair.requested()
    await pair.bank.carol.post(f"{path}/reject", WHY)
    assert await pair.states(path) == ("rejected", "rejected", "rejected")
    assert await pair.asks(pair.fraud) == (True, [])
    assert await pair.asks(pair.pricing) == (False, ["rejected"])


async def test_no_to_the_bytes_of_a_member_takes_its_older_approval(pair: Pair) -> None:
    await pair.bank.an_approved_sign_off()
    path = await pair.requested()
    await pair.bank.carol.post(f"{await pair.sign_off(path, pair.fraud)}/reject", WHY)
    assert await pair.asks(pair.fraud) == (False, ["same_bytes_rejected"])


async def test_rejected_release_says_nothing_of_bytes(pair: Pair) -> None:
    path = await pair.requested()
    assert (await pair.bank.carol.post(f"{path}/reject", WHY)).json()["state"] == "rejected"
    assert await pair.states(path) == ("rejected", "rejected", "rejected")
    assert "ArtifactRejected" not in await pair.bank.service.site.event_types()


async def test_withdrawn_release_withdraws_all_and_only_its_requester_can(pair: Pair) -> None:
    path = await pair.requested()
    assert (await pair.bank.bob.post(f"{path}/withdraw", {})).json()["code"] == "not_requester"
    assert (await pair.bank.alice.post(f"{path}/withdraw", {})).json()["state"] == "withdrawn"
    assert await pair.states(path) == ("withdrawn", "withdrawn", "withdrawn")


async def test_revoked_member_takes_the_yes_of_all(pair: Pair) -> None:
    """A no travels: the other version was approved as part of the same whole."""
    path = await pair.approved()
    answer = await pair.bank.carol.post(f"{await pair.sign_off(path, pair.fraud)}/revoke", WHY)
    assert answer.status_code == 200, answer.text
    assert await pair.states(path) == ("revoked", "revoked", "invalidated")
    assert await pair.asks(pair.pricing) == (False, ["release_incomplete"])


async def test_suspended_member_holds_all_and_lets_all_go_on(pair: Pair) -> None:
    path = await pair.approved()
    sign_off = await pair.sign_off(path, pair.fraud)
    assert (await pair.bank.carol.post(f"{sign_off}/suspend", WHY)).status_code == 200
    assert await pair.asks(pair.pricing) == (False, ["suspended"])
    assert (await pair.bank.sees(path))["suspended"] is True
    resumed = await pair.bank.bob.post(f"{await pair.sign_off(path, pair.pricing)}/resume", WHY)
    assert resumed.status_code == 200, resumed.text
    assert [await pair.asks(version) for version in (pair.fraud, pair.pricing)] == [(True, [])] * 2


async def test_invalidated_member_ends_the_release(pair: Pair) -> None:
    """The evidence of one of them has changed."""
    path = await pair.approved()
    await pair.bank.verifies(result="9" * 64)
    assert await pair.states(path) == ("invalidated", "invalidated", "invalidated")
    seen = await pair.bank.sees(await pair.sign_off(path, pair.pricing))
    assert seen["invalidated"]["field"] == "release"


async def test_changed_policy_ends_a_release_once(pair: Pair) -> None:
    path = await pair.approved()
    stricter = {"kind": "Policy", "environment": "prod", "signatures": [{"role": "reviewer", "count": 3}], "takes_effect": "immediately"}
    assert (await pair.bank.dora.post("/v1/policies", stricter)).status_code == 201

    async def is_over() -> bool:
        return str((await pair.bank.sees(path))["state"]) == "invalidated"

    await eventually(is_over)
    assert [*await pair.bank.service.site.event_types()].count("ReleaseEnded") == 1


async def test_no_to_the_same_bytes_under_another_name_reaches_the_other_member(bank: Bank) -> None:
    """Attack: pricing's bytes are registered again as another version, and rejected there."""
    pair = await a_pair(bank)
    await pair.approved()
    _, copy = await a_version_of(bank, "copy", PRICING)
    requested = await bank.alice.post("/v1/sign-offs", {"environment": "prod", "version_id": copy, **WHY})
    assert requested.status_code == 201, requested.text
    assert (await bank.carol.post(f"/v1/sign-offs/{requested.json()['id']}/reject", WHY)).status_code == 200
    assert await pair.asks(pair.fraud) == (False, ["release_incomplete"])
    answer = (await bank.alice.get("/v1/gate", params={"environment": "prod", "version_id": pair.fraud})).json()
    assert answer["reasons"][0]["facts"]["members"][0]["why"] == "rejected"


async def test_copy_of_a_member_under_another_name_has_no_yes_of_the_release(pair: Pair) -> None:
    """Attack: a yes does not travel with the bytes."""
    await pair.approved()
    _, copy = await a_version_of(pair.bank, "copy", PRICING)
    assert await pair.asks(copy) == (False, ["not_signed_off"])


async def test_release_that_is_newer_decides_and_its_end_ends_the_yes(pair: Pair) -> None:
    await pair.bank.an_approved_sign_off()
    path = await pair.approved()
    assert await pair.asks(pair.fraud) == (True, [])
    await pair.bank.carol.post(f"{await pair.sign_off(path, pair.pricing)}/revoke", WHY)
    assert await pair.asks(pair.fraud) == (False, ["release_incomplete"])


async def test_list_shows_the_newest_first_and_by_name(pair: Pair) -> None:
    first = await pair.requested(name="2026-11")
    await pair.bank.alice.post(f"{first}/withdraw", {})
    await pair.requested(name="2026-12")
    items = (await pair.bank.alice.get("/v1/releases")).json()["items"]
    assert [(one["name"], one["state"]) for one in items] == [("2026-12", "pending"), ("2026-11", "withdrawn")]
    opened = (await pair.bank.alice.get("/v1/releases", params={"open": "true", "environment": "prod"})).json()["items"]
    assert [one["name"] for one in opened] == ["2026-12"]
    named = (await pair.bank.alice.get("/v1/releases", params={"name": "2026-11"})).json()["items"]
    assert [{member["model"] for member in one["members"]} for one in named] == [{"fraud", "pricing"}]
    assert named[0]["members"][0]["sha256"] in (ARTIFACT, PRICING)


async def test_sign_off_says_which_release_it_is_part_of(pair: Pair) -> None:
    path = await pair.requested()
    assert (await pair.bank.sees(await pair.sign_off(path, pair.fraud)))["release_id"] == path.rpartition("/")[2]


async def test_release_of_twenty_with_the_longest_text_is_requested_and_approved(pair: Pair) -> None:
    more = [await a_version_of(pair.bank, f"model-{number}", f"{number:064x}") for number in range(18)]
    versions = [pair.fraud, pair.pricing, *(version for _, version in more)]
    longest = {"rationale": "\N{OLD ITALIC LETTER A}" * 20_000}
    wanted = [{"version_id": version} for version in versions]
    answer = await pair.bank.alice.post("/v1/releases", {"name": "all", "environment": "prod", "versions": wanted, **longest})
    assert answer.status_code == 201, answer.text
    path = f"/v1/releases/{answer.json()['id']}"
    answers = [await person.post(f"{path}/approve", longest) for person in (pair.bank.bob, pair.bank.carol)]
    assert [one.json()["state"] for one in answers] == ["pending", "approved"]
    assert await pair.asks(versions[-1]) == (True, [])


async def test_what_runs_of_the_other_members_gets_a_directive(pair: Pair) -> None:
    path = await pair.approved()
    deployment = await deployed(pair.bank)
    assert await directives(pair.bank) == []
    await pair.bank.carol.post(f"{await pair.sign_off(path, pair.pricing)}/revoke", WHY)
    assert [(one["deployment_id"], one["because"]) for one in await directives(pair.bank)] == [(deployment, "invalidated")]


async def test_member_whose_time_is_over_ends_the_release(pair: Pair) -> None:
    policy = {"kind": "Policy", "environment": "prod", "signatures": [{"role": "reviewer"}], "deadlines": {"expire_after": "1d"}}
    assert (await pair.bank.dora.post("/v1/policies", {**policy, "previous_environment": "optional"})).status_code == 201
    path = await pair.requested()
    sign_off = (await pair.sign_off(path, pair.fraud)).rpartition("/")[2]

    async def in_a_month(command: RemindOfSignOff, uow: UnitOfWork) -> RemindedOf:
        uow._decided_at = await uow.now() + timedelta(days=30)
        return await remind_of_sign_off(command, uow)

    await pair.bank.store.execute(in_a_month, RemindOfSignOff(sign_off), metadata=Metadata(actor="system:approval", correlation=new_id()))
    assert await pair.states(path) == ("expired", "expired", "withdrawn")
