"""Evidence is good up to the age that the policy names and not a moment longer; a sign-off is good until, and not at, its end."""

from datetime import timedelta

import pytest

from placet_approval.domain.gate import decide
from placet_approval.domain.sign_off import SignOff
from placet_shared.errors import Conflict

from .builders import AT, BOB, QUESTION, WHY, a_pending_sign_off, a_policy, a_run, an_approved_sign_off, facts, now

MAX_AGE = timedelta(days=30)
A_MOMENT = timedelta(microseconds=1)


def codes(age: timedelta) -> list[str]:
    """What the gate says of an approved sign-off with evidence of this age."""
    given = facts(an_approved_sign_off(), policy=a_policy(max_age=MAX_AGE), runs=[a_run(age=age)])
    return [reason.code for reason in decide(QUESTION, given, AT).reasons]


def test_gate_accepts_evidence_exactly_as_old_as_it_may_be() -> None:
    assert codes(MAX_AGE) == []
    assert codes(MAX_AGE - A_MOMENT) == []


def test_gate_refuses_evidence_a_moment_older_than_it_may_be() -> None:
    assert codes(MAX_AGE + A_MOMENT) == ["verification_stale"]


def test_sign_off_is_requested_and_signed_on_evidence_exactly_as_old_as_it_may_be() -> None:
    old = now(a_policy(max_age=MAX_AGE), a_run(age=MAX_AGE))
    sign_off = SignOff.request("sign-off-1", "alice", old, WHY, AT)
    sign_off.grant(BOB, None, old, WHY, AT)
    assert len(sign_off.approvals) == 1


def test_sign_off_is_neither_requested_nor_signed_on_evidence_a_moment_too_old() -> None:
    too_old = now(a_policy(max_age=MAX_AGE), a_run(age=MAX_AGE + A_MOMENT))
    with pytest.raises(Conflict) as refused:
        SignOff.request("sign-off-1", "alice", too_old, WHY, AT)
    assert refused.value.code == "verification_stale"
    pending = a_pending_sign_off(now(a_policy(max_age=MAX_AGE)))
    with pytest.raises(Conflict) as refused:
        pending.grant(BOB, None, too_old, WHY, AT)
    assert refused.value.code == "verification_stale"


def test_sign_off_has_expired_exactly_at_its_end() -> None:
    """Valid until then, so not at that moment."""
    end = AT + timedelta(days=90)
    given = facts(an_approved_sign_off(), policy=a_policy(max_age=MAX_AGE), runs=[a_run(age=timedelta(days=-89))])
    assert decide(QUESTION, given, end - A_MOMENT).allowed
    assert [reason.code for reason in decide(QUESTION, given, end).reasons] == ["expired"]
