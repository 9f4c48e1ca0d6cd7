"""Data that lineage names as training data, whenever it does, are not held out: shown to signers, and refused where the policy says so."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from placet_approval.domain.gate import decide
from placet_approval.domain.gate_facts import GateQuestion
from placet_approval.domain.policy_terms import PolicyVersion
from placet_approval.domain.sign_off import SignOff
from placet_approval.queries.gate_facts import gather
from placet_shared.errors import Conflict

from .builders import AT, BOB, QUESTION, WHY, a_pending_sign_off, a_policy, a_run, an_approved_sign_off, facts, now
from .conftest import WHY as RATIONALE
from .conftest import Bank
from .test_sign_off_decisions import refused

DATA, OTHER = "data-1", "data-2"
TRAINED_ON_IT = frozenset({DATA})

POLICY = {
    "kind": "Policy",
    "environment": "prod",
    "signatures": [{"role": "reviewer"}, {"role": "risk-officer"}],
    "evidence": {"verification": {"held_out": "required"}},
    "previous_environment": "optional",
}


def strict() -> PolicyVersion:
    policy = a_policy()
    assert policy.terms.verification
    terms = replace(policy.terms, verification=replace(policy.terms.verification, held_out_required=True))
    return replace(policy, terms=terms, sha256=terms.sha256())


async def objections(bank: Bank) -> list[str]:
    question = GateQuestion("prod", version_id=bank.version_id)
    return [reason.code for reason in decide(question, await gather(bank.connection, question), datetime.now(UTC)).reasons]


def test_gate_denies_an_approval_whose_data_were_named_as_training_data_since() -> None:
    sign_off = an_approved_sign_off(now(strict()))
    before = facts(sign_off, policy=strict())
    assert decide(QUESTION, before, AT).allowed
    [candidate] = before.candidates
    after = replace(before, candidates=(replace(candidate, training_data=TRAINED_ON_IT),))
    [reason] = decide(QUESTION, after, AT).reasons
    assert (reason.code, reason.facts["dataset_sha256"]) == ("not_held_out", DATA)


def test_request_and_signature_on_training_data_are_refused_where_the_policy_asks_for_held_out_data() -> None:
    trained = replace(now(strict()), training_data=TRAINED_ON_IT)
    requested = refused(Conflict, "not_held_out", lambda: SignOff.request("s", "alice", trained, WHY, AT))
    pending = a_pending_sign_off(now(strict()))
    signed = refused(Conflict, "not_held_out", lambda: pending.grant(BOB, None, trained, WHY, AT))
    assert all("training data" in refusal.detail for refusal in (requested, signed))
    assert pending.approvals == ()


@pytest.mark.parametrize("pins", [f"evaluation {OTHER}", f"evaluation {OTHER}, training {DATA}", ""])
def test_run_on_other_data_or_none_is_held_out(pins: str) -> None:
    trained = replace(now(strict(), a_run(pins=pins)), training_data=TRAINED_ON_IT)
    assert SignOff.request("s", "alice", trained, WHY, AT)


def test_policy_that_does_not_ask_for_held_out_data_refuses_nothing() -> None:
    assert SignOff.request("s", "alice", replace(now(), training_data=TRAINED_ON_IT), WHY, AT)


@pytest.mark.postgres
async def test_lineage_added_after_the_approval_is_shown_and_counts_for_all_versions_of_the_bytes(bank: Bank) -> None:
    defined = await bank.dora.post("/v1/policies", POLICY)
    assert defined.status_code in (200, 201), defined.text
    path = await bank.an_approved_sign_off()
    [evidence] = (await bank.sees(path))["evidence"]
    assert (evidence["dataset_sha256"], evidence["held_out"]) == ("e" * 64, True)
    assert await objections(bank) == []

    await bank.registers(2, used=[{"sha256": "e" * 64, "role": "validation"}])
    [evidence] = (await bank.sees(path))["evidence"]
    assert evidence["held_out"] is True
    await bank.registers(3, used=[{"sha256": "e" * 64, "role": "train"}])  # of a copy of the same bytes
    [evidence] = (await bank.sees(path))["evidence"]
    assert evidence["held_out"] is False
    assert await objections(bank) == ["not_held_out"]
    again = await bank.request(version_id=bank.version_id, **RATIONALE)
    assert (again.status_code, again.json()["code"]) == (409, "not_held_out")


@pytest.mark.postgres
async def test_data_that_are_added_to_the_lineage_are_not_held_out_from_then_on(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    await bank.adds_lineage(bank.alice.id, used=[{"sha256": "e" * 64, "role": "train"}])
    [evidence] = (await bank.sees(path))["evidence"]
    assert evidence["held_out"] is False
    answer = await bank.bob.post(f"{path}/approve", RATIONALE)
    assert answer.status_code == 200, "the default is to warn"
