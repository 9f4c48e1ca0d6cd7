"""Policies that select models, floors and times of effect over HTTP with a real PostgreSQL behind; insiders' tricks among them."""

from typing import Any

import orjson
import pytest

from placet_approval.domain.gate_facts import GateQuestion
from placet_approval.domain.policies_in_force import Selection
from placet_approval.queries.gate_facts import FactsStatement, facts_of
from placet_approval.queries.policies_in_force import policies_of_rows
from placet_shared.identifiers import new_id

from ..conftest import Caller
from .conftest import ARTIFACT, WHY, Bank
from .emergencies import deployed
from .test_gate_facts import asked, codes, decided, gathered

pytestmark = pytest.mark.postgres

POLICY = {"kind": "Policy", "environment": "prod", "signatures": [{"role": "reviewer"}], "previous_environment": "optional"}
BOTH = [{"role": "reviewer"}, {"role": "risk-officer"}]
HIGH = {**POLICY, "name": "high", "for": {"tags": {"governance/risk": "high"}}, "signatures": BOTH}
FLOOR = {"kind": "Floor", "environment": "prod", "name": "bank", "signatures": [{"role": "risk-officer"}], "mode": "prevent"}


async def defines(bank: Bank, document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    answer = await bank.dora.post("/v1/policies", {**document, **changes})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def tagged(bank: Bank, value: str | None = "high") -> None:
    type_ = "ModelTagged" if value else "ModelUntagged"
    data = {"model_id": bank.model_id, "key": "governance/risk", **({"value": value} if value else {})}
    await bank.hears("registry", type_, data)


async def policies_for(bank: Bank, model: str = "fraud", number: int = 1) -> dict[str, Any]:
    return await bank.sees(f"/v1/policies/for?model={model}&number={number}&environment=prod")


async def copied(bank: Bank, name: str = "copy", artifact: str = ARTIFACT) -> str:
    """The same bytes as a version of another model; gives the version's id."""
    first = bank.model_id
    bank.model_id = new_id()
    await bank.hears("registry", "ModelRegistered", {"model_id": bank.model_id, "name": name, "description": None, "tags": {}})
    version_id = await bank.registers(artifact=artifact)
    bank.model_id = first
    return version_id


async def signs(who: Caller, path: str) -> str:
    answer = await who.post(f"{path}/approve", WHY)
    assert answer.status_code == 200, answer.text
    state: str = answer.json()["state"]
    return state


async def test_policy_weakened_between_request_and_approval_helps_it_nothing(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    await defines(bank, POLICY)
    assert await signs(bank.bob, path) == "pending"
    assert codes(await asked(bank)) == ["awaiting_signatures"]
    assert await signs(bank.carol, path) == "approved"
    made = (await decided(bank, await gathered(bank))).decision
    assert made.policy
    assert (made.allowed, made.policy.version, len(made.policy.terms.signatures)) == (True, 1, 2)


async def test_tag_removed_between_request_and_approval_helps_it_nothing(bank: Bank) -> None:
    await defines(bank, POLICY)
    await defines(bank, HIGH)
    await tagged(bank)
    path = await bank.a_pending_sign_off()
    await tagged(bank, None)
    assert (await policies_for(bank))["policy"]["name"] is None
    assert await signs(bank.bob, path) == "pending"
    assert codes(await asked(bank)) == ["awaiting_signatures"]
    assert (await bank.sees(path))["state"] == "pending"
    assert await signs(bank.carol, path) == "approved"


async def test_copy_of_the_bytes_under_another_name_leaves_no_policy(bank: Bank) -> None:
    await defines(bank, POLICY, name="strict", **{"for": {"models": ["fraud"]}}, signatures=BOTH)
    await defines(bank, POLICY, name="lenient", **{"for": {"models": ["copy"]}}, signatures=[])
    await copied(bank)
    found = await policies_for(bank, "copy")
    assert [(one["policy"]["name"], one["because"], one["model_id"]) for one in found["raised_by"]] == [
        ("strict", "same_bytes", bank.model_id)
    ]
    assert sum(term["count"] for term in found["content"]["signatures"]) == 2
    assert (await asked(bank, GateQuestion("prod", digest=ARTIFACT, model="copy"))).allowed is False
    await copied(bank, "other-bytes", "c" * 64)
    assert (await policies_for(bank, "other-bytes"))["raised_by"] == []


async def test_floor_can_not_be_undercut_by_a_policy_for_a_model(bank: Bank) -> None:
    await defines(bank, FLOOR)
    await defines(bank, POLICY, name="mild", **{"for": {"models": ["fraud"]}}, mode="allow")
    found = await policies_for(bank)
    assert (found["policy"]["name"], found["content"]["mode"]) == ("mild", "prevent")
    changes = {one["field"]: (one["old"], one["new"]) for one in found["raised_by"][0]["changes"]}
    assert changes["mode"] == ("allow", "prevent")
    path = await bank.a_pending_sign_off()
    assert await signs(bank.bob, path) == "pending"
    assert (await decided(bank, await gathered(bank))).decision.allowed is False
    assert await signs(bank.carol, path) == "approved"
    seen = await bank.sees(path)
    assert [one["id"] for one in seen["binds"]["policy"]["raised_by"]] == [found["raised_by"][0]["policy"]["policy_id"]]
    assert (await decided(bank, await gathered(bank))).decision.allowed


async def test_policy_that_selects_a_model_at_once_ends_its_sign_offs_and_no_other_ones(bank: Bank) -> None:
    path = await bank.an_approved_sign_off()
    await tagged(bank)
    await defines(bank, HIGH, name="low", **{"for": {"tags": {"governance/risk": "low"}}}, takes_effect="immediately")
    assert (await bank.sees(path))["state"] == "approved"
    await defines(bank, HIGH, takes_effect="immediately")
    seen = await bank.sees(path)
    assert (seen["state"], seen["invalidated"]["field"]) == ("invalidated", "policy")


async def test_policy_for_a_model_between_decision_and_append_makes_it_decide_again(bank: Bank) -> None:
    await bank.an_approved_sign_off()
    policy = {**HIGH, "for": {"models": ["fraud"]}, "takes_effect": "immediately"}
    made = await decided(bank, await gathered(bank), meanwhile=lambda: bank.dora.post("/v1/policies", policy))
    assert made.decision.allowed is False


async def test_version_at_renewal_waits_until_the_approval_from_before_has_ended(bank: Bank) -> None:
    path = await bank.an_approved_sign_off()
    await defines(bank, POLICY, takes_effect="at-renewal")
    assert (await policies_for(bank))["policy"]["version"] == 1
    bank.version_id = await bank.registers(2, "c" * 64)
    await bank.verifies()
    later = await bank.a_pending_sign_off()
    assert (await bank.sees(later))["binds"]["policy"]["version"] == 1
    assert (await bank.carol.post(f"{path}/revoke", WHY)).status_code == 200
    assert (await policies_for(bank))["policy"]["version"] == 2
    assert await signs(bank.bob, later) == "pending", "it is bound to version 1"


async def test_model_whose_policy_asks_for_no_signature_runs_approved_without_one(bank: Bank) -> None:
    await defines(bank, POLICY, name="open", **{"for": {"models": ["fraud"]}}, signatures=[])
    await deployed(bank)
    assert (await bank.sees("/v1/unapproved"))["items"] == []
    await bank.dora.post("/v1/policies/prod/open/withdrawal", {"reason": "No longer open."})
    assert [one["because"] for one in (await bank.sees("/v1/unapproved"))["items"]] == ["never"]


async def test_policy_is_withdrawn_once_by_an_admin_and_an_environments_own_never(bank: Bank) -> None:
    await defines(bank, HIGH)
    reason = {"reason": "No longer needed."}
    assert (await bank.alice.post("/v1/policies/prod/high/withdrawal", reason)).status_code == 403
    assert (await bank.dora.post("/v1/policies/prod/high/withdrawal", reason)).status_code == 201
    again = await bank.dora.post("/v1/policies/prod/high/withdrawal", reason)
    assert (again.status_code, again.json()["code"]) == (409, "policy_withdrawn")
    gone = await bank.dora.post("/v1/policies/prod/own/withdrawal", reason)
    assert (gone.status_code, gone.json()["code"]) == (404, "policy_not_found")
    assert "high" not in [one["name"] for one in (await bank.dora.get("/v1/policies")).json()]
    assert [one["withdrawn_at"] is None for one in (await bank.sees("/v1/policies/prod"))["for_models"]] == [False]


async def test_dry_run_says_which_models_a_document_is_for(bank: Bank) -> None:
    answer = await bank.dora.post("/v1/policies?dry_run=true", {**POLICY, "name": "credit", "for": {"models": ["fr*", "other"]}})
    assert (answer.json()["concerned"], answer.json()["concerned_in_all"], answer.json()["takes_effect"]) == (["fraud"], 1, "next")


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": "credit"}, "for"), ({"for": {"models": ["fraud"]}}, "for"), ({"name": "all", "for": {"models": ["*"]}}, "for"),
     ({"name": "t", "for": {"tags": {"team": "x"}}}, "for.tags")],
)  # fmt: skip
async def test_document_that_selects_by_half_is_refused(bank: Bank, changes: dict[str, Any], field: str) -> None:
    answer = await bank.dora.post("/v1/policies?dry_run=true", {**POLICY, **changes})
    assert (answer.status_code, answer.json()["code"]) == (422, "document_invalid")
    assert field in answer.json()["errors"][0]["field"] or field in answer.text


async def selection(bank: Bank, version_id: str) -> Selection:
    """As the gate finds it."""
    question = GateQuestion("prod", version_id=version_id)
    statement = FactsStatement.of(question)
    row = await bank.connection.fetchrow(statement.sql, *statement.args)
    [candidate] = facts_of(row, question).candidates
    assert candidate.governed
    found = policies_of_rows(orjson.loads(row["policies"])).selection(candidate.governed)
    assert found
    return found


async def test_database_and_domain_choose_the_same_policies(bank: Bank) -> None:
    named = [["fraud"], ["fr*"], ["f_a%d*"], ["*raud*"], ["copy", "fra*"], [r"fr\*"]]
    entries = [*({"models": models} for models in named), {"tags": {"governance/risk": "high"}}]
    for number, entry in enumerate(entries):
        await defines(bank, HIGH if number % 2 else POLICY, name=f"policy-{number}", **{"for": entry})
    await defines(bank, FLOOR)
    await defines(bank, FLOOR, name="copies", **{"for": {"models": ["c*"]}})
    versions = [bank.version_id, await copied(bank), await copied(bank, "f_a%d-1", "c" * 64), await copied(bank, "fraudulent", "d" * 64)]
    for withdrawn in ("none", "policy-0", "policy-5"):
        await bank.dora.post(f"/v1/policies/prod/{withdrawn}/withdrawal", {"reason": "Gone."})
        await tagged(bank, "high" if withdrawn == "policy-5" else None)
        for version in versions:
            found = await selection(bank, version)
            rows = await bank.connection.fetch("select policy_id from policies_of_version('prod', $1)", version)
            assert {row["policy_id"] for row in rows} == {one.version.policy_id for one in (found.main, *found.raising)}
