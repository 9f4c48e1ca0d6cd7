"""Evidence is a set: a passed run by each plan in force is bound, renewed on its own, and named by every reason."""

from dataclasses import replace
from datetime import timedelta

from placet_approval.domain.evidence_reasons import evidence_reasons
from placet_approval.domain.gate import decide
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.subjects import PlanInForce, PlanVersion, Verification
from placet_shared.errors import Conflict

from .builders import AT, QUESTION, WHY, a_pending_sign_off, a_plan, a_policy, a_run, an_approved_sign_off, facts, new_events, now
from .test_sign_off_decisions import refused

OWN = a_plan()
SAFETY = a_plan(name="safety", plan_id="plan-2")
BY_OWN = a_run()
BY_SAFETY = a_run(plan=SAFETY, run_id="run-s", result="c" * 64)
BOTH = [PlanInForce(OWN), PlanInForce(SAFETY)]


def given(*runs: Verification, plans: list[PlanInForce] | None = None) -> Circumstances:
    return now(runs=runs, plans=BOTH if plans is None else plans)


def codes(circumstances: Circumstances, sign_off: SignOff | None = None) -> list[tuple[str, object]]:
    known = sign_off.known if sign_off else None
    return [(reason.code, reason.facts.get("plan")) for reason in evidence_reasons(circumstances, AT, known)]


def at_once(plan: PlanVersion) -> PlanInForce:
    return PlanInForce(plan, required_version=plan.version)


def test_every_plan_in_force_needs_a_run_of_its_own() -> None:
    assert codes(given(BY_OWN)) == [("verification_missing", "safety")]
    assert codes(given()) == [("verification_missing", "prod-checks"), ("verification_missing", "safety")]
    assert codes(given(BY_OWN, replace(BY_SAFETY, passed=False))) == [("verification_failed", "safety")]
    assert codes(given(BY_OWN, replace(BY_SAFETY, finished_at=AT - timedelta(days=31)))) == [("verification_stale", "safety")]
    assert codes(given(BY_OWN, BY_SAFETY)) == []


def test_refused_request_names_every_plan_that_has_no_run() -> None:
    error = refused(Conflict, "verification_missing", lambda: SignOff.request("s", "alice", given(), WHY, AT))
    assert error.facts["plan"] == "prod-checks"
    assert [(one["code"], one["facts"]["plan"]) for one in error.facts["further"]] == [("verification_missing", "safety")]


def test_version_that_no_plan_selects_has_no_evidence() -> None:
    assert codes(given(BY_OWN, plans=[])) == [("verification_missing", None)]


def test_plan_that_the_policy_names_must_be_among_those_in_force() -> None:
    policy = a_policy()
    assert policy.terms.verification
    named = replace(policy, terms=replace(policy.terms, verification=replace(policy.terms.verification, plan="safety")))
    assert codes(now(named, runs=[BY_OWN], plans=[PlanInForce(OWN)])) == [("verification_missing", "safety")]
    assert codes(now(named, runs=[BY_OWN, BY_SAFETY], plans=BOTH)) == []


def test_request_binds_the_run_of_each_plan() -> None:
    sign_off = SignOff.request("s", "alice", given(BY_OWN, BY_SAFETY), WHY, AT)
    [(_, requested)] = new_events(sign_off)
    assert [(one["plan"], one["run_id"], one["result_sha256"]) for one in requested["evidence"]] == [
        ("prod-checks", "run-1", "b" * 64),
        ("safety", "run-s", "c" * 64),
    ]


def test_one_part_that_measures_otherwise_ends_the_sign_off_and_is_named() -> None:
    sign_off = an_approved_sign_off(given(BY_OWN, BY_SAFETY))
    worse = a_run(plan=SAFETY, run_id="run-t", result="d" * 64, age=timedelta())
    changed = sign_off.invalidate(given(BY_OWN, BY_SAFETY, worse), AT)
    assert changed
    assert (changed.field, changed.old["plan"], changed.new["run_id"]) == ("evidence", "safety", "run-t")


def test_another_engine_that_measures_the_same_renews_and_other_pins_do_not_touch_it() -> None:
    sign_off = an_approved_sign_off(given(BY_OWN, BY_SAFETY))
    same = a_run(run_id="run-2", result="d" * 64, measured=BY_OWN.measured_sha256, age=timedelta())
    assert sign_off.invalidate(given(BY_OWN, BY_SAFETY, same), AT) is None
    other_data = a_run(run_id="run-3", result="e" * 64, pins="evaluation data-2", passed=False, age=timedelta())
    other_champion = a_run(run_id="run-4", result="e" * 64, pins="champion c, evaluation data-1", passed=False, age=timedelta())
    assert sign_off.invalidate(given(BY_OWN, BY_SAFETY, same, other_data, other_champion), AT) is None
    assert codes(given(BY_OWN, BY_SAFETY, same, other_data, other_champion), sign_off) == []


def test_renewal_makes_the_evidence_young_again() -> None:
    old = replace(BY_OWN, finished_at=AT - timedelta(days=29))
    sign_off = an_approved_sign_off(given(old, BY_SAFETY))
    in_two_days = AT + timedelta(days=2)
    renewed = replace(old, run_id="run-2", finished_at=in_two_days, as_of=old.as_of + 1)
    assert [reason.code for reason in evidence_reasons(given(old, BY_SAFETY), in_two_days, sign_off.known)] == ["verification_stale"]
    assert list(evidence_reasons(given(old, BY_SAFETY, renewed), in_two_days, sign_off.known)) == []


def test_bound_run_that_is_known_with_another_result_is_no_evidence() -> None:
    sign_off = an_approved_sign_off(given(BY_OWN, BY_SAFETY))
    rewritten = replace(BY_OWN, result_sha256="9" * 64)
    assert codes(given(rewritten, BY_SAFETY), sign_off) == [("verification_missing", "prod-checks")]
    assert sign_off.invalidate(given(rewritten, BY_SAFETY), AT)


def test_new_plan_counts_from_the_next_request_on() -> None:
    pending = a_pending_sign_off(given(BY_OWN, plans=[PlanInForce(OWN)]))
    approved = an_approved_sign_off(given(BY_OWN, plans=[PlanInForce(OWN)]))
    for sign_off in (pending, approved):
        assert sign_off.invalidate(given(BY_OWN), AT) is None
        assert codes(given(BY_OWN), sign_off) == []
    assert codes(given(BY_OWN)) == [("verification_missing", "safety")]


def test_plan_that_takes_effect_at_once_ends_what_rests_on_no_run_by_it() -> None:
    for begun in (a_pending_sign_off, an_approved_sign_off):
        sign_off = begun(given(BY_OWN, plans=[PlanInForce(OWN)]))
        later = given(BY_OWN, BY_SAFETY, plans=[PlanInForce(OWN), at_once(SAFETY)])
        decision = decide(QUESTION, facts(sign_off, runs=later.runs, plans=later.plans), AT)
        assert not decision.allowed
        assert "plan_outdated" in [reason.code for reason in decision.reasons], "even with a passed run that no sign-off is bound to"
        changed = sign_off.invalidate(later, AT)
        assert changed
        assert (changed.old, changed.new["plan"], changed.new["run_id"]) == (None, "safety", None)


def test_version_that_takes_effect_at_once_ends_what_rests_on_an_earlier_one() -> None:
    sign_off = an_approved_sign_off(given(BY_OWN, BY_SAFETY))
    second = replace(SAFETY, version=2)
    assert sign_off.invalidate(given(BY_OWN, BY_SAFETY, plans=[PlanInForce(OWN), PlanInForce(second)]), AT) is None
    third = PlanInForce(replace(SAFETY, version=3), required_version=2)
    changed = sign_off.invalidate(given(BY_OWN, BY_SAFETY, plans=[PlanInForce(OWN), third]), AT)
    assert changed, "version 2 took effect at once, and version 3 takes nothing of that back"
    assert (changed.old["version"], changed.new["version"]) == (1, 3)


def test_evidence_by_a_version_since_then_counts() -> None:
    third = PlanInForce(replace(SAFETY, version=3), required_version=2)
    by_third = a_run(plan=third.current, run_id="run-s3", result="c" * 64)
    sign_off = an_approved_sign_off(given(BY_OWN, by_third, plans=[PlanInForce(OWN), third]))
    assert sign_off.invalidate(given(BY_OWN, by_third, plans=[PlanInForce(OWN), third]), AT) is None


def test_at_once_asks_nothing_where_the_policy_asks_for_no_verification() -> None:
    policy = a_policy(max_age=None)
    sign_off = an_approved_sign_off(now(policy, verified=False, plans=[]))
    assert sign_off.invalidate(now(policy, verified=False, plans=[at_once(SAFETY)]), AT) is None
