"""Terms raised by a floor: whatever meets them meets both, and raising once more adds nothing."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from placet_approval.domain.emergency_terms import BreakGlassTerms
from placet_approval.domain.policy_floor import FloorTerms
from placet_approval.domain.policy_terms import EvidenceTerms, PolicyTerms, SignatureTerm
from placet_approval.domain.process_terms import FeedbackTerm, ProcessTerms
from placet_approval.domain.raised_terms import raised, raised_signatures
from placet_approval.domain.sign_off_quorum import Approval, progress
from placet_approval.domain.step_terms import HOLDING, StepTerm, by_hand_before, raised_steps

from .builders import a_policy

ROLES = ("a", "b", "c")
roles = st.lists(st.sampled_from(ROLES), min_size=1, unique=True).map(tuple)
signature_terms = st.lists(st.builds(SignatureTerm, roles, st.integers(1, 2)), max_size=3).map(tuple)
signers = st.lists(st.sampled_from(ROLES), max_size=8).map(lambda held: [Approval(f"person-{n}", role) for n, role in enumerate(held)])
days = st.integers(1, 90).map(lambda number: timedelta(days=number))
evidence = st.none() | st.builds(EvidenceTerms, st.none(), days, st.booleans())
feedback = st.lists(
    st.builds(FeedbackTerm, st.sampled_from(("risk", "ops")), roles, st.integers(1, 3)), max_size=2, unique_by=lambda t: t.group
)
floors = st.builds(
    FloorTerms,
    st.just("prod"),
    st.none() | st.sampled_from(("prevent", "warn", "allow")),
    signature_terms,
    evidence,
    st.sampled_from(((), ("requester",), ("requester", "trainer"))),
    st.none() | days,
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.none() | days,
    feedback.map(tuple),
    st.booleans(),
    st.none() | days,
)
policies = st.builds(
    lambda terms, evidence, mode, groups, length: PolicyTerms(
        "prod", mode, terms, evidence, ("requester",), length, False, False, process=ProcessTerms(feedback=tuple(groups))
    ),
    signature_terms,
    evidence,
    st.sampled_from(("prevent", "warn", "allow")),
    feedback,
    days,
)


def meets(signed: Sequence[Approval], terms: Sequence[SignatureTerm]) -> bool:
    return progress(terms, signed).complete


@given(signature_terms, signature_terms, signers)
def test_signers_that_meet_the_raised_terms_meet_the_policy_and_the_floor(
    policy: Sequence[SignatureTerm], floor: Sequence[SignatureTerm], signed: Sequence[Approval]
) -> None:
    if meets(signed, raised_signatures(policy, floor)):
        assert meets(signed, policy)
        assert meets(signed, floor)


@given(policies, floors)
def test_raising_once_more_adds_nothing(terms: PolicyTerms, floor: FloorTerms) -> None:
    once = raised(terms, floor)
    assert raised(once, floor) == once


@given(policies, policies)
def test_terms_raised_by_those_of_another_policy_stay_as_they_are_when_raised_again(one: PolicyTerms, other: PolicyTerms) -> None:
    once = raised(one, other)
    assert raised(once, other) == once


@given(policies, floors)
def test_no_term_gets_weaker(terms: PolicyTerms, floor: FloorTerms) -> None:
    high = raised(terms, floor)
    assert ("prevent", "warn", "allow").index(high.mode) <= ("prevent", "warn", "allow").index(floor.mode or terms.mode)
    assert {*terms.excludes, *floor.excludes} <= {*high.excludes}
    assert high.expires_after <= min(terms.expires_after, floor.expires_after or terms.expires_after)
    for asked in (terms.verification, floor.verification):
        assert asked is None or (high.verification and high.verification.max_age <= asked.max_age)
        assert not (asked and asked.held_out_required) or (high.verification and high.verification.held_out_required)
    for wanted in (*terms.process.feedback, *floor.feedback):
        assert any({*term.any_of} <= {*wanted.any_of} and term.count >= wanted.count for term in high.process.feedback), wanted
    assert (high.previous_required or not floor.previous_required, high.soak or timedelta()) >= (True, floor.soak or timedelta())


def test_floor_that_is_covered_adds_no_signature() -> None:
    policy = (SignatureTerm(("reviewer",), 1), SignatureTerm(("risk-officer",), 1))
    assert raised_signatures(policy, (SignatureTerm(("reviewer", "risk-officer"), 2),)) == policy


def test_place_covers_one_place_of_the_floor_only() -> None:
    policy, floor = (SignatureTerm(("reviewer",), 1),), (SignatureTerm(("reviewer",), 1), SignatureTerm(("reviewer", "sre"), 1))
    assert raised_signatures(policy, floor) == (*policy, SignatureTerm(("reviewer", "sre"), 1))


def test_emergency_stays_one_only_where_both_policies_know_it() -> None:
    opens, closed = a_policy(break_glass=BreakGlassTerms(("on-call", "sre"))).terms, a_policy().terms
    other = a_policy(break_glass=BreakGlassTerms(("sre",), timedelta(hours=1))).terms
    assert raised(opens, closed).break_glass is None
    assert raised(opens, other).break_glass == BreakGlassTerms(("sre",), timedelta(hours=1))


def test_floor_survives_its_content() -> None:
    floor = FloorTerms(
        "prod", "warn", (SignatureTerm(("reviewer",), 2),), EvidenceTerms(None, timedelta(days=3)), ("requester",), soak=timedelta(1)
    )
    assert FloorTerms.from_content(floor.content()) == floor
    assert FloorTerms("prod").content() == {"environment": "prod"}


by_hand = st.builds(StepTerm, st.sampled_from(("intake", "review", "go-live")), st.just("business"), st.none(), st.sampled_from(ROLES))
by_fact = st.builds(StepTerm, st.sampled_from(("signing", "rollout")), st.just("business"), st.sampled_from(("signed_off", "deployed")))
step_lists = st.lists(by_hand | by_fact, max_size=4, unique_by=lambda step: step.name).map(tuple)


@given(step_lists, step_lists)
def test_raised_steps_hold_what_both_hold_and_raising_once_more_adds_none(one: tuple[StepTerm, ...], other: tuple[StepTerm, ...]) -> None:
    found = raised_steps(one, other)
    assert len({step.name for step in found}) == len(found), "each has a name of its own"
    assert raised_steps(found, other) == found
    for fact in HOLDING:
        held = [step.role for step in by_hand_before(found, fact)]
        assert {step.role for step in by_hand_before(other, fact)} <= {*held}
        assert {(step.name, step.role) for step in by_hand_before(one, fact)} <= {
            (step.name, step.role) for step in by_hand_before(found, fact)
        }
