"""A decision is bound to bytes: lineage, noes and evidence, whichever version they came with (CONSISTENCY rules 30 and 31)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from placet_approval.domain.gate import GateDecision, decide
from placet_approval.domain.gate_facts import GateFacts
from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_rules import Signer
from placet_approval.domain.upcasting import UPCASTERS
from placet_shared.errors import Conflict, Forbidden

from .builders import (
    AT,
    BOB,
    CAROL,
    CLAIMS,
    IN_OFFICE,
    QUESTION,
    WHY,
    a_claim,
    a_no,
    a_pending_sign_off,
    a_plan,
    a_policy,
    a_run,
    a_version,
    an_approved_sign_off,
    event_types,
    facts,
    now,
    person,
)
from .test_sign_off_decisions import refused

FAY = person("fay", "admin")


def answer(given: GateFacts, after: timedelta = timedelta()) -> GateDecision:
    return decide(QUESTION, given, AT + after)


def codes(given: GateFacts, after: timedelta = timedelta()) -> list[str]:
    return [reason.code for reason in answer(given, after).reasons]


# Lineage


def test_request_names_people_excluded_by_any_version_with_these_bytes() -> None:
    sign_off = SignOff.request("s", "alice", now(claims=[*CLAIMS, a_claim("bob", by="mallory")]), WHY, AT)
    refused(Forbidden, "separation_of_duties", lambda: sign_off.grant(BOB, None, now(claims=[*CLAIMS, a_claim("bob")]), WHY, AT))


def test_claim_about_a_signer_ends_what_is_pending() -> None:
    sign_off = a_pending_sign_off(None, BOB)
    change = sign_off.invalidate(now(claims=[*CLAIMS, a_claim("bob", by="mallory")]), AT)
    assert change is not None
    assert (change.field, change.new) == ("excluded", [{"person_id": "bob", "because": "trainer", "claimed_by": "mallory"}])


def test_claim_about_others_after_the_approval_suspends_it() -> None:
    sign_off, claims = an_approved_sign_off(), [*CLAIMS, a_claim("bob", by="mallory")]
    assert sign_off.invalidate(now(claims=claims), AT) is None
    assert codes(facts(sign_off, claims=claims)) == ["lineage_contested"]
    sign_off.contest(now(claims=claims), AT)
    sign_off.contest(now(claims=claims), AT)
    assert event_types(sign_off) == ["LineageContested"], "noted once"


def test_claim_about_oneself_after_the_approval_ends_it() -> None:
    sign_off, claims = an_approved_sign_off(), [*CLAIMS, a_claim("bob", "registrar", by="bob")]
    assert codes(facts(sign_off, claims=claims)) == ["invalidated"]
    assert sign_off.invalidate(now(claims=claims), AT) is not None


def test_claim_of_a_part_that_the_policy_lets_sign_is_no_matter() -> None:
    policy = a_policy(excludes=("requester", "trainer"))
    sign_off = an_approved_sign_off(now(policy))
    assert codes(facts(sign_off, policy=policy, claims=[*CLAIMS, a_claim("bob", "data_preparer", by="mallory")])) == []


@pytest.mark.parametrize(("verdict", "state"), [("confirmed", "invalidated"), ("set_aside", "approved")])
def test_uninvolved_admin_decides_what_was_claimed(verdict: str, state: str) -> None:
    sign_off, claims = an_approved_sign_off(), [*CLAIMS, a_claim("bob", by="mallory")]
    sign_off.decide_contest(FAY, verdict, now(claims=claims), WHY, AT)  # type: ignore[arg-type]
    assert sign_off.state == state
    expected = {"confirmed": ["invalidated"], "set_aside": []}[verdict]
    assert codes(facts(sign_off, claims=claims)) == expected
    refused(Conflict, "nothing_contested", lambda: sign_off.decide_contest(FAY, "set_aside", now(claims=claims), WHY, AT))


def test_claim_of_another_person_suspends_again_what_was_set_aside() -> None:
    sign_off, claims = an_approved_sign_off(), [*CLAIMS, a_claim("bob", by="mallory")]
    sign_off.decide_contest(FAY, "set_aside", now(claims=claims), WHY, AT)
    assert codes(facts(sign_off, claims=[*claims, a_claim("bob", by="trent")])) == ["lineage_contested"]


@pytest.mark.parametrize(
    "admin",
    [
        person("bob", "admin"),
        person("carol", "admin"),
        person("alice", "admin"),
        person("trainer", "admin"),
        replace(FAY, token_issuers=frozenset({"bob"})),
        replace(FAY, token_issuers=frozenset({"trainer"})),
    ],
)
def test_admin_with_a_part_in_it_does_not_decide_what_was_claimed(admin: Signer) -> None:
    claims = [*CLAIMS, a_claim("bob", by="mallory")]
    with pytest.raises(Forbidden) as caught:
        an_approved_sign_off().decide_contest(admin, "set_aside", now(claims=claims), WHY, AT)
    assert caught.value.code in ("separation_of_duties", "token_issued_by_another")


def test_only_an_admin_who_is_a_person_decides_what_was_claimed() -> None:
    claims = [*CLAIMS, a_claim("bob", by="mallory")]
    reviewer, robot = person("gus", "reviewer"), person("ci", "admin", kind="service_account")
    refused(Forbidden, "role_required", lambda: an_approved_sign_off().decide_contest(reviewer, "set_aside", now(claims=claims), WHY, AT))
    refused(Forbidden, "people_only", lambda: an_approved_sign_off().decide_contest(robot, "set_aside", now(claims=claims), WHY, AT))


def test_bytes_without_a_named_trainer_are_denied_unless_policy_says_otherwise() -> None:
    silent = [a_claim("robot", "registrar", by="robot")]
    refused(Conflict, "lineage_missing", lambda: SignOff.request("s", "alice", now(claims=silent), WHY, AT))
    assert codes(facts(an_approved_sign_off(), claims=silent)) == ["lineage_missing"]
    lenient = a_policy(lineage_required=False)
    assert codes(facts(an_approved_sign_off(now(lenient, claims=silent)), policy=lenient, claims=silent)) == []


def test_event_of_a_request_stays_small_when_the_whole_company_is_named() -> None:
    claims = [a_claim(f"person-{number}") for number in range(5_000)]
    [event] = SignOff.request("s", "alice", now(claims=claims), WHY, AT).collect_events()
    assert isinstance(event, SignOff.SignOffRequested)
    assert (len(event.excluded), event.excluded_in_all, event.excluded[0]["person_id"]) == (100, 5_001, "alice")


# Noes


def test_no_on_the_same_bytes_denies_every_version_of_them() -> None:
    assert codes(facts(noes=[a_no(1)])) == ["same_bytes_rejected", "not_signed_off"]
    assert codes(facts(an_approved_sign_off(), noes=[a_no(1)])) == ["same_bytes_rejected"]


def test_no_says_who_when_where_and_of_which_version() -> None:
    [reason] = answer(facts(an_approved_sign_off(), noes=[a_no(1)])).reasons
    said = {"sign_off_id": "another-sign-off", "kind": "rejected", "model_id": "model-2", "version_id": "version-2", "person_id": "bob"}
    assert reason.facts["noes"] == [{**said, "at": "2026-11-23T14:00:00.000000Z"}]


def test_sign_off_requested_after_a_no_sets_its_own_version_free() -> None:
    sign_off = an_approved_sign_off(now(noes=[a_no(1)]))
    assert codes(facts(sign_off, noes=[a_no(1)])) == []
    assert codes(facts(sign_off, noes=[a_no(1), a_no(2, of="a third")])) == ["same_bytes_rejected"]
    shown = [a_no(1).content()]
    assert sign_off.earlier_noes == shown


def test_pending_sign_off_ends_with_a_no_on_its_bytes() -> None:
    sign_off = a_pending_sign_off(None, BOB)
    assert codes(facts(sign_off, noes=[a_no(1)])) == ["same_bytes_rejected", "awaiting_signatures"]
    change = sign_off.invalidate(now(noes=[a_no(1)]), AT)
    assert change is not None
    assert change.field == "same_bytes"


def test_own_no_is_told_as_what_it_is() -> None:
    sign_off = a_pending_sign_off(None, BOB)
    sign_off.reject(CAROL, None, now(), WHY, AT)
    assert codes(facts(sign_off, noes=[a_no(1, of="sign-off-1", version_id="version-1")])) == ["rejected"]


def test_no_comes_before_ambiguity() -> None:
    given = facts(noes=[a_no(1)])
    other = replace(given.candidates[0], version=a_version("version-2", "model-2"))
    assert codes(replace(given, candidates=(*given.candidates, other))) == ["same_bytes_rejected", "ambiguous_digest"]


def test_no_on_bytes_is_no_matter_where_no_signature_is_asked_for() -> None:
    policy = a_policy()
    open_to_all = replace(policy, terms=replace(policy.terms, signatures=(), verification=None))
    assert codes(facts(policy=open_to_all, noes=[a_no(1)])) == []


def test_sign_off_from_before_noes_were_counted_answers_those_of_its_own_version_alone() -> None:
    sign_off = an_approved_sign_off()
    sign_off.noes_answered = None
    before, after = AT - timedelta(days=1), AT + timedelta(days=1)
    assert codes(facts(sign_off, noes=[a_no(0, version_id="version-1", at=before)])) == []
    assert codes(facts(sign_off, noes=[a_no(0, version_id="version-1", at=after)])) == ["same_bytes_rejected"]
    assert codes(facts(sign_off, noes=[a_no(0, version_id="version-2", at=before)])) == ["same_bytes_rejected"]


# Signers in office


def is_approved(sign_off: SignOff) -> bool:
    return bool(sign_off.state == "approved")


def test_signature_of_a_person_who_left_does_not_complete_a_quorum() -> None:
    sign_off = a_pending_sign_off(None, BOB)
    sign_off.grant(CAROL, None, now(in_office={}), WHY, AT)
    assert not is_approved(sign_off)
    grace = person("grace", "reviewer")
    sign_off.grant(grace, None, now(in_office={"carol": frozenset({"risk-officer"})}), WHY, AT)
    assert is_approved(sign_off)
    assert [approval.person_id for approval in sign_off.approvals] == ["carol", "grace"], "bob's does not count"


def test_signature_in_a_role_that_was_lost_does_not_count() -> None:
    sign_off = a_pending_sign_off(None, BOB)
    sign_off.grant(CAROL, None, now(in_office={"bob": frozenset({"auditor"})}), WHY, AT)
    assert sign_off.state == "pending"


def test_departure_after_the_approval_changes_nothing_unless_policy_says_that_signers_must_stay() -> None:
    assert codes(facts(an_approved_sign_off(), in_office={})) == []
    staying = a_policy(signers_must_stay=True)
    sign_off = an_approved_sign_off(now(staying))
    assert codes(facts(sign_off, policy=staying)) == []
    without_bob = {"carol": IN_OFFICE["carol"]}
    assert codes(facts(sign_off, policy=staying, in_office=without_bob)) == ["signer_left"]
    change = sign_off.invalidate(now(staying, in_office=without_bob), AT)
    assert change is not None
    assert (change.field, change.old, change.new) == ("signers", ["bob", "carol"], ["carol"])


# Evidence by the plan in force


def test_request_on_a_pass_under_an_older_plan_version_is_refused_and_names_both() -> None:
    error = refused(Conflict, "plan_outdated", lambda: SignOff.request("s", "alice", now(plan=a_plan(2)), WHY, AT))
    assert "prod-checks version 1" in error.detail
    assert "prod-checks version 2" in error.detail
    assert (error.facts["run_by"]["version"], error.facts["in_force"]["version"]) == (1, 2)


def test_bound_plan_version_holds_through_completion_and_gate() -> None:
    sign_off = a_pending_sign_off(None, BOB)
    later = now(plan=a_plan(2))
    assert sign_off.invalidate(later, AT) is None
    sign_off.grant(CAROL, None, later, WHY, AT)
    assert sign_off.state == "approved"
    runs = [a_run(), a_run(plan=a_plan(2), passed=False, result="d" * 64, run_id="run-2", age=timedelta())]
    assert codes(facts(sign_off, plan=a_plan(2), runs=runs)) == [], "runs by other plan versions never touch it"


def test_evidence_without_a_sign_off_must_be_by_the_plan_in_force() -> None:
    policy = a_policy()
    machine_only = replace(policy, terms=replace(policy.terms, signatures=()))
    assert codes(facts(policy=machine_only)) == []
    assert codes(facts(policy=machine_only, plan=a_plan(2))) == ["plan_outdated"]
    assert codes(facts(policy=machine_only, plan=a_plan(name="another", plan_id="plan-2"))) == ["verification_missing"]


# How long a yes may be used


def test_yes_may_be_used_until_the_earliest_of_policy_sign_off_and_evidence() -> None:
    assert answer(facts(an_approved_sign_off())).valid_until == AT + timedelta(minutes=15)
    long = a_policy(decision_valid_for=timedelta(days=200))
    signed = an_approved_sign_off(now(long))
    assert answer(facts(signed, policy=long)).valid_until == AT - timedelta(hours=1) + timedelta(days=30)
    ageless = a_policy(decision_valid_for=timedelta(days=200), max_age=None)
    assert answer(facts(an_approved_sign_off(now(ageless)), policy=ageless)).valid_until == AT + timedelta(days=90)
    assert answer(facts()).valid_until is None


def test_yes_of_a_lenient_policy_may_be_used_in_spite_of_what_is_over() -> None:
    warning = a_policy(SignatureTerm(("reviewer",), 1), mode="warn")
    assert answer(facts(policy=warning, runs=[a_run(age=timedelta(days=90))])).valid_until == AT + timedelta(minutes=15)


# What was published before


def test_sign_off_events_of_the_first_release_are_read() -> None:
    requested = {"excluded": [{"person_id": "alice", "because": ["requester"]}], "run_id": "r", "result_sha256": "b" * 64}
    upcast = UPCASTERS["SignOffRequested", 1](requested)
    assert upcast["evidence"] == [
        {"plan_id": None, "plan": None, "version": None, "sha256": None, "run_id": "r", "result_sha256": "b" * 64}
    ]
    assert (upcast["noes_answered"], upcast["earlier_noes"], upcast["excluded_in_all"]) == (None, [], 1)
    assert UPCASTERS["SignOffRequested", 1]({**requested, "run_id": None, "result_sha256": None})["evidence"] == []
    assert UPCASTERS["SignOffInvalidated", 1]({"field": "result_sha256", "old": "b", "new": None})["field"] == "evidence"
