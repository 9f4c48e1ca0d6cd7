"""What an insider does with two ordinary calls: the same bytes again, a yes again, a signer who left, evidence by an older plan."""

from typing import Any, TypeVar

import orjson
import pytest

from placet_approval.commands.grant_approval import GrantApproval, grant_approval
from placet_approval.commands.make_gate_decision import MadeGateDecision, MakeGateDecision, make_gate_decision
from placet_approval.commands.reject_sign_off import RejectSignOff, reject_sign_off
from placet_approval.commands.request_sign_off import RequestedSignOff, RequestSignOff, request_sign_off
from placet_approval.commands.sign_off_progress import SignOffProgress
from placet_approval.domain.gate_facts import GateQuestion
from placet_approval.queries.gate_facts import gather
from placet_approval.queries.signer_groups import find_signers
from placet_shared.access import Actor
from placet_shared.errors import Conflict
from placet_shared.event_store import Metadata, UnitOfWork, UseCase
from placet_shared.identifiers import new_id
from placet_shared.testing import eventually

from ..conftest import Caller
from ..decisions.conftest import ARTIFACT, WHY
from .conftest import BY_DIGEST, Town, reasons, verdict

pytestmark = pytest.mark.postgres

C = TypeVar("C")
R = TypeVar("R")


async def asks_about(town: Town, version_id: str) -> dict[str, Any]:
    return await town.asks(environment="prod", version_id=version_id)


async def approves(town: Town, path: str, *signers: Caller) -> None:
    for signer in signers or (town.bob, town.carol):
        answer = await signer.post(f"{path}/approve", WHY)
        assert answer.status_code == 200, answer.text


# Lineage is of the bytes


async def test_trainer_named_by_one_version_can_not_sign_another_one_with_the_same_bytes(town: Town) -> None:
    await town.adds_lineage(town.alice.id, trained_by=(town.bob.id,))
    mallory = await town.service.person("mallory", "developer")
    town.version_id = await town.registers(2, trained_by=(), by=mallory.id)
    await town.verifies()
    path = await town.a_pending_sign_off()
    refused = await town.bob.post(f"{path}/approve", WHY)
    assert (refused.status_code, refused.json()["code"]) == (403, "separation_of_duties")
    seen = await town.sees(path)
    assert seen["excluded"][town.bob.id] == ["trainer"]
    assert [one["number"] for one in seen["same_bytes"]] == [1]
    assert seen["same_bytes_in_all"] == 1
    assert (await town.bob.get("/v1/sign-offs", params={"mine": True})).json()["items"] == [], "nor is it in his list"


async def test_claim_after_an_approval_suspends_it_until_an_uninvolved_admin_has_decided(town: Town) -> None:
    path = await town.an_approved_sign_off()
    mallory = await town.service.person("mallory", "developer")
    await town.registers(2, trained_by=(town.bob.id,), by=mallory.id)
    assert verdict(await asks_about(town, town.version_id)) == ("deny", True, ["lineage_contested"])
    assert (await town.sees(path))["contested"] == [{"person_id": town.bob.id, "because": "trainer", "claimed_by": mallory.id}]

    fay = await town.service.person("fay", "admin")
    body = {"verdict": "set_aside", "rationale": "The training log names somebody else."}
    refused = await mallory.post(f"{path}/lineage", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_required")
    decided = await fay.post(f"{path}/lineage", body)
    assert decided.status_code == 200, decided.text
    assert (await asks_about(town, town.version_id))["allowed"]
    seen = await town.sees(path)
    assert (seen["state"], seen["contested"], seen["excluded"][town.bob.id]) == ("approved", [], ["trainer"])
    assert [act["act"] for act in seen["acts"]][-1] == "lineage_set_aside"


async def test_claim_that_an_admin_confirms_ends_the_sign_off(town: Town) -> None:
    path = await town.an_approved_sign_off()
    mallory = await town.service.person("mallory", "developer")
    await town.registers(2, trained_by=(town.bob.id,), by=mallory.id)
    fay = await town.service.person("fay", "admin")
    decided = await fay.post(f"{path}/lineage", {"verdict": "confirmed", "rationale": "He did."})
    assert (decided.status_code, decided.json()["state"]) == (200, "invalidated")
    assert verdict(await asks_about(town, town.version_id)) == ("deny", True, ["invalidated"])


async def test_contest_is_noted_by_one_event_unasked(town: Town) -> None:
    path = await town.an_approved_sign_off()
    mallory = await town.service.person("mallory", "developer")
    await town.registers(2, trained_by=(town.bob.id,), by=mallory.id)
    await town.registers(3, trained_by=(town.bob.id,), by=mallory.id)

    async def noted() -> bool:
        return "LineageContested" in await town.service.site.event_types()

    await eventually(noted)
    await town.service.dora.post("/v1/policies", {"kind": "Policy", "environment": "dev", "mode": "allow", "signatures": []})
    assert (await town.service.site.event_types()).count("LineageContested") == 1
    assert (await town.sees(path))["state"] == "approved"


async def test_machine_that_names_no_trainer_gets_no_signature(town: Town) -> None:
    robot = await town.service.account("robot", "developer")
    town.version_id = await town.registers(2, artifact="c" * 64, trained_by=(), by=robot.id)
    await town.verifies()
    refused = await town.request()
    assert (refused.status_code, refused.json()["code"]) == (409, "lineage_missing")
    assert "lineage_missing" in reasons(await asks_about(town, town.version_id))
    await town.adds_lineage(robot.id, trained_by=(town.trainer,), artifact="c" * 64)
    assert (await town.request()).status_code == 201


# Only a no travels


async def test_no_stands_against_the_same_bytes_in_any_model_until_a_sign_off_of_its_own(town: Town) -> None:
    first = await town.a_pending_sign_off()
    await town.bob.post(f"{first}/reject", {"rationale": "Leaks the label."})
    again = await town.registers(2)
    await town.verifies(again)
    assert reasons(await asks_about(town, again)) == ["same_bytes_rejected", "not_signed_off"]
    assert reasons(await town.asks(**BY_DIGEST))[0] == "rejected"

    town.version_id = again
    requested = await town.request()
    assert [no["person_id"] for no in requested.json()["earlier_noes"]] == [town.bob.id]
    path = f"/v1/sign-offs/{requested.json()['id']}"
    [no] = (await town.sees(path))["noes"]
    assert (no["kind"], no["number"], no["by"]["name"], no["said"]["text"], no["answered"]) == (
        "rejected",
        1,
        "bob",
        "Leaks the label.",
        True,
    )
    await approves(town, path)
    assert (await asks_about(town, again))["allowed"]


async def test_no_said_after_an_approval_of_the_same_bytes_denies_it(town: Town) -> None:
    await town.an_approved_sign_off()
    approved = town.version_id
    town.version_id = await town.registers(2)
    await town.verifies()
    path = await town.a_pending_sign_off()
    await town.carol.post(f"{path}/reject", WHY)
    assert verdict(await asks_about(town, approved)) == ("deny", True, ["same_bytes_rejected"])
    assert (await town.decides(environment="prod", version_id=approved))["allowed"] is False


async def test_no_ends_pending_sign_offs_of_the_same_bytes(town: Town) -> None:
    pending = await town.a_pending_sign_off()
    town.version_id = await town.registers(2)
    await town.verifies()
    other = await town.a_pending_sign_off()
    await town.bob.post(f"{other}/reject", WHY)
    seen = await town.sees(pending)
    assert (seen["state"], seen["invalidated"]["field"]) == ("invalidated", "same_bytes")


async def test_revocation_is_a_no_on_the_bytes_too(town: Town) -> None:
    path = await town.an_approved_sign_off()
    await town.bob.post(f"{path}/revoke", WHY)
    again = await town.registers(2)
    await town.verifies(again)
    assert reasons(await asks_about(town, again)) == ["same_bytes_rejected", "not_signed_off"]


@pytest.mark.parametrize("how", ["request was wrong", "withdrawn"])
async def test_what_is_no_no_on_the_bytes_does_not_travel(town: Town, how: str) -> None:
    path = await town.a_pending_sign_off()
    if how == "withdrawn":
        await town.alice.post(f"{path}/withdraw", {})
    else:
        await town.bob.post(f"{path}/reject", {**WHY, "scope": "request"})
    again = await town.registers(2)
    await town.verifies(again)
    assert reasons(await asks_about(town, again)) == ["not_signed_off"]


async def test_no_is_found_however_often_the_bytes_were_registered_since(town: Town) -> None:
    path = await town.a_pending_sign_off()
    await town.bob.post(f"{path}/reject", WHY)
    rows = [(new_id(), town.model_id, number, ARTIFACT) for number in range(2, 150)]
    await town.connection.executemany("insert into known_versions values ($1, $2, $3, $4, clock_timestamp())", rows)
    assert reasons(await town.asks(**BY_DIGEST))[0] == "same_bytes_rejected"


async def _with_a_no_in_between(town: Town, other: str, use_case: UseCase[C, R], command: C) -> R:
    """The use case has decided, and before that is appended the other sign-off of the same bytes is rejected."""
    actor = Actor(town.alice.id, "person", frozenset({"developer", "pipeline"}), "")
    happening = [other]

    async def interrupted(command: C, uow: UnitOfWork) -> R:
        result = await use_case(command, uow)
        if happening:
            said = await town.bob.post(f"{happening.pop()}/reject", WHY)
            assert said.status_code == 200, said.text
        return result

    return await town.store.execute(interrupted, command, metadata=Metadata(actor=actor.id, correlation="c"), actor=actor)


async def test_request_and_a_no_on_the_bytes_at_the_same_instant_know_of_each_other(town: Town) -> None:
    other = await town.a_pending_sign_off()
    town.version_id = await town.registers(2)
    await town.verifies()
    command = RequestSignOff(new_id(), "prod", town.version_id, None, None, "why")

    async def request(command: RequestSignOff, uow: UnitOfWork) -> RequestedSignOff:
        return await request_sign_off(command, uow, find_signers)

    requested = await _with_a_no_in_between(town, other, request, command)
    assert len(requested.earlier_noes) == 1, "it was decided again and shows the no"


async def _rejects_silently(town: Town, path: str) -> None:
    """By the command alone, so that nothing ends other sign-offs of these bytes yet: only the artifact's stream knows of the no."""
    actor = Actor(town.bob.id, "person", frozenset({"reviewer"}), "")
    command = RejectSignOff(path.rpartition("/")[2], None, "no")
    await town.store.execute(reject_sign_off, command, metadata=Metadata(actor=actor.id, correlation="c"), actor=actor)


async def test_signature_and_a_no_on_the_bytes_at_the_same_instant_know_of_each_other(town: Town) -> None:
    other = await town.a_pending_sign_off()
    town.version_id = await town.registers(2)
    await town.verifies()
    path = await town.a_pending_sign_off()
    actor = Actor(town.carol.id, "person", frozenset({"risk-officer"}), "")
    happening = [other]

    async def interrupted(command: GrantApproval, uow: UnitOfWork) -> SignOffProgress:
        progress = await grant_approval(command, uow)
        if happening:
            await _rejects_silently(town, happening.pop())
        return progress

    command = GrantApproval(path.rpartition("/")[2], None, "it holds")
    with pytest.raises(Conflict) as caught:
        await town.store.execute(interrupted, command, metadata=Metadata(actor=actor.id, correlation="c"), actor=actor)
    assert caught.value.code == "same_bytes_rejected", "decided again, it finds the no"
    assert "ApprovalGranted" not in await town.service.site.event_types()


async def test_recorded_yes_and_a_no_on_the_bytes_at_the_same_instant_know_of_each_other(town: Town) -> None:
    await town.an_approved_sign_off()
    approved = GateQuestion("prod", version_id=town.version_id)
    town.version_id = await town.registers(2)
    await town.verifies()
    happening = [await town.a_pending_sign_off()]
    facts = await gather(town.connection, approved)
    actor = Actor("pipeline-1", "service_account", frozenset({"pipeline"}), "")

    async def interrupted(command: MakeGateDecision, uow: UnitOfWork) -> MadeGateDecision:
        made = await make_gate_decision(command, uow)
        if happening:
            assert made.decision.allowed, "so far there is no no"
            await _rejects_silently(town, happening.pop())
        return made

    command = MakeGateDecision(new_id(), approved, facts)
    made = await town.store.execute(interrupted, command, metadata=Metadata(actor=actor.id, correlation="c"), actor=actor)
    assert [reason.code for reason in made.decision.reasons] == ["same_bytes_rejected"]


# A yes is not replayed


async def test_stored_yes_is_decided_again(town: Town) -> None:
    path = await town.an_approved_sign_off()
    first = await town.decides(key="deploy-7")
    assert await town.decides(key="deploy-7") == first
    await town.bob.post(f"{path}/revoke", WHY)
    refused = await town.ci.post("/v1/gate", BY_DIGEST, {"Idempotency-Key": "deploy-7"})
    assert (refused.status_code, refused.json()["code"]) == (409, "decision_outdated")
    assert [reason["code"] for reason in refused.json()["facts"]["reasons"]] == ["revoked"]
    assert (await town.service.site.event_types()).count("GateDecisionMade") == 1


async def test_stored_no_is_answered_again(town: Town) -> None:
    no = await town.decides(key="deploy-7")
    assert verdict(no) == ("deny", True, ["not_signed_off"])
    await town.an_approved_sign_off()
    assert await town.decides(key="deploy-7") == no


async def test_stored_yes_that_rests_on_another_sign_off_by_now_is_not_repeated(town: Town) -> None:
    path = await town.an_approved_sign_off()
    await town.decides(key="deploy-7")
    await town.alice.post("/v1/sign-offs", {"environment": "prod", "version_id": town.version_id, **WHY})
    newer = (await town.alice.get("/v1/sign-offs")).json()["items"][0]
    await approves(town, f"/v1/sign-offs/{newer['id']}")
    refused = await town.ci.post("/v1/gate", BY_DIGEST, {"Idempotency-Key": "deploy-7"})
    assert [reason["code"] for reason in refused.json()["facts"]["reasons"]] == ["decision_superseded"]
    assert newer["id"] not in path


async def test_stored_yes_beyond_its_time_is_not_repeated(town: Town) -> None:
    await town.an_approved_sign_off()
    body = await town.decides(key="deploy-7")
    over = {**body, "valid_until": "2026-01-01T00:00:00.000000Z"}
    await town.service.site.fetch("update answers set body = $1 where key = 'deploy-7'", orjson.dumps(over))
    refused = await town.ci.post("/v1/gate", BY_DIGEST, {"Idempotency-Key": "deploy-7"})
    assert [reason["code"] for reason in refused.json()["facts"]["reasons"]] == ["decision_expired"]


@pytest.mark.parametrize("patience_seconds", [0.3])
async def test_stored_yes_that_can_not_be_decided_now_is_no_yes(town: Town) -> None:
    await town.an_approved_sign_off()
    await town.decides(key="deploy-7")
    town.registry.down = True
    answer = await town.ci.post("/v1/gate", BY_DIGEST, {"Idempotency-Key": "deploy-7"})
    assert (answer.status_code, answer.json()["id"]) == (200, None)
    assert verdict(answer.json()) == ("deny", False, ["source_unreachable"])


async def test_recorded_decision_tells_whether_it_still_holds(town: Town) -> None:
    path = await town.an_approved_sign_off()
    made = await town.decides()
    address = f"/v1/gate/decisions/{made['id']}/validity"
    holds = (await town.alice.get(address)).json()
    assert (holds["holds"], holds["reasons"], holds["valid_until"]) == (True, [], made["valid_until"].replace("000Z", "Z")) or holds[
        "holds"
    ]
    await town.bob.post(f"{path}/revoke", WHY)
    holds = (await town.alice.get(address)).json()
    assert (holds["holds"], reasons(holds)) == (False, ["revoked"])


# Signers in office


async def test_signer_deactivated_before_the_quorum_is_complete_does_not_count(town: Town) -> None:
    path = await town.a_pending_sign_off()
    await approves(town, path, town.bob)
    await town.service.dora.post(f"/v1/people/{town.bob.id}/deactivate")
    answer = await town.carol.post(f"{path}/approve", WHY)
    assert (answer.json()["state"], answer.json()["have"]) == ("pending", 1)
    seen = await town.sees(path)
    assert [(one["by"]["name"], one["counts"]) for one in seen["signatures"]] == [("bob", False), ("carol", True)]
    grace = await town.service.person("grace", "reviewer")
    await approves(town, path, grace)
    seen = await town.sees(path)
    assert (seen["state"], [one["by"]["name"] for one in seen["signatures"]]) == ("approved", ["carol", "grace"])


async def test_departure_ends_an_approval_only_when_policy_says_that_signers_must_stay(town: Town) -> None:
    await town.an_approved_sign_off()
    await town.service.dora.post(f"/v1/people/{town.bob.id}/roles", {"roles": ["auditor"]})
    assert (await town.asks(**BY_DIGEST))["allowed"]
    policy = {
        "kind": "Policy", "environment": "prod", "signers_must_stay": True, "evidence": {"verification": {"max_age": "30d"}},
        "signatures": [{"role": "risk-officer"}], "previous_environment": "optional",
    }  # fmt: skip
    defined = await town.service.dora.post("/v1/policies", policy)
    assert defined.status_code == 201, defined.text
    path = await town.a_pending_sign_off()
    await approves(town, path, town.carol)
    assert (await town.asks(**BY_DIGEST))["allowed"]
    await town.service.dora.post(f"/v1/people/{town.carol.id}/roles", {"roles": ["auditor"]})
    seen = await town.sees(path)
    assert (seen["state"], seen["invalidated"]["field"]) == ("invalidated", "signers")


# Evidence by the plan in force


async def test_pass_under_an_older_plan_counts_for_no_later_request(town: Town) -> None:
    await town.publishes_plan(2)
    refused = await town.request()
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_outdated")
    assert "version 1" in refused.json()["detail"]
    assert "version 2" in refused.json()["detail"]
    await town.verifies(plan_version=2)
    assert (await town.request()).status_code == 201


async def test_request_waits_for_a_plan_that_was_published_a_moment_before(town: Town) -> None:
    town.in_haste = True
    await town.publishes_plan(2)
    refused = await town.request()
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_outdated")


@pytest.mark.parametrize("patience_seconds", [0.3])
async def test_request_is_not_decided_while_a_source_does_not_answer(town: Town) -> None:
    town.verification.down = True
    refused = await town.request()
    assert (refused.status_code, refused.json()["code"]) == (503, "source_unreachable")
    assert refused.headers["retry-after"]


async def test_approval_under_a_plan_holds_when_the_plan_is_revised(town: Town) -> None:
    path = await town.an_approved_sign_off()
    await town.publishes_plan(2)
    await town.verifies(plan_version=2, passed=False, result="d" * 64)
    assert (await town.asks(**BY_DIGEST))["allowed"]
    assert (await town.sees(path))["state"] == "approved"
