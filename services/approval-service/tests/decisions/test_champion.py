"""The champion counts at request and until completion: a version that is compared with another one than runs now is verified again."""

from dataclasses import replace
from datetime import timedelta

from placet_approval.domain.gate import decide
from placet_approval.domain.sign_off import SignOff
from placet_shared.errors import Conflict

from .builders import AT, BOB, CAROL, QUESTION, WHY, a_pending_sign_off, a_run, an_approved_sign_off, facts, now
from .test_sign_off_decisions import refused

OLD, NEW = "1" * 64, "2" * 64
COMPARED = replace(a_run(pins=f"champion {OLD}, evaluation data-1"), compares=True, champion=OLD)
BEFORE, AFTER = now(run=COMPARED, champion=OLD), now(run=COMPARED, champion=NEW)


def test_request_on_a_comparison_with_another_champion_is_refused() -> None:
    error = refused(Conflict, "champion_changed", lambda: SignOff.request("s", "alice", AFTER, WHY, AT))
    assert (error.facts["champion"], error.facts["deployed"]) == (OLD, NEW)
    nothing_deployed = now(run=COMPARED)
    refused(Conflict, "champion_changed", lambda: SignOff.request("s", "alice", nothing_deployed, WHY, AT))
    assert SignOff.request("s", "alice", BEFORE, WHY, AT)


def test_run_before_anything_was_deployed_is_outdated_by_the_first_deployment() -> None:
    alone = replace(COMPARED, champion=None, pins="champion none, evaluation data-1")
    assert SignOff.request("s", "alice", now(run=alone), WHY, AT)
    refused(Conflict, "champion_changed", lambda: SignOff.request("s", "alice", now(run=alone, champion=NEW), WHY, AT))


def test_plan_that_does_not_compare_asks_for_no_champion() -> None:
    assert SignOff.request("s", "alice", now(champion=NEW), WHY, AT)


def test_open_sign_off_ends_with_another_champion_and_nobody_can_complete_it() -> None:
    sign_off = a_pending_sign_off(BEFORE, BOB)
    refused(Conflict, "champion_changed", lambda: sign_off.grant(CAROL, None, AFTER, WHY, AT))
    decision = decide(QUESTION, facts(sign_off, runs=[COMPARED], champion=NEW), AT)
    assert "champion_changed" in [reason.code for reason in decision.reasons]
    changed = sign_off.invalidate(AFTER, AT)
    assert changed
    assert (changed.field, changed.new["champion"]) == ("evidence", NEW)


def test_approval_outlasts_every_later_champion() -> None:
    sign_off = an_approved_sign_off(BEFORE)
    assert sign_off.invalidate(AFTER, AT) is None
    later = replace(COMPARED, run_id="run-2", result_sha256="d" * 64, measured_sha256="d" * 64, passed=False,
                    pins=f"champion {NEW}, evaluation data-1", champion=NEW, finished_at=AT + timedelta(minutes=1))  # fmt: skip
    assert sign_off.invalidate(now(runs=[COMPARED, later], champion=NEW), AT) is None
    assert decide(QUESTION, facts(sign_off, runs=[COMPARED, later], champion=NEW), AT).allowed
