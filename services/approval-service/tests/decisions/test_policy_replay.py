"""Past sign-offs under a draft: what is certain, and what history does not tell."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from placet_approval.domain.feedback import Feedback
from placet_approval.domain.past_sign_off import EarlierPolicies, EarlierSpan, PastRun, PastSignOff
from placet_approval.domain.policy_replay import Replayed, replay
from placet_approval.domain.policy_terms import EvidenceTerms, PolicyTerms, SignatureTerm
from placet_approval.domain.process_terms import DeadlineTerms, FeedbackTerm, ProcessTerms, WaiverTerms
from placet_approval.domain.replay_summary import ReplaySummary, not_replayed
from placet_approval.domain.sign_off_quorum import Approval
from placet_approval.domain.working_days import Calendar

from .builders import AT, CLAIMS, ONE_OF_EACH, a_claim, a_policy

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
REVIEWER, RISK = SignatureTerm(("reviewer",), 1), SignatureTerm(("risk-officer",), 1)
BOB, CAROL = Approval("bob", "reviewer"), Approval("carol", "risk-officer")
NO_EARLIER: Sequence[EarlierPolicies] = ()
TEST = (EarlierPolicies("test", [(AT - 400 * DAY, True)]),)


def a_past_sign_off(*signatures: Approval, **more: Any) -> PastSignOff:
    """One for prod that alice requested; approved by bob and carol on evidence of an hour ago, unless told otherwise."""
    run = PastRun("prod-checks", True, AT - HOUR, True, True)
    facts: dict[str, Any] = {
        "sign_off_id": "sign-off-1", "model_id": "model-1", "state": "approved", "approved": True, "requester": "alice",
        "requested_at": AT - DAY, "at": AT, "in_force_until": AT + 90 * DAY, "policy": a_policy().terms, "terms": ONE_OF_EACH,
        "signatures": signatures or (BOB, CAROL), "answers": (), "claims": CLAIMS, "runs": (run,),
    }  # fmt: skip
    return PastSignOff(**{**facts, **more})


def a_pending_one(*signatures: Approval, **more: Any) -> PastSignOff:
    return replace(a_past_sign_off(**{"state": "pending", "approved": False, "in_force_until": None, **more}), signatures=signatures)


def draft(*signatures: SignatureTerm, **later: Any) -> PolicyTerms:
    return a_policy(*signatures, **later).terms


def with_process(**terms: Any) -> PolicyTerms:
    return draft(process=ProcessTerms(**terms))


def under(terms: PolicyTerms, past: PastSignOff, earlier: Sequence[EarlierPolicies] = NO_EARLIER) -> tuple[str, list[str]]:
    """Outcome and reasons."""
    found = replayed(terms, past, earlier)
    return found.outcome, [finding.reason for finding in found.findings]


def replayed(terms: PolicyTerms, past: PastSignOff, earlier: Sequence[EarlierPolicies] = NO_EARLIER) -> Replayed:
    return replay(terms, past, earlier, AT + 10 * DAY)


def test_approval_under_the_terms_that_it_was_given_under_is_the_same() -> None:
    assert under(draft(), a_past_sign_off()) == ("same", [])


def test_more_people_in_a_role_that_signed_delay_and_name_who_is_missing() -> None:
    found = replayed(draft(SignatureTerm(("reviewer",), 2), RISK), a_past_sign_off())
    assert (found.outcome, [finding.asks for finding in found.findings]) == ("delayed", ["1 × reviewer"])
    assert (found.missing, found.surely_missing) == ((REVIEWER,), 1)


def test_role_in_which_no_person_signed_blocks() -> None:
    assert under(draft(REVIEWER, RISK, SignatureTerm(("compliance",), 1)), a_past_sign_off()) == ("blocked", ["role_missing"])


def test_people_enough_in_other_roles_are_not_known_rather_than_blocked() -> None:
    found = replayed(draft(REVIEWER, SignatureTerm(("compliance",), 1)), a_past_sign_off())
    assert (found.outcome, found.surely_missing) == ("not_known", 0)
    assert [finding.reason for finding in found.findings] == ["role_not_known"]


@pytest.mark.parametrize("signature", [BOB, Approval("dave", "reviewer", on_behalf_of="bob")])
def test_signer_whom_the_draft_excludes_blocks_also_by_a_delegate(signature: Approval) -> None:
    past = a_past_sign_off(signature, CAROL, claims=(*CLAIMS, a_claim("bob", "data_preparer")), policy=None)
    then = draft(excludes=("requester", "registrar", "trainer"))
    assert under(then, past) == ("same", [])
    found = replayed(draft(), past)
    assert (found.outcome, [(one.reason, one.people) for one in found.findings]) == ("blocked", [("signer_excluded", ("bob",))])


def test_excluded_signer_beside_signers_enough_changes_nothing() -> None:
    past = a_past_sign_off(BOB, Approval("trainer", "reviewer"), CAROL)
    assert under(draft(), past) == ("same", [])


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ((), ["verification_missing"]),
        ((PastRun("prod-checks", False, AT - HOUR, True, True),), ["verification_missing"]),
        ((PastRun("prod-checks", True, AT - 8 * DAY, True, True),), ["verification_stale"]),
        ((PastRun("prod-checks", True, AT - 7 * DAY, True, True),), []),
        ((PastRun("prod-checks", True, AT, True, True), PastRun("old", False, AT - 90 * DAY, False, True)), []),
        ((PastRun("a", True, AT, False, True), PastRun("b", True, AT - 8 * DAY, False, True)), ["verification_stale"]),
    ],
)
def test_evidence_is_judged_as_of_the_decision(runs: Sequence[PastRun], expected: list[str]) -> None:
    terms = replace(draft(), verification=EvidenceTerms(None, 7 * DAY))
    assert under(terms, a_past_sign_off(runs=runs)) == ("blocked" if expected else "same", expected)


def test_plan_that_the_draft_names_is_looked_for_among_runs_that_were_not_bound() -> None:
    bound, other = PastRun("prod-checks", True, AT - HOUR, True, True), PastRun("fairness", True, AT - 2 * DAY, False, True)
    terms = replace(draft(), verification=EvidenceTerms("fairness", 7 * DAY))
    assert under(terms, a_past_sign_off(runs=(bound, other))) == ("same", [])
    assert under(terms, a_past_sign_off(runs=(bound,))) == ("blocked", ["verification_missing"])


@pytest.mark.parametrize(("held_out", "expected"), [(True, "same"), (False, "blocked"), (None, "not_known")])
def test_held_out_data_are_told_where_they_are_known(held_out: bool | None, expected: str) -> None:
    terms = replace(draft(), verification=EvidenceTerms(None, 7 * DAY, held_out_required=True))
    assert under(terms, a_past_sign_off(runs=(PastRun("prod-checks", True, AT, True, held_out),)))[0] == expected


def test_bytes_without_a_named_trainer_block_where_lineage_is_asked_for() -> None:
    past = a_past_sign_off(claims=(a_claim("registrar", "registrar"),))
    assert under(draft(), past) == ("blocked", ["lineage_missing"])
    assert under(draft(lineage_required=False), past) == ("same", [])


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (EarlierSpan("test", AT - DAY, AT + DAY), ("same", [])),
        (EarlierSpan("test", AT - 2 * DAY, AT - DAY), ("blocked", ["previous_environment_missing"])),
        (EarlierSpan("test", AT + DAY, None), ("delayed", ["previous_environment_later"])),
        (EarlierSpan("dev", AT - DAY, None), ("blocked", ["previous_environment_missing"])),
    ],
)
def test_environment_before_needs_a_yes_that_was_in_force_at_the_decision(span: EarlierSpan, expected: tuple[str, list[str]]) -> None:
    assert under(draft(previous_required=True), a_past_sign_off(approvals_before=(span,)), TEST) == expected


def test_environment_before_is_the_nearest_whose_policy_asked_at_that_time() -> None:
    open_then = EarlierPolicies("test", [(AT - 400 * DAY, True), (AT - DAY, False), (AT + DAY, True)])
    dev = EarlierPolicies("dev", [(AT - 400 * DAY, True)])
    past = a_past_sign_off(approvals_before=(EarlierSpan("dev", AT - DAY, None),))
    assert under(draft(previous_required=True), past, (open_then, dev)) == ("same", [])
    assert under(draft(previous_required=True), replace(past, at=AT + 2 * DAY), (open_then, dev))[0] == "blocked"


def test_earlier_environment_without_a_policy_then_counts_as_one_that_asks() -> None:
    for known in ([], [(AT + DAY, False)]):
        assert under(draft(previous_required=True), a_past_sign_off(), (EarlierPolicies("test", known),))[0] == "blocked"


def test_soak_time_delays_by_what_was_missing() -> None:
    ran = (EarlierSpan("test", AT - 3 * DAY, AT - 2 * DAY), EarlierSpan("test", AT - HOUR, None), EarlierSpan("dev", AT - 9 * DAY, None))
    past = a_past_sign_off(approvals_before=(EarlierSpan("test", AT - 4 * DAY, None),), deployed_before=ran)
    found = replayed(draft(previous_required=True, soak=2 * DAY), past, TEST)
    assert (found.outcome, found.waits) == ("delayed", 23 * HOUR)
    assert under(draft(previous_required=True, soak=DAY + HOUR), past, TEST) == ("same", [])


def test_group_that_did_not_answer_delays() -> None:
    terms = with_process(feedback=(FeedbackTerm("operations", ("sre",), 2),))
    answers = [Feedback("sam", "operations", "sre", "approve"), Feedback("sam", "operations", "sre", "minor_issue")]
    found = replayed(terms, a_past_sign_off(answers=answers))
    assert (found.outcome, [finding.asks for finding in found.findings]) == ("delayed", ["1 × operations"])


def test_order_of_signatures_delays_only_where_the_draft_asks_for_one() -> None:
    assert under(with_process(in_sequence=True), a_past_sign_off(CAROL, BOB)) == ("delayed", ["signed_in_another_order"])
    assert under(with_process(in_sequence=True), a_past_sign_off(BOB, CAROL)) == ("same", [])
    assert under(draft(), a_past_sign_off(CAROL, BOB)) == ("same", [])


def test_advisory_findings_are_to_be_waived_or_block_where_no_role_may() -> None:
    waivers = WaiverTerms(("risk-officer",), DAY)
    assert under(with_process(findings_held=True, waivers=waivers), a_past_sign_off(findings=2)) == ("delayed", ["issues_to_waive"])
    assert under(with_process(findings_held=True), a_past_sign_off(findings=2)) == ("blocked", ["issues_not_waivable"])
    held = a_past_sign_off(findings=2, policy=with_process(findings_held=True, waivers=waivers))
    assert under(with_process(findings_held=True), held) == ("same", [])


@pytest.mark.parametrize(("took", "expected"), [(2 * DAY, "same"), (3 * DAY, "same"), (4 * DAY, "blocked"), (5 * DAY, "blocked")])
def test_time_out_counts_on_the_calendar(took: timedelta, expected: str) -> None:
    friday = AT - 3 * DAY  # AT is a Monday
    deadlines = DeadlineTerms(None, None, None, 2 * DAY, Calendar(("mon", "tue", "wed", "thu", "fri")))
    past = a_past_sign_off(requested_at=friday, at=friday + took)
    assert under(replace(with_process(deadlines=deadlines), verification=None), past)[0] == expected


def test_time_out_of_centuries_is_not_counted_day_by_day() -> None:
    days = 0

    class Counting(Calendar):
        def after(self, *asked: Any) -> Any:
            nonlocal days
            days += 1

    deadlines = DeadlineTerms(None, None, None, 100_000 * DAY, Counting())
    assert under(with_process(deadlines=deadlines), a_past_sign_off())[0] == "same"
    assert days == 0


@pytest.mark.parametrize("state", ["pending", "rejected", "expired", "withdrawn"])
def test_one_that_was_not_approved_is_let_through_where_the_draft_was_met_before(state: str) -> None:
    past = a_pending_one(BOB, state=state)
    assert under(draft(REVIEWER), past) == ("let_through", [])
    assert under(draft(), past)[0] == "same"
    assert under(draft(REVIEWER), replace(past, runs=()))[0] == "same"
    assert under(draft(SignatureTerm(("compliance",), 1)), past)[0] == "not_known"


def test_mode_that_only_warns_lets_all_through() -> None:
    assert under(draft(mode="warn"), a_past_sign_off(runs=()))[0] == "same"
    assert under(draft(mode="warn"), a_pending_one())[0] == "let_through"


def test_one_that_a_policy_did_not_hold_is_not_known_under_one_that_does() -> None:
    assert under(draft(), a_pending_one(BOB, policy=draft(mode="warn")))[0] == "not_known"


def test_strongest_of_several_reasons_is_the_outcome() -> None:
    unknown = PastRun("prod-checks", True, AT, True, None)
    held_out = EvidenceTerms(None, 7 * DAY, held_out_required=True)
    more = replace(draft(SignatureTerm(("reviewer",), 2), RISK), verification=held_out)
    delayed = a_past_sign_off(runs=(unknown,))
    assert under(more, delayed) == ("delayed", ["more_signatures", "data_not_known"])
    assert under(more, replace(delayed, claims=()))[0] == "blocked"


def test_signer_whom_the_draft_excludes_fills_no_role_that_is_not_known() -> None:
    trainer, past = Approval("trainer", "onlooker"), a_past_sign_off(BOB)
    assert under(draft(), replace(past, signatures=(BOB, trainer))) == ("blocked", ["role_missing"])
    assert under(draft(), replace(past, signatures=(BOB, replace(trainer, person_id="erin")))) == ("not_known", ["role_not_known"])


def test_validity_is_compared_with_that_of_the_policy_then() -> None:
    shorter, longer = replace(draft(), expires_after=9 * DAY), replace(draft(), expires_after=99 * DAY)
    assert [replayed(terms, a_past_sign_off()).validity for terms in (shorter, draft(), longer)] == ["shorter", "same", "longer"]
    assert [replayed(terms, a_past_sign_off()).ended_by_now for terms in (shorter, longer)] == [True, False]
    assert not replayed(shorter, a_past_sign_off(state="revoked")).ended_by_now
    assert replayed(shorter, a_past_sign_off(policy=None)).validity is None


HOLDERS = {"bob": frozenset({"reviewer"}), "erin": frozenset({"reviewer"}), "frank": frozenset({"reviewer"})}


def summed(terms: PolicyTerms, *sign_offs: PastSignOff, examples: int = 5, **more: Any) -> ReplaySummary:
    summary = ReplaySummary(terms, NO_EARLIER, HOLDERS, AT + 10 * DAY, examples=examples, **more)
    summary.add(sign_offs)
    return summary


def test_roles_are_asked_by_the_difference_of_the_terms() -> None:
    terms = draft(SignatureTerm(("reviewer",), 3), process=ProcessTerms(feedback=(FeedbackTerm("operations", ("sre",)),)))
    demand = summed(terms, a_past_sign_off(), a_pending_one()).demand
    assert [(one.any_of, one.feedback, one.then, one.with_draft) for one in demand.roles()] == [
        (["reviewer"], False, 2, 6),
        (["sre"], True, 0, 2),
        (["risk-officer"], False, 2, 0),
    ]


def test_people_are_asked_who_hold_the_role_and_were_neither_excluded_nor_signed() -> None:
    by_frank = a_past_sign_off(requester="frank")
    demand = summed(draft(SignatureTerm(("reviewer",), 2), RISK), by_frank, a_past_sign_off(), a_past_sign_off()).demand
    found = {one.person_id: (one.signed, one.may_be_asked, one.must_be_asked) for one in demand.people()}
    assert found == {"erin": (0, 3, 1), "frank": (0, 2, 0)}
    assert demand.without_people == 0


def test_approvals_for_which_too_few_people_are_left_are_counted() -> None:
    demand = summed(draft(SignatureTerm(("reviewer",), 5)), a_past_sign_off(BOB)).demand
    assert demand.without_people == 1
    assert {one.person_id: one.must_be_asked for one in demand.people()} == {"erin": 1, "frank": 1}


def test_summary_counts_all_and_keeps_few_examples_of_each_outcome() -> None:
    sign_offs = [replace(a_past_sign_off(BOB), sign_off_id=f"{number}") for number in range(9)]
    summary = summed(draft(), *sign_offs, a_past_sign_off(), examples=2)
    assert (summary.replayed, summary.outcomes["blocked"], summary.outcomes["same"]) == (10, 9, 1)
    assert dict(summary.reasons) == {"role_missing": 9}
    assert [one.sign_off.sign_off_id for one in summary.examples["blocked"]] == ["0", "1"]


def test_only_selected_sign_offs_are_replayed() -> None:
    summary = summed(draft(), a_past_sign_off(), a_past_sign_off(model_id="other"), selected=lambda past: past.model_id == "other")
    assert summary.replayed == 1


def test_fields_of_times_to_come_are_named_as_not_replayed() -> None:
    assert not_replayed(draft(signers_must_stay=True, owner="model-owner")) == ["signers_must_stay", "owner", "rationale"]
