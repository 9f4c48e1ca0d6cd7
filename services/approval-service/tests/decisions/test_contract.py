"""Events and their published contract say the same, field by field."""

from dataclasses import replace
from datetime import timedelta

import pytest

from placet_approval.domain.artifact_standing import ArtifactStanding
from placet_approval.domain.artifact_steps import ArtifactSteps
from placet_approval.domain.debt_ledger import Reviewing
from placet_approval.domain.decisions import AGGREGATES
from placet_approval.domain.directive import Directive
from placet_approval.domain.gate import decide
from placet_approval.domain.gate_decision import GateRecord
from placet_approval.domain.known_sign_off import OfRelease
from placet_approval.domain.policy import PolicySet
from placet_approval.domain.policy_floor import FloorTerms
from placet_approval.domain.reassignment import Absentee, Reassignment
from placet_approval.domain.release import Member, Release
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_series import SignOffSeries
from placet_approval.domain.step_terms import StepTerm
from placet_approval.domain.timestamps import rfc3339
from placet_approval.domain.written_policy import WrittenPolicy
from placet_shared.aggregates import Aggregate, event_classes, own_fields
from placet_shared.contracts.approval_break_glass import BREAK_GLASS_EVENTS
from placet_shared.contracts.approval_decisions import DECISION_EVENTS
from placet_shared.contracts.approval_directives import DIRECTIVE_EVENTS
from placet_shared.contracts.approval_gate import GATE_EVENTS
from placet_shared.contracts.approval_policies import POLICY_EVENTS
from placet_shared.contracts.approval_releases import RELEASE_EVENTS
from placet_shared.contracts.approval_rounds import ROUND_EVENTS
from placet_shared.contracts.approval_steps import STEP_EVENTS
from placet_shared.model_selectors import ModelSelector

from .builders import (
    ARTIFACT,
    AT,
    BOB,
    CAROL,
    CLAIMS,
    DAY,
    DORA,
    IN_OFFICE,
    QUESTION,
    RUNS,
    SAM,
    WHY,
    a_broken_glass,
    a_claim,
    a_no,
    a_pending_sign_off,
    a_policy,
    an_approved_sign_off,
    facts,
    new_events,
    now,
    person,
    with_process,
)

EVENTS = event_classes(*AGGREGATES)
ACTIONS = {"GateQuestionsCounted"}
CONTRACTS = {
    **POLICY_EVENTS,
    **GATE_EVENTS,
    **DECISION_EVENTS,
    **ROUND_EVENTS,
    **RELEASE_EVENTS,
    **STEP_EVENTS,
    **DIRECTIVE_EVENTS,
    **BREAK_GLASS_EVENTS,
}


def test_every_event_has_a_contract_and_the_other_way_round() -> None:
    assert {*EVENTS, *ACTIONS} == set(CONTRACTS)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_contract_has_the_fields_of_the_event_in_their_order(name: str) -> None:
    assert own_fields(EVENTS[name]) == list(CONTRACTS[name].model_fields)


def policies_of_all_kinds() -> PolicySet:
    """One of the environment's own, one for some models that is withdrawn, and a floor that says all that one can."""
    terms, selector = a_policy().terms, ModelSelector(("credit-*",), {"governance/risk": "high"})
    raised = FloorTerms.of(with_process().terms)
    everything = replace(raised, lineage_required=True, signers_must_stay=True, previous_required=True, soak=timedelta(1))
    policies = PolicySet.begin("policy-1", WrittenPolicy(terms), AT)
    policies.define("policy-2", WrittenPolicy(terms, "credit", selector, "at-renewal"), AT)
    policies.define("policy-3", WrittenPolicy(everything, "bank", selector, "immediately"), AT)
    policies.withdraw("credit", WHY, AT)
    return policies


def everything_that_happens() -> list[Aggregate]:
    signed = SignOff.request("sign-off-1", "alice", now(), WHY, AT)
    signed.grant(BOB, None, now(), WHY, AT)
    signed.revoke(BOB, WHY, AT)
    signed.comment("alice", WHY, AT)
    signed.grant(BOB, None, now(), WHY, AT)
    signed.grant(CAROL, None, now(), WHY, AT)
    signed.revoke(CAROL, WHY, AT)
    rejected, withdrawn, invalidated = a_pending_sign_off(), a_pending_sign_off(), an_approved_sign_off()
    rejected.reject(BOB, None, now(), WHY, AT)
    withdrawn.withdraw(person("alice"), None, AT)
    invalidated.invalidate(now(a_policy(version=2)), AT)
    owned, carol = now(a_policy(owner="admin")), Absentee(frozenset({"risk-officer"}), "carol")
    reassigned = a_pending_sign_off(owned)
    reassigned.reassign(person("dora", "admin"), Reassignment("carol", "dave", "risk-officer", "dora"), carol, owned, WHY, AT)
    contested, claims = an_approved_sign_off(), [*CLAIMS, a_claim("bob", by="mallory")]
    contested.contest(now(claims=claims), AT)
    contested.decide_contest(person("fay", "admin"), "set_aside", now(claims=claims), WHY, AT)
    no = {"sign_off_id": "sign-off-1", "kind": "rejected", "model_id": "model-1", "version_id": "version-1", "person_id": "bob"}
    standing = ArtifactStanding.reject(None, ARTIFACT, "prod", AT, **no)
    held = {name: value for name, value in no.items() if name != "kind"}
    standing = ArtifactStanding.hold(standing, ARTIFACT, "prod", AT, **held)
    standing = ArtifactStanding.lift_hold(standing, ARTIFACT, "prod", AT, **held, token_issuers=["dora"], rationale=WHY)
    answering = SignOff.request("sign-off-2", "alice", now(noes=[a_no(1)]), WHY, AT)
    series = SignOffSeries.start("sign-off-1", "version-1", "prod", AT)
    series.go_on("sign-off-2", "version-1", "prod", AT)
    given = facts(an_approved_sign_off())
    record = GateRecord.make("decision-1", decide(QUESTION, given, AT))
    return [
        *rounds(),
        steps(),
        policies_of_all_kinds(),
        signed,
        rejected,
        withdrawn,
        invalidated,
        reassigned,
        contested,
        standing,
        answering,
        series,
        record,
        *emergencies(),
        *released(),
    ]


def rounds() -> list[Aggregate]:
    """Feedback, issues, holds, conditions and deadlines."""
    circumstances = now(with_process())
    sign_off = SignOff.request("sign-off-3", "alice", circumstances, WHY, AT)
    sign_off.give_feedback(SAM, "operations", "major_issue", circumstances, WHY, AT, issue_id="issue-1", attachments=[ARTIFACT])
    sign_off.waive_issue(CAROL, "issue-1", AT + DAY, circumstances, WHY, AT)
    sign_off.resolve_issue(SAM, "issue-1", circumstances, WHY, AT)
    sign_off.remind(AT + DAY)
    sign_off.remind(AT + 2 * DAY)
    sign_off.request_changes(BOB, circumstances, WHY, AT)
    sign_off.reset(person("alice"), circumstances, WHY, AT)
    sign_off.give_feedback(SAM, "operations", "approve", circumstances, None, AT, issue_id="unused")
    sign_off.grant(BOB, None, circumstances, WHY, AT, [("condition-1", "alice", AT + 5 * DAY, WHY)])
    sign_off.grant(CAROL, None, circumstances, WHY, AT)
    sign_off.meet_condition(BOB, "condition-1", circumstances, WHY, AT)
    sign_off.suspend(DORA, WHY, AT)
    sign_off.resume(BOB, circumstances, WHY, AT)
    sign_off.remind(AT + 80 * DAY)
    late = SignOff.request("sign-off-4", "alice", circumstances, WHY, AT)
    late.remind(AT + 3 * DAY)
    return [sign_off, late]


def steps() -> Aggregate:
    review = StepTerm("review", "business", role="reviewer")
    found = ArtifactSteps.complete(None, now().version, "prod", review, BOB, {}, [], WHY, AT)
    found.reopen(now().version, "prod", review, [review], BOB, WHY, AT)
    return found


def emergencies() -> list[Aggregate]:
    glass, ledger = a_broken_glass()
    glass.close("glass-1", "dora", AT)
    around = Reviewing(True, {"alice": ("opener",)}, IN_OFFICE)
    ledger.review("debt-1", BOB, None, around, WHY, AT)
    ledger.review("debt-1", CAROL, None, around, WHY, AT)
    directive = Directive.issue(None, RUNS, "roll_back", {"version_id": "version-2", "artifact_sha256": ARTIFACT, "sign_off_id": "s"}, AT)
    assert directive is not None
    directive.report("accepted", WHY, AT)
    return [glass, ledger, directive]


def released() -> list[Aggregate]:
    member, other = a_pending_sign_off(), a_pending_sign_off()
    for one in (member, other):
        one.join_release(OfRelease("release-1", 2), AT)
        for signer in (BOB, CAROL):
            assert one.sign_with_release(signer, None, now(), WHY, AT)
        one.approve_with_release(now(), IN_OFFICE, AT + DAY, AT)
    other.end_with(member.key, "revoked", "carol", AT)
    members = [Member(f"sign-off-{model}", model, f"version-{model}", ARTIFACT) for model in ("model-1", "model-2")]
    release = Release.request("release-1", "2026-12", "prod", "alice", members, AT)
    release.approve(rfc3339(AT + DAY), AT)
    release.end("revoked", "carol", AT, "sign-off-model-1")
    return [member, other, release]


def test_everything_that_happens_fits_its_contract() -> None:
    seen = [event for aggregate in everything_that_happens() for event in new_events(aggregate)]
    for name, data in seen:
        CONTRACTS[name].model_validate(data, strict=True)
    assert {name for name, _ in seen} == set(CONTRACTS) - ACTIONS
