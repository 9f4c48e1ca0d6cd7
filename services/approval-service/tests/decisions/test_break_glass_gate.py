"""The gate and break-glass: what an open one lets in, what it never does, and the debt that it leaves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from placet_approval.domain.break_glass import FRESH_FOR, BreakGlass, Opening
from placet_approval.domain.emergency_terms import BreakGlassTerms
from placet_approval.domain.gate import GateDecision, decide
from placet_approval.domain.gate_facts import GateFacts
from placet_approval.domain.gate_reasons import source_reason
from placet_approval.domain.given_decision import GivenDecision, objections_to
from placet_approval.domain.policy_terms import PolicyTerms, PolicyVersion
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_rules import Signer
from placet_shared.errors import Conflict, Forbidden, Invalid

from .builders import (
    ALICE_ON_CALL,
    AT,
    GLASS_TERMS,
    QUESTION,
    WHY,
    a_broken_glass,
    a_no,
    a_pending_sign_off,
    a_policy,
    a_version,
    an_approved_sign_off,
    facts,
    now,
    person,
)

POLICY = a_policy(break_glass=GLASS_TERMS)
OVERRIDING = a_policy(break_glass=BreakGlassTerms(("on-call",), overrides_rejection=True))


def after_break_glass(
    *sign_offs: SignOff, policy: PolicyVersion = POLICY, opened_for: str = "a" * 64, of_model: str = "model-1", noes: Sequence[int] = ()
) -> GateFacts:
    """Glass was broken at AT for four hours, and is not closed."""
    glass, ledger = a_broken_glass(version=a_version(artifact=opened_for, model_id=of_model))
    found = facts(*sign_offs, policy=policy, noes=[a_no(ordinal) for ordinal in noes])
    glasses, debts = tuple(glass.glasses.values()), tuple(ledger.open_debts)
    return replace(found, candidates=tuple(replace(one, glasses=glasses, debts=debts) for one in found.candidates))


def answer(given: GateFacts, after: timedelta = timedelta(minutes=1)) -> GateDecision:
    return decide(QUESTION, given, AT + after)


def codes(decision: GateDecision) -> list[str]:
    return [reason.code for reason in decision.reasons]


# What it lets in


def test_open_break_glass_allows_what_the_policy_would_not_and_says_so() -> None:
    decision = answer(after_break_glass())
    assert (decision.verdict, decision.allowed, codes(decision)) == ("allow", True, ["not_signed_off"])
    assert decision.break_glass
    assert decision.break_glass.glass_id == "glass-1"


def test_yes_that_needs_no_break_glass_names_none() -> None:
    decision = answer(after_break_glass(an_approved_sign_off(now(POLICY))))
    assert (decision.verdict, codes(decision), decision.break_glass) == ("allow", [], None)


def test_yes_by_break_glass_ends_with_it_at_the_latest() -> None:
    before_its_end = timedelta(hours=4) - timedelta(minutes=1)
    assert answer(after_break_glass(), before_its_end).valid_until == AT + timedelta(hours=4)
    assert answer(after_break_glass()).valid_until == AT + timedelta(minutes=16)


@pytest.mark.parametrize(("after", "allowed"), [(timedelta(hours=4) - timedelta(microseconds=1), True), (timedelta(hours=4), False)])
def test_break_glass_is_over_at_the_very_instant_of_its_end(after: timedelta, allowed: bool) -> None:
    assert answer(after_break_glass(), after).allowed is allowed


# What it never does


def test_break_glass_for_other_bytes_or_another_model_lets_nothing_in() -> None:
    for given in (after_break_glass(opened_for="b" * 64), after_break_glass(of_model="model-2")):
        decision = answer(given)
        assert (decision.allowed, decision.break_glass) == (False, None)
        assert codes(decision) == ["retrospective_due", "not_signed_off"]


def test_break_glass_softens_nothing_that_is_unknown_or_undecided() -> None:
    unknown = replace(after_break_glass(), environment_known=False)
    undecided = replace(after_break_glass(), knowledge_gaps=(source_reason("stale", "registry"),))
    other = replace(after_break_glass().candidates[0], version=a_version("version-2", "model-2"))
    ambiguous = replace(after_break_glass(), candidates=(*after_break_glass().candidates, other))
    for given, code in ((unknown, "unknown_environment"), (undecided, "stale"), (ambiguous, "ambiguous_digest")):
        decision = answer(given)
        assert (decision.verdict, decision.break_glass) == ("deny", None)
        assert code in codes(decision)


def test_break_glass_lets_nothing_in_once_the_policy_knows_none() -> None:
    assert not answer(after_break_glass(policy=a_policy())).allowed
    assert not answer(replace(after_break_glass(), policy=None)).allowed


def test_rejected_bytes_stay_out_unless_the_policy_says_otherwise() -> None:
    rejected = a_pending_sign_off()
    rejected.reject(person("bob", "reviewer"), None, now(), WHY, AT)
    own_no = a_no(1, of="sign-off-1", version_id="version-1")
    found = after_break_glass(rejected)
    found = replace(found, candidates=tuple(replace(one, noes=(own_no,)) for one in found.candidates))
    assert not answer(found).allowed
    assert answer(replace(found, policy=OVERRIDING)).break_glass
    assert not answer(after_break_glass(noes=[1])).allowed
    assert answer(after_break_glass(noes=[1], policy=OVERRIDING)).break_glass


def test_request_that_shows_a_no_does_not_shed_it_for_a_break_glass() -> None:
    """One person alone could request again, and then break glass."""
    requested_again = SignOff.request("sign-off-2", "alice", now(POLICY, noes=[a_no(1)]), WHY, AT)
    decision = answer(after_break_glass(requested_again, noes=[1]))
    assert (decision.allowed, codes(decision)) == (False, ["awaiting_signatures"])


# The debt


def test_debt_denies_every_other_digest_at_once_and_the_same_when_the_glass_is_over() -> None:
    approved = an_approved_sign_off(now(POLICY))
    assert codes(answer(after_break_glass(approved, opened_for="b" * 64))) == ["retrospective_due"]
    assert codes(answer(after_break_glass(approved), timedelta(hours=4))) == ["retrospective_due"]


def test_debt_denies_whatever_the_policy_says_by_then() -> None:
    weakened = a_policy(max_age=None)
    no_signatures = PolicyVersion("policy-1", 2, "f" * 64, PolicyTerms("prod", "prevent", (), None, (), timedelta(days=1), False))
    for policy in (weakened, no_signatures):
        decision = answer(after_break_glass(an_approved_sign_off(now(POLICY)), policy=policy), timedelta(hours=5))
        assert "retrospective_due" in codes(decision)
        assert not decision.allowed


def test_debts_add_up() -> None:
    found = after_break_glass(an_approved_sign_off(now(POLICY)), opened_for="b" * 64)
    _, second = a_broken_glass(version=a_version(artifact="c" * 64), name="2")
    found = replace(found, candidates=tuple(replace(one, debts=(*one.debts, *second.open_debts)) for one in found.candidates))
    [reason] = answer(found).reasons
    assert reason.facts["debt_ids"] == ["debt-1", "debt-2"]


# A yes that was given before


def test_yes_by_break_glass_is_not_given_again_once_another_one_or_a_sign_off_is_what_allows_it() -> None:
    decision = answer(after_break_glass())
    assert decision.policy
    given = GivenDecision("d", True, "version-1", None, decision.policy.reference(), decision.valid_until, "glass-1")
    assert objections_to(given, decision) == ()
    assert [reason.code for reason in objections_to(replace(given, break_glass="glass-0"), decision)] == ["decision_superseded"]
    assert [reason.code for reason in objections_to(replace(given, break_glass=None), decision)] == ["decision_superseded"]


# Opening


def opening(
    opener: Signer = ALICE_ON_CALL,
    *,
    policy: PolicyVersion = POLICY,
    issued_at: datetime | None = AT,
    length: timedelta | None = None,
    before: BreakGlass | None = None,
) -> BreakGlass:
    return BreakGlass.open(before, Opening("glass-2", "debt-2", "INC-2", length), a_version(), policy, opener, issued_at, WHY, AT)


def test_opening_is_for_people_whom_the_policy_names() -> None:
    assert opening().glasses["glass-2"].ends_at == AT + timedelta(hours=4)
    refusals = [
        (person("ci", "on-call", kind="service_account"), POLICY, "people_only"),
        (person("bob", "reviewer"), POLICY, "role_required"),
        (ALICE_ON_CALL, a_policy(), "break_glass_not_allowed"),
    ]
    for opener, policy, code in refusals:
        with pytest.raises(Forbidden) as refused:
            opening(opener, policy=policy)
        assert refused.value.code == code


@pytest.mark.parametrize("issued_at", [None, AT - FRESH_FOR - timedelta(microseconds=1)])
def test_opening_with_a_token_that_was_not_issued_just_now_is_refused(issued_at: datetime | None) -> None:
    with pytest.raises(Forbidden) as refused:
        opening(issued_at=issued_at)
    assert refused.value.code == "authentication_not_fresh"
    assert opening(issued_at=AT - FRESH_FOR).glasses


def test_opening_for_longer_than_the_policy_allows_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        opening(length=timedelta(hours=3), policy=a_policy(break_glass=BreakGlassTerms(("on-call",), timedelta(hours=2))))
    assert refused.value.code == "break_glass_too_long"


def test_one_is_open_at_a_time_for_the_bytes_of_a_model_and_another_may_follow() -> None:
    first = opening()
    with pytest.raises(Conflict) as refused:
        BreakGlass.open(first, Opening("glass-3", "debt-3", "INC-3", None), a_version(), POLICY, ALICE_ON_CALL, AT, WHY, AT)
    assert refused.value.code == "break_glass_open"
    assert first.close("glass-2", "dora", AT)
    assert not first.close("glass-2", "dora", AT)
    BreakGlass.open(first, Opening("glass-3", "debt-3", "INC-3", None), a_version(), POLICY, ALICE_ON_CALL, AT, WHY, AT)
    assert [glass.glass_id for glass in first.open_ones(AT)] == ["glass-3"]
