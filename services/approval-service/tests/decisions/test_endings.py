"""The newest decision counts, for what runs as for the gate: a yes that was given before hides no later end, and each end is told of."""

from typing import Any

import pytest

from placet_approval.queries.standing import deployments_unapproved
from placet_approval.workers.directive_keeper import DirectiveKeeper

from .conftest import WHY, Bank
from .emergencies import POLICY, breaks_glass, deployed, directives, on_call
from .releases import a_pair, a_version_of
from .test_directives import resolve
from .test_gate_facts import asked

pytestmark = pytest.mark.postgres


async def unapproved(bank: Bank) -> list[str]:
    """Why not, of all that runs in prod, after the gauge has said as many."""
    answer = await bank.alice.get("/v1/unapproved", params={"environment": "prod"})
    assert answer.status_code == 200, answer.text
    found = [str(one["because"]) for one in answer.json()["items"]]
    counted = sum(value for value, where in await deployments_unapproved(bank.store.pool) if where["environment"] == "prod")
    assert counted == len(found)
    return found


async def approved_now(bank: Bank, deployment: str) -> str:
    answer = await bank.alice.get("/v1/deployment-approvals", params={"deployment_id": deployment})
    return str(answer.json()["items"][0]["now"])


async def board_step(bank: Bank) -> tuple[str, str | None]:
    """How far it is in prod, without its deployment, and how the last sign-off ended."""
    answer = await bank.alice.get("/v1/board", params={"environment": "prod", "model": "fraud"})
    [row] = answer.json()["items"]
    [place] = row["places"]
    return place["step"], place["ended"]


async def renewed(bank: Bank) -> tuple[str, str]:
    """The paths of an approval, and of the one that was given after it for the same version."""
    first = await bank.an_approved_sign_off()
    return first, await bank.an_approved_sign_off()


async def does(bank: Bank, what: str, path: str, by: Any = None) -> None:
    answer = await (by or bank.carol).post(f"{path}/{what}", WHY)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("act", "because"), [("revoke", "revoked"), ("suspend", "suspended")])
async def test_end_of_a_renewed_approval_is_not_hidden_by_the_one_before(bank: Bank, act: str, because: str) -> None:
    _, second = await renewed(bank)
    deployment = await deployed(bank)
    assert (await unapproved(bank), (await asked(bank)).allowed, await approved_now(bank, deployment)) == ([], True, "approved")
    await does(bank, act, second)
    assert not (await asked(bank)).allowed
    assert await unapproved(bank) == [because]
    [directive] = await directives(bank)
    assert (directive["because"], directive["sign_off_id"]) == (because, second.rpartition("/")[2])
    assert await approved_now(bank, deployment) == "unapproved"
    again = await deployed(bank)
    [seen] = (await bank.alice.get("/v1/deployment-approvals", params={"deployment_id": again})).json()["items"]
    assert (seen["when_reported"], seen["now"]) == ("unapproved", "unapproved")


async def test_renewal_that_has_expired_first_is_the_one_that_counts(bank: Bank) -> None:
    _, second = await renewed(bank)
    deployment = await deployed(bank)
    await bank.connection.execute(
        "update sign_offs set expires_at = now() - interval '1 second' where sign_off_id = $1", second.rpartition("/")[2]
    )
    assert not (await asked(bank)).allowed
    assert (await unapproved(bank), await approved_now(bank, deployment)) == (["expired"], "unapproved")
    assert [one["because"] for one in await directives(bank)] == ["expired"]


async def test_rejection_of_a_renewal_ends_the_approval_before_until_a_later_one_answers_it(bank: Bank) -> None:
    first = await bank.an_approved_sign_off()
    deployment = await deployed(bank)
    await does(bank, "reject", await bank.a_pending_sign_off())
    assert not (await asked(bank)).allowed
    assert await unapproved(bank) == ["revoked"]
    [directive] = await directives(bank)
    assert directive["sign_off_id"] == first.rpartition("/")[2]
    assert (await board_step(bank), await approved_now(bank, deployment)) == (("deployed", "rejected"), "unapproved")
    await bank.an_approved_sign_off()
    assert (await asked(bank)).allowed
    assert (await unapproved(bank), await directives(bank), await approved_now(bank, deployment)) == ([], [], "approved")


async def test_no_and_hold_on_the_same_bytes_as_another_model_reach_what_runs(bank: Bank) -> None:
    """Found by a look in between, which goes through the models that have the bytes."""
    await bank.an_approved_sign_off()
    deployment = await deployed(bank)
    await bank.connection.execute("update known_deployments set reported_at = now() - interval '1 hour'")
    _, other = await a_version_of(bank, "churn", "a" * 64)
    path = f"/v1/sign-offs/{(await bank.request(version_id=other)).json()['id']}"
    await does(bank, "approve", path, bank.bob)
    await does(bank, "approve", path, bank.carol)
    keeper = DirectiveKeeper(bank.store)
    await keeper.look()
    assert (await unapproved(bank), await directives(bank)) == ([], [])

    async def found() -> list[str]:
        await keeper.look()
        return [one["because"] for one in (await bank.alice.get("/v1/directives", params={"state": "open"})).json()["items"]]

    await does(bank, "suspend", path)
    assert (await unapproved(bank), await found()) == (["suspended"], ["suspended"])
    await does(bank, "resume", path)
    assert (await unapproved(bank), await found(), await approved_now(bank, deployment)) == ([], [], "approved")
    await does(bank, "revoke", path)
    assert (await unapproved(bank), await found(), await approved_now(bank, deployment)) == (["revoked"], ["revoked"], "unapproved")


async def test_member_of_a_release_counts_with_the_others(bank: Bank) -> None:
    pair = await a_pair(bank)
    path = await pair.approved()
    await deployed(bank)
    assert ((await pair.asks(pair.fraud))[0], await unapproved(bank)) == (True, [])
    pricing = (await pair.sign_off(path, pair.pricing)).rpartition("/")[2]
    await bank.connection.execute("update sign_offs set expires_at = now() - interval '1 second' where sign_off_id = $1", pricing)
    assert (await pair.asks(pair.fraud), await unapproved(bank)) == ((False, ["release_incomplete"]), ["expired"])


async def test_roll_back_does_not_name_a_version_whose_renewal_has_ended(bank: Bank) -> None:
    assert (await bank.dora.post("/v1/policies", {**POLICY, "evidence": {}, "when_a_yes_ends": "roll_back"})).status_code == 201
    _, second = await renewed(bank)
    await bank.connection.execute(
        "update sign_offs set expires_at = now() - interval '1 second' where sign_off_id = $1", second.rpartition("/")[2]
    )
    await deployed(bank, "2" * 64, await bank.registers(2, "2" * 64))
    [directive] = await directives(bank)
    assert (directive["kind"], directive["roll_back_to"]) == ("roll_back", None)


async def test_second_end_of_a_sign_off_is_told_of_whatever_was_reported_of_the_first(bank: Bank) -> None:
    path = await bank.an_approved_sign_off()
    await deployed(bank)
    await does(bank, "suspend", path)
    [first] = await directives(bank)
    assert await resolve(bank, bank.ci, first, how="shadowed") == (200, None)
    assert await directives(bank) == []
    await bank.alice.post(f"{path}/comments", {"comment": "It is a nuisance."})
    assert await directives(bank) == [], "words are no end"
    await does(bank, "resume", path)
    await does(bank, "revoke", path)
    [second] = await directives(bank)
    assert (second["id"], second["because"], second["how"]) == (first["id"], "revoked", None)
    assert await resolve(bank, bank.ci, second, how="shadowed") == (200, None)
    assert await directives(bank) == []


async def test_second_break_glass_that_ends_is_told_of_too(bank: Bank) -> None:
    olga = await on_call(bank)
    for how in ("shadowed", "ended"):
        glass = await breaks_glass(olga)
        await deployed(bank) if how == "shadowed" else None
        assert (await unapproved(bank), await directives(bank)) == ([], [])
        assert (await olga.post(f"/v1/break-glass/{glass['id']}/close")).status_code == 200
        [directive] = await directives(bank)
        assert (directive["because"], await resolve(bank, bank.ci, directive, how=how)) == ("break_glass", (200, None))


async def test_request_that_facts_ended_takes_no_approval_back(bank: Bank) -> None:
    """One of those who sign the renewal turns out to have had a part in the bytes; those who approved before had none."""
    await bank.an_approved_sign_off()
    await deployed(bank)
    path = await bank.a_pending_sign_off()
    bert = await bank.service.person("bert", "reviewer")
    await does(bank, "approve", path, bert)
    await bank.adds_lineage(bank.alice.id, trained_by=(bert.id,))
    assert (await bank.sees(path))["state"] == "invalidated"
    assert (await asked(bank)).allowed
    assert (await unapproved(bank), await directives(bank)) == ([], [])
