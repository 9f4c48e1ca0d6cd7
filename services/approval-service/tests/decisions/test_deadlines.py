"""What happens to sign-offs by time: reminders, escalation, the end of an open one, and the review of an approval."""

from datetime import timedelta

from placet_approval.domain.gate import decide
from placet_approval.domain.process_terms import DeadlineTerms
from placet_approval.domain.working_days import Calendar
from placet_shared.errors import Conflict

from .builders import AT, BOB, DAY, QUESTION, WHY, event_types, facts, new_events, now, with_process
from .test_rounds import ALICE, approved, asked
from .test_sign_off_decisions import refused


def test_open_sign_off_reminds_escalates_and_ends_each_once() -> None:
    sign_off, _ = asked()
    assert not sign_off.remind(AT + DAY - timedelta(seconds=1))
    for days, event in ((1, "SignOffReminded"), (2, "SignOffEscalated"), (3, "SignOffExpired")):
        assert sign_off.remind(AT + days * DAY)
        assert not sign_off.remind(AT + days * DAY)
        assert event_types(sign_off) == [event]
    assert sign_off.state == "expired"


def test_missed_night_is_caught_up_with_the_newest_of_what_was_due() -> None:
    sign_off, _ = asked()
    while sign_off.remind(AT + 2 * DAY):
        pass
    assert event_types(sign_off) == ["SignOffEscalated"]


def test_time_is_over_before_the_timer_says_so() -> None:
    sign_off, circumstances = asked(now(with_process(feedback=())))
    refused(Conflict, "timed_out", lambda: sign_off.grant(BOB, None, circumstances, WHY, AT + 3 * DAY))


def test_requester_begins_a_new_round_when_time_is_over() -> None:
    sign_off, circumstances = asked()
    sign_off.remind(AT + 3 * DAY)
    [reason] = decide(QUESTION, facts(sign_off, policy=circumstances.policy), AT + 3 * DAY).reasons
    assert reason.code == "timed_out"
    sign_off.reset(ALICE, circumstances, WHY, AT + 3 * DAY)
    assert sign_off.known.ends_at == AT + 6 * DAY


def test_calendar_that_is_moved_moves_no_deadline_of_what_was_requested() -> None:
    sign_off, _ = asked()
    moved = with_process(deadlines=DeadlineTerms(None, None, None, 3 * DAY, Calendar(("mon",))))
    assert sign_off.known.ends_at == AT + 3 * DAY
    assert sign_off.invalidate(now(moved), AT) is not None


def test_review_is_asked_for_once_before_the_approval_ends() -> None:
    sign_off, _ = approved()
    assert not sign_off.remind(AT + 75 * DAY)
    assert sign_off.remind(AT + 76 * DAY)
    assert not sign_off.remind(AT + 77 * DAY)
    assert new_events(sign_off)[0][0] == "ReviewDue"
