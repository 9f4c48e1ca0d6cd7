"""Feedback, issues, waivers, conditions, holds, new rounds and deadlines of sign-offs."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from placet_approval.domain.gate import decide
from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.process_terms import FeedbackTerm
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_phases import phase_of
from placet_approval.domain.sign_off_rules import Signer
from placet_shared.errors import Conflict, Forbidden, Invalid, NotFound

from .builders import (
    AT,
    BOB,
    CAROL,
    DAY,
    DORA,
    QUESTION,
    SAM,
    WHY,
    a_no,
    a_policy,
    a_run,
    event_types,
    facts,
    new_events,
    now,
    person,
    with_process,
)
from .test_sign_off_decisions import refused

ALICE = person("alice", "developer")


def asked(circumstances: Circumstances | None = None) -> tuple[SignOff, Circumstances]:
    """A sign-off that waits for feedback of operations."""
    circumstances = circumstances or now(with_process())
    sign_off = SignOff.request("sign-off-1", "alice", circumstances, WHY, AT)
    sign_off.collect_events()
    return sign_off, circumstances


def with_major_issue() -> tuple[SignOff, Circumstances]:
    sign_off, circumstances = asked()
    sign_off.give_feedback(SAM, "operations", "major_issue", circumstances, WHY, AT, issue_id="issue-1")
    return sign_off, circumstances


def approved(*conditions: tuple[str, str, timedelta]) -> tuple[SignOff, Circumstances]:
    """Bob signs on these conditions: id, owner, due after."""
    sign_off, circumstances = asked()
    sign_off.give_feedback(SAM, "operations", "approve", circumstances, None, AT, issue_id="unused")
    sign_off.grant(BOB, None, circumstances, WHY, AT, [(name, owner, AT + due, WHY) for name, owner, due in conditions])
    sign_off.grant(CAROL, None, circumstances, WHY, AT)
    assert sign_off.state == "approved"
    sign_off.collect_events()
    return sign_off, circumstances


# Feedback


def test_people_sign_after_the_groups_have_answered() -> None:
    sign_off, circumstances = asked()
    assert phase_of(sign_off.known, AT) == "in_feedback"
    refused(Conflict, "awaiting_feedback", lambda: sign_off.grant(BOB, None, circumstances, WHY, AT))
    sign_off.give_feedback(SAM, "operations", "approve", circumstances, None, AT, issue_id="unused")
    assert phase_of(sign_off.known, AT) == "in_approval"
    sign_off.grant(BOB, None, circumstances, WHY, AT)
    assert event_types(sign_off) == ["FeedbackGiven", "ApprovalGranted"]


def test_answer_counts_while_its_author_holds_the_role() -> None:
    sign_off, circumstances = asked()
    sign_off.give_feedback(SAM, "operations", "approve", circumstances, None, AT, issue_id="unused")
    left = now(with_process(), in_office={"bob": frozenset({"reviewer"})})
    refused(Conflict, "awaiting_feedback", lambda: sign_off.grant(BOB, None, left, WHY, AT))


def test_two_answers_of_one_person_count_once() -> None:
    sign_off, circumstances = asked(now(with_process(feedback=(FeedbackTerm("operations", ("sre",), 2),))))
    for _ in range(2):
        sign_off.give_feedback(SAM, "operations", "approve", circumstances, None, AT, issue_id="unused")
    assert phase_of(sign_off.known, AT) == "in_feedback"


@pytest.mark.parametrize(
    ("who", "code"),
    [(ALICE, "separation_of_duties"), (person("trainer", "sre"), "separation_of_duties"), (BOB, "role_not_held")],
)
def test_who_has_a_part_or_not_the_role_gives_no_feedback(who: Signer, code: str) -> None:
    sign_off, circumstances = asked()
    refused(
        Forbidden,
        code,
        lambda: sign_off.give_feedback(who, "operations", "approve", circumstances, None, AT, issue_id="i"),
    )


def test_service_account_and_borrowed_token_give_no_feedback() -> None:
    sign_off, circumstances = asked()
    account = person("ci", "sre", kind="service_account")
    borrowed = replace(SAM, token_issuers=frozenset({"alice"}))
    refused(
        Forbidden, "people_only", lambda: sign_off.give_feedback(account, "operations", "approve", circumstances, None, AT, issue_id="i")
    )
    refused(
        Forbidden,
        "token_issued_by_another",
        lambda: sign_off.give_feedback(borrowed, "operations", "approve", circumstances, None, AT, issue_id="i"),
    )


def test_feedback_of_a_group_that_is_not_asked() -> None:
    sign_off, circumstances = asked()
    refused(
        Invalid,
        "feedback_not_asked_for",
        lambda: sign_off.give_feedback(SAM, "business", "approve", circumstances, None, AT, issue_id="i"),
    )


def test_issue_needs_a_comment() -> None:
    sign_off, circumstances = asked()
    refused(
        Invalid,
        "rationale_required",
        lambda: sign_off.give_feedback(SAM, "operations", "minor_issue", circumstances, None, AT, issue_id="i"),
    )


def test_minor_issue_is_tracked_and_holds_nothing() -> None:
    sign_off, circumstances = asked()
    sign_off.give_feedback(SAM, "operations", "minor_issue", circumstances, WHY, AT, issue_id="issue-1")
    sign_off.grant(BOB, None, circumstances, WHY, AT)
    assert sign_off.issues["issue-1"].state == "open"


def test_major_issue_holds_the_approval_whatever_its_author_answers_later() -> None:
    sign_off, circumstances = with_major_issue()
    sign_off.give_feedback(SAM, "operations", "approve", circumstances, None, AT, issue_id="unused")
    refused(Conflict, "issue_open", lambda: sign_off.grant(BOB, None, circumstances, WHY, AT))
    sign_off.resolve_issue(SAM, "issue-1", circumstances, WHY, AT)
    sign_off.grant(BOB, None, circumstances, WHY, AT)


def test_only_the_group_resolves_its_issue_and_never_the_requester() -> None:
    sign_off, circumstances = with_major_issue()
    refused(Forbidden, "role_not_held", lambda: sign_off.resolve_issue(BOB, "issue-1", circumstances, WHY, AT))
    requester = person("alice", "sre")
    refused(Forbidden, "separation_of_duties", lambda: sign_off.resolve_issue(requester, "issue-1", circumstances, WHY, AT))
    refused(NotFound, "issue_not_found", lambda: sign_off.resolve_issue(SAM, "issue-2", circumstances, WHY, AT))


# Waivers


def test_waived_issue_lets_the_approval_go_on_until_the_waiver_ends() -> None:
    sign_off, circumstances = with_major_issue()
    sign_off.waive_issue(CAROL, "issue-1", AT + 7 * DAY, circumstances, WHY, AT)
    sign_off.grant(BOB, None, circumstances, WHY, AT)
    sign_off.grant(CAROL, None, circumstances, WHY, AT)
    assert sign_off.known.expires_at == AT + 7 * DAY
    reasons = decide(QUESTION, facts(sign_off, policy=circumstances.policy), AT + 7 * DAY).reasons
    assert [reason.code for reason in reasons] == ["waiver_ended", "expired"]


def test_waiver_that_ended_while_people_sign_holds_again() -> None:
    sign_off, circumstances = with_major_issue()
    sign_off.waive_issue(CAROL, "issue-1", AT + DAY, circumstances, WHY, AT)
    refused(Conflict, "issue_open", lambda: sign_off.grant(BOB, None, circumstances, WHY, AT + DAY))


@pytest.mark.parametrize("who", [person("alice", "risk-officer"), person("trainer", "risk-officer"), person("bob", "reviewer")])
def test_no_waiver_for_oneself_or_without_the_role(who: Signer) -> None:
    sign_off, circumstances = with_major_issue()
    with pytest.raises(Forbidden):
        sign_off.waive_issue(who, "issue-1", AT + DAY, circumstances, WHY, AT)
    assert sign_off.issues["issue-1"].state == "open"


def test_waiver_stays_within_the_policy() -> None:
    sign_off, circumstances = with_major_issue()
    for until in (AT, AT + 31 * DAY):
        refused(Invalid, "waiver_too_long", partial(sign_off.waive_issue, CAROL, "issue-1", until, circumstances, WHY, AT))
    none = now(with_process(waivers=None))
    refused(Forbidden, "waiver_not_allowed", lambda: sign_off.waive_issue(CAROL, "issue-1", AT + DAY, none, WHY, AT))


# Findings


def with_finding(circumstances: Circumstances, name: str = "calibration") -> Circumstances:
    return replace(circumstances, findings=[{"issue_id": f"issue-{name}", "run_id": "run-1", "plan": "prod-checks", "check_id": name}])


def test_finding_holds_the_approval_until_it_is_waived_and_is_resolved_by_no_person() -> None:
    sign_off, circumstances = asked(with_finding(now(with_process(feedback=(), findings_held=True))))
    refused(Conflict, "issue_open", lambda: sign_off.grant(BOB, None, circumstances, WHY, AT))
    refused(Conflict, "finding_not_resolvable", lambda: sign_off.resolve_issue(SAM, "issue-calibration", circumstances, WHY, AT))
    sign_off.waive_issue(CAROL, "issue-calibration", AT + DAY, circumstances, WHY, AT)
    sign_off.grant(BOB, None, circumstances, WHY, AT)


def test_finding_is_only_shown_unless_the_policy_says_otherwise() -> None:
    sign_off, circumstances = asked(with_finding(now(with_process(feedback=()))))
    sign_off.grant(BOB, None, circumstances, WHY, AT)


def test_new_round_has_the_findings_of_its_own_evidence() -> None:
    held = now(with_process(feedback=(), findings_held=True))
    sign_off, circumstances = asked(with_finding(held))
    sign_off.waive_issue(CAROL, "issue-calibration", AT + DAY, circumstances, WHY, AT)
    sign_off.reset(ALICE, with_finding(held, "drift"), WHY, AT)
    assert [issue.finding for issue in sign_off.issues.values()] == ["prod-checks/drift"]


# Changes and new rounds


def test_changes_stop_signing_until_a_new_round() -> None:
    sign_off, circumstances = approved_but_one()
    sign_off.request_changes(CAROL, circumstances, WHY, AT)
    assert phase_of(sign_off.known, AT) == "changes_requested"
    refused(Conflict, "changes_requested", lambda: sign_off.grant(CAROL, None, circumstances, WHY, AT))
    sign_off.reset(ALICE, circumstances, WHY, AT)
    assert (sign_off.round, sign_off.approvals, phase_of(sign_off.known, AT)) == (2, (), "in_feedback")


def approved_but_one() -> tuple[SignOff, Circumstances]:
    sign_off, circumstances = asked()
    sign_off.give_feedback(SAM, "operations", "approve", circumstances, None, AT, issue_id="unused")
    sign_off.grant(BOB, None, circumstances, WHY, AT)
    sign_off.collect_events()
    return sign_off, circumstances


def test_new_round_binds_how_things_are_now_and_keeps_open_issues() -> None:
    sign_off, _ = with_major_issue()
    newer = now(with_process(), a_run(run_id="run-2", result="e" * 64))
    sign_off.collect_events()
    sign_off.reset(ALICE, newer, WHY, AT + DAY)
    [(_, event)] = new_events(sign_off)
    assert event["evidence"][0]["run_id"] == "run-2"
    sign_off.give_feedback(SAM, "operations", "approve", newer, None, AT + DAY, issue_id="unused")
    refused(Conflict, "issue_open", lambda: sign_off.grant(BOB, None, newer, WHY, AT + DAY))


def test_conditions_of_an_earlier_round_are_history() -> None:
    sign_off, circumstances = asked(now(with_process(feedback=())))
    sign_off.grant(BOB, None, circumstances, WHY, AT, [("condition-1", "alice", AT + DAY, WHY)])
    sign_off.reset(ALICE, circumstances, WHY, AT)
    assert sign_off.conditions == {}


def test_issue_of_an_earlier_sign_off_holds_the_next_one() -> None:
    carried = {"issue_id": "issue-1", "group": "operations", "raised_by": "sam", "sign_off_id": "sign-off-0"}
    circumstances = replace(now(with_process()), carried_issues=[carried])
    sign_off, _ = asked(circumstances)
    sign_off.give_feedback(person("tom", "sre"), "operations", "approve", circumstances, None, AT, issue_id="unused")
    there = replace(circumstances, in_office={**circumstances.in_office, "tom": frozenset({"sre"})})
    refused(Conflict, "issue_open", lambda: sign_off.grant(BOB, None, there, WHY, AT))
    sign_off.resolve_issue(SAM, "issue-1", circumstances, WHY, AT)
    sign_off.grant(BOB, None, there, WHY, AT)


def test_issue_of_a_group_that_the_policy_asks_no_more_is_resolved_by_who_raised_it() -> None:
    carried = {"issue_id": "issue-1", "group": "operations", "raised_by": "sam", "sign_off_id": "sign-off-0"}
    circumstances = replace(now(with_process(feedback=())), carried_issues=[carried])
    sign_off, _ = asked(circumstances)
    refused(Forbidden, "role_not_held", lambda: sign_off.resolve_issue(person("tom", "sre"), "issue-1", circumstances, WHY, AT))
    sign_off.resolve_issue(SAM, "issue-1", circumstances, WHY, AT)


def test_reset_sheds_no_rejection() -> None:
    rejected, circumstances = asked()
    rejected.reject(BOB, None, circumstances, WHY, AT)
    refused(Conflict, "sign_off_closed", lambda: rejected.reset(ALICE, circumstances, WHY, AT))
    revoked, circumstances = approved()
    revoked.revoke(BOB, WHY, AT)
    refused(Conflict, "sign_off_closed", lambda: revoked.reset(ALICE, circumstances, WHY, AT))


def test_reset_shows_noes_on_the_same_bytes_again() -> None:
    sign_off, _ = asked()
    sign_off.reset(ALICE, now(with_process(), noes=[a_no(1)]), WHY, AT)
    [(_, event)] = new_events(sign_off)
    assert ([no["sign_off_id"] for no in event["earlier_noes"]], event["noes_answered"]) == (["another-sign-off"], 1)


@pytest.mark.parametrize("who", [BOB, DORA])
def test_only_the_requester_begins_a_new_round(who: Signer) -> None:
    sign_off, circumstances = asked()
    refused(Forbidden, "not_requester", lambda: sign_off.reset(who, circumstances, WHY, AT))


def test_approved_sign_off_is_not_reset() -> None:
    sign_off, circumstances = approved()
    refused(Conflict, "sign_off_closed", lambda: sign_off.reset(ALICE, circumstances, WHY, AT))


def test_sign_off_that_was_approved_has_no_new_round_when_a_fact_ends_it() -> None:
    sign_off, circumstances = approved()
    assert sign_off.invalidate(now(a_policy(version=2)), AT) is not None
    refused(Conflict, "sign_off_closed", lambda: sign_off.reset(ALICE, circumstances, WHY, AT))
    assert sign_off.state == "invalidated"


# Conditions


def test_approval_ends_when_a_condition_is_missed() -> None:
    sign_off, circumstances = approved(("condition-1", "alice", 5 * DAY))
    assert sign_off.known.expires_at == AT + 5 * DAY
    reasons = decide(QUESTION, facts(sign_off, policy=circumstances.policy), AT + 5 * DAY).reasons
    assert [reason.code for reason in reasons] == ["condition_missed", "expired"]


def test_condition_that_is_met_in_time_gives_the_approval_its_whole_time() -> None:
    sign_off, circumstances = approved(("condition-1", "alice", 5 * DAY), ("condition-2", "alice", 9 * DAY))
    sign_off.meet_condition(BOB, "condition-1", circumstances, WHY, AT + DAY)
    assert sign_off.known.expires_at == AT + 9 * DAY
    sign_off.meet_condition(CAROL, "condition-2", circumstances, WHY, AT + DAY)
    assert sign_off.known.expires_at == AT + 90 * DAY


def test_condition_is_met_neither_late_nor_by_its_owner_nor_by_the_requester() -> None:
    sign_off, circumstances = approved(("condition-1", "carol", 5 * DAY))
    refused(Forbidden, "separation_of_duties", lambda: sign_off.meet_condition(CAROL, "condition-1", circumstances, WHY, AT))
    requester = person("alice", "reviewer")
    refused(Forbidden, "separation_of_duties", lambda: sign_off.meet_condition(requester, "condition-1", circumstances, WHY, AT))
    refused(Conflict, "condition_closed", lambda: sign_off.meet_condition(BOB, "condition-1", circumstances, WHY, AT + 5 * DAY))


def test_condition_is_due_before_the_approval_ends() -> None:
    sign_off, circumstances = asked(now(with_process(feedback=())))
    for due in (timedelta(0), 91 * DAY):
        refused(
            Invalid,
            "condition_due_date",
            partial(sign_off.grant, BOB, None, circumstances, WHY, AT, [("condition-1", "alice", AT + due, WHY)]),
        )


def test_condition_goes_with_the_signature_that_set_it() -> None:
    sign_off, circumstances = asked(now(with_process(feedback=())))
    sign_off.grant(BOB, None, circumstances, WHY, AT, [("condition-1", "alice", AT + DAY, WHY)])
    refused(Conflict, "condition_missed", lambda: sign_off.grant(CAROL, None, circumstances, WHY, AT + 2 * DAY))
    sign_off.revoke(BOB, WHY, AT + 2 * DAY)
    sign_off.grant(CAROL, None, circumstances, WHY, AT + 2 * DAY)


# Holds


def test_suspended_approval_is_no_yes_until_a_person_without_a_part_lets_it_go_on() -> None:
    sign_off, circumstances = approved()
    sign_off.suspend(DORA, WHY, AT)
    [reason] = decide(QUESTION, facts(sign_off, policy=circumstances.policy), AT).reasons
    assert reason.code == "suspended"
    refused(Forbidden, "separation_of_duties", lambda: sign_off.resume(person("alice", "reviewer"), circumstances, WHY, AT))
    refused(Forbidden, "role_not_held", lambda: sign_off.resume(DORA, circumstances, WHY, AT))
    sign_off.resume(BOB, circumstances, WHY, AT)
    assert decide(QUESTION, facts(sign_off, policy=circumstances.policy), AT).verdict == "allow"


def test_what_ends_an_approval_ends_a_suspended_one() -> None:
    sign_off, circumstances = approved()
    sign_off.suspend(BOB, WHY, AT)
    assert sign_off.invalidate(now(a_policy(version=2)), AT) is not None
    revoked, _ = approved()
    revoked.suspend(BOB, WHY, AT)
    revoked.revoke(BOB, WHY, AT)
    assert (sign_off.state, revoked.state) == ("invalidated", "revoked")
    refused(Conflict, "nothing_to_resume", lambda: sign_off.resume(BOB, circumstances, WHY, AT))


def test_person_without_a_say_does_not_suspend() -> None:
    sign_off, _ = approved()
    refused(Forbidden, "role_not_held", lambda: sign_off.suspend(person("mallory", "auditor"), WHY, AT))


# In sequence


def test_signatures_are_given_in_the_order_of_the_terms() -> None:
    in_order = now(with_process(feedback=(), in_sequence=True))
    sign_off, _ = asked(in_order)
    refused(Conflict, "not_your_turn", lambda: sign_off.grant(CAROL, None, in_order, WHY, AT))
    sign_off.grant(BOB, None, in_order, WHY, AT)
    sign_off.grant(CAROL, None, in_order, WHY, AT)
    assert sign_off.state == "approved"


def test_person_of_both_roles_signs_for_the_term_whose_turn_it_is() -> None:
    both = person("erin", "reviewer", "risk-officer")
    in_order = now(with_process(SignatureTerm(("risk-officer",), 1), SignatureTerm(("reviewer",), 1), feedback=(), in_sequence=True))
    sign_off, _ = asked(in_order)
    sign_off.grant(both, None, in_order, WHY, AT)
    assert sign_off.approvals[0].role == "risk-officer"
