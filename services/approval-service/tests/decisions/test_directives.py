"""A yes that ends reaches what runs: a directive for each deployment, once, until it is dealt with."""

import asyncio
from typing import Any

import pytest

from placet_approval.commands.issue_directive import IssueDirective, issue_directive, keep_directives
from placet_approval.queries.emergencies import DEBTS, DIRECTIVES, GLASSES, measured_by
from placet_approval.workers.directive_keeper import DirectiveKeeper
from placet_shared.event_store import Metadata
from placet_shared.identifiers import new_id

from .conftest import WHY, Bank
from .emergencies import POLICY, REVIEW, breaks_glass, deployed, directives, on_call

pytestmark = pytest.mark.postgres


async def unapproved(bank: Bank) -> list[tuple[str, str | None]]:
    """Why, and how the directive was resolved."""
    answer = await bank.alice.get("/v1/unapproved", params={"environment": "prod", "model": "fraud"})
    assert answer.status_code == 200, answer.text
    return [(one["because"], one["resolved"]) for one in answer.json()["items"]]


async def expires(bank: Bank) -> None:
    await bank.connection.execute("update sign_offs set expires_at = now() - interval '1 second' where state = 'approved'")


async def test_revoked_approval_of_what_runs_is_a_directive_and_comes_once(bank: Bank) -> None:
    path = await bank.an_approved_sign_off()
    deployment = await deployed(bank)
    assert await directives(bank) == []
    assert (await bank.carol.post(f"{path}/revoke", WHY)).status_code == 200
    [directive] = await directives(bank)
    assert (directive["kind"], directive["because"], directive["deployment_id"]) == ("alert", "revoked", deployment)
    assert directive["sign_off_id"] == path.rpartition("/")[2]
    await asyncio.gather(keep_directives(bank.store), keep_directives(bank.store))
    assert len(await directives(bank)) == 1
    assert [*await bank.service.site.event_types()].count("DirectiveIssued") == 1


async def test_worker_issues_it_without_being_asked(bank: Bank) -> None:
    """Woken by the no."""
    path = await bank.an_approved_sign_off()
    await deployed(bank)
    await bank.carol.post(f"{path}/revoke", WHY)
    assert await bank.service.services.directives.done(20)
    assert [one for one in await bank.service.site.event_types() if one.startswith("Directive")] == ["DirectiveIssued"]


async def test_look_in_between_finds_what_was_recorded_since(bank: Bank) -> None:
    """A report, a no, an expiry, the end of a break-glass, each by a look that does not go through all that runs."""
    keeper = DirectiveKeeper(bank.store)
    await keeper.look()

    async def found() -> list[str]:
        await keeper.look()
        items = (await bank.alice.get("/v1/directives", params={"state": "open"})).json()["items"]
        return [one["because"] for one in items]

    assert await found() == []
    await deployed(bank)
    assert await found() == ["never"]
    await bank.connection.execute("update known_deployments set reported_at = now() - interval '1 hour'")
    path = await bank.an_approved_sign_off()
    assert await found() == []
    assert (await bank.carol.post(f"{path}/revoke", WHY)).status_code == 200
    assert await found() == ["revoked"]
    await bank.an_approved_sign_off()
    assert await found() == []
    await expires(bank)
    assert await found() == ["expired"]


async def test_expiry_that_came_while_nothing_ran_is_caught_up(bank: Bank) -> None:
    await bank.an_approved_sign_off()
    await deployed(bank)
    await expires(bank)
    [directive] = await directives(bank)
    assert directive["because"] == "expired"
    assert await unapproved(bank) == [("expired", None)]


async def test_invalidated_approval_and_none_at_all_are_told_apart(bank: Bank) -> None:
    await deployed(bank)
    assert [one["because"] for one in await directives(bank)] == ["never"]
    await bank.an_approved_sign_off()
    assert await directives(bank) == []
    await bank.dora.post("/v1/policies", {**POLICY, "expires_after": "60d", "takes_effect": "immediately"})
    assert [one["because"] for one in await directives(bank)] == ["invalidated"]


async def test_nothing_is_issued_where_no_signature_is_asked_for(bank: Bank) -> None:
    await bank.dora.post("/v1/policies", {"kind": "Policy", "environment": "prod", "signatures": []})
    await deployed(bank)
    assert await directives(bank) == []
    assert await unapproved(bank) == []


async def test_facts_close_it_by_themselves(bank: Bank) -> None:
    deployment = await deployed(bank)
    [first] = await directives(bank)
    await deployed(bank)
    assert [(one["id"], one["how"], one["known_by"]) for one in await directives(bank, "resolved")] == [(first["id"], "replaced", "facts")]
    await bank.an_approved_sign_off()
    assert await directives(bank) == []
    assert {one["how"] for one in await directives(bank, "resolved")} == {"replaced", "approved_again"}
    again = await deployed(bank)
    assert deployment != again
    await expires(bank)
    [third] = await directives(bank)
    ended = {"deployment_id": again, "environment": "prod", "model_id": bank.model_id, "reason": None}
    await bank.hears("registry", "DeploymentEnded", ended)
    assert await directives(bank) == []
    assert {one["how"] for one in await directives(bank, "resolved") if one["id"] == third["id"]} == {"ended"}


async def test_roll_back_names_the_last_version_with_a_yes_that_no_later_no_stands_against(bank: Bank) -> None:
    assert (await bank.dora.post("/v1/policies", {**POLICY, "evidence": {}, "when_a_yes_ends": "roll_back"})).status_code == 201

    async def target(number: int) -> str | None:
        """That of the directive for another version without a yes."""
        artifact = f"{number:064x}"
        await deployed(bank, artifact, await bank.registers(number, artifact))
        [directive] = await directives(bank)
        assert directive["kind"] == "roll_back"
        return directive["roll_back_to"] and str(directive["roll_back_to"]["sign_off_id"])

    good = (await bank.an_approved_sign_off()).rpartition("/")[2]
    assert await target(2) == good
    same_bytes = await bank.request(version_id=await bank.registers(3))
    assert (await bank.bob.post(f"/v1/sign-offs/{same_bytes.json()['id']}/reject", WHY)).status_code == 200
    assert await target(4) is None, "these bytes were rejected since"
    again = (await bank.an_approved_sign_off()).rpartition("/")[2]
    assert await target(5) == again
    await expires(bank)
    assert await target(6) is None


async def resolve(bank: Bank, who: Any, directive: dict[str, Any], **body: Any) -> tuple[int, str | None]:
    answer = await who.post(f"/v1/directives/{directive['id']}/resolve", body)
    return answer.status_code, answer.json().get("code")


async def test_report_closes_it_and_hides_nothing_that_still_runs(bank: Bank) -> None:
    """A report is a claim: an insider who makes one shuts no list up."""
    await deployed(bank)
    [directive] = await directives(bank)
    assert await resolve(bank, bank.ci, directive, how="ended") == (200, None)
    assert await directives(bank) == []
    assert await unapproved(bank) == [("never", "ended")]
    assert await resolve(bank, bank.ci, directive, how="ended") == (409, "directive_closed")
    assert (await bank.alice.get(f"/v1/directives/{directive['id']}")).json()["resolved_by"]["name"] == "ci"


async def test_acceptance_is_for_people_who_may_sign_and_had_no_part(bank: Bank) -> None:
    await bank.adds_lineage(bank.alice.id, trained_by=(bank.bob.id,))
    await deployed(bank)
    [directive] = await directives(bank)
    accept = {"how": "accepted", "reason": "It is switched off on Monday."}
    assert await resolve(bank, bank.carol, directive, how="accepted") == (422, "rationale_required")
    assert await resolve(bank, bank.ci, directive, **accept) == (403, "people_only")
    assert await resolve(bank, bank.alice, directive, **accept) == (403, "separation_of_duties")
    assert await resolve(bank, bank.bob, directive, **accept) == (403, "separation_of_duties")
    erin = await bank.service.person("erin", "auditor")
    assert await resolve(bank, erin, directive, **accept) == (403, "role_not_held")
    assert await resolve(bank, erin, directive, how="ended") == (403, "role_required")
    assert await resolve(bank, bank.carol, directive, **accept) == (200, None)
    seen = (await bank.alice.get(f"/v1/directives/{directive['id']}")).json()
    assert (seen["how"], seen["known_by"], seen["reason"]["text"]) == ("accepted", "report", accept["reason"])


async def test_deployment_by_break_glass_is_one_when_the_glass_is_over(bank: Bank) -> None:
    olga = await on_call(bank)
    glass = await breaks_glass(olga)
    await deployed(bank)
    assert await directives(bank) == []
    assert await unapproved(bank) == []
    assert (await olga.post(f"/v1/break-glass/{glass['id']}/close")).status_code == 200
    assert [one["because"] for one in await directives(bank)] == ["break_glass"]


async def test_issuing_for_a_deployment_that_has_a_yes_again_does_nothing(bank: Bank) -> None:
    deployment = await deployed(bank)
    await bank.an_approved_sign_off()
    metadata = Metadata(actor="system:approval", correlation=new_id())
    assert not (await bank.store.execute(issue_directive, IssueDirective(deployment), metadata=metadata)).changed


async def test_unknown_directive_is_not_found(bank: Bank) -> None:
    assert (await bank.alice.get(f"/v1/directives/{'0' * 32}")).status_code == 404
    assert await resolve(bank, bank.ci, {"id": "0" * 32}, how="ended") == (404, "directive_not_found")
    assert (await bank.alice.get("/v1/directives", params={"limit": 1})).json() == {"items": [], "next_cursor": None}


async def counted(bank: Bank) -> dict[str, float]:
    """What is open in prod, as the metrics tell it."""
    measured = {
        "directives": await measured_by(bank.store.pool, DIRECTIVES, "environment", "kind"),
        "glasses": await measured_by(bank.store.pool, GLASSES, "environment"),
        "debts": await measured_by(bank.store.pool, DEBTS, "environment"),
    }
    return {name: sum(value for value, where in found if where["environment"] == "prod") for name, found in measured.items()}


async def test_what_is_open_is_counted_and_ends_in_zero(bank: Bank) -> None:
    olga = await on_call(bank)
    glass = await breaks_glass(olga)
    await deployed(bank)
    assert await counted(bank) == {"directives": 0, "glasses": 1, "debts": 1}
    await olga.post(f"/v1/break-glass/{glass['id']}/close")
    [directive] = await directives(bank)
    assert await counted(bank) == {"directives": 1, "glasses": 0, "debts": 1}
    await resolve(bank, bank.ci, directive, how="ended")
    for reviewer in (bank.bob, bank.carol):
        assert (await reviewer.post(f"/v1/debts/{glass['debt_id']}/review", REVIEW)).status_code == 200
    assert await counted(bank) == {"directives": 0, "glasses": 0, "debts": 0}
