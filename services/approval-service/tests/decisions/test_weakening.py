"""What a new policy asks less of: given these terms and those, then these words."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

import pytest

from placet_approval.domain.emergency_terms import BreakGlassTerms
from placet_approval.domain.policy_terms import EvidenceTerms, PolicyTerms, SignatureTerm
from placet_approval.domain.process_terms import DeadlineTerms, FeedbackTerm, ProcessTerms, WaiverTerms
from placet_approval.domain.step_terms import StepTerm
from placet_approval.domain.weakening import stands_for_those_before, weakens
from placet_approval.domain.working_days import Calendar

from .builders import a_policy

DAY = timedelta(days=1)
WEEK = Calendar(("mon", "tue", "wed", "thu", "fri"), (date(2026, 12, 25),), "Europe/Berlin")
INTAKE = StepTerm("intake", "business", role="analyst")
GO_LIVE = StepTerm("go-live", "it", role="operator")
PROCESS = ProcessTerms(
    feedback=(FeedbackTerm("risk", ("risk-officer", "compliance"), 1),),
    in_sequence=True,
    waivers=WaiverTerms(("risk-owner",), 30 * DAY),
    deadlines=DeadlineTerms(2 * DAY, 4 * DAY, "model-owner", 9 * DAY, WEEK),
    review_before=14 * DAY,
    findings_held=True,
    steps=(INTAKE, StepTerm("signing", "risk", fact="signed_off"), GO_LIVE),
)
STRICT = replace(
    a_policy(SignatureTerm(("reviewer", "senior"), 2), SignatureTerm(("risk-officer",), 1)).terms,
    verification=EvidenceTerms("prod-checks", 30 * DAY, held_out_required=True),
    signers_must_stay=True,
    owner="model-owner",
    when_a_yes_ends="drain",
    break_glass=BreakGlassTerms(("on-call", "sre")),
    previous_required=True,
    soak=DAY,
    process=PROCESS,
)


def with_process(**what: Any) -> PolicyTerms:
    return replace(STRICT, process=replace(PROCESS, **what))


def with_deadlines(**what: Any) -> PolicyTerms:
    assert PROCESS.deadlines
    return with_process(deadlines=replace(PROCESS.deadlines, **what))


def with_evidence(**what: Any) -> PolicyTerms:
    assert STRICT.verification
    return replace(STRICT, verification=replace(STRICT.verification, **what))


SIGNED = "fewer signatures, or of other roles"
DEADLINES = "later deadlines, or another calendar"
TWO, ONE = STRICT.signatures
WEAKER: Mapping[str, tuple[PolicyTerms, str]] = {
    "a milder mode": (replace(STRICT, mode="warn"), "milder mode"),
    "a signature less": (replace(STRICT, signatures=(replace(TWO, count=1), ONE)), SIGNED),
    "a role more that may sign": (replace(STRICT, signatures=(TWO, SignatureTerm(("risk-officer", "helper"), 1))), SIGNED),
    "another role that signs": (replace(STRICT, signatures=(TWO, SignatureTerm(("compliance",), 1))), SIGNED),
    "one term less": (replace(STRICT, signatures=(TWO,)), SIGNED),
    "an exclusion less": (replace(STRICT, excludes=("requester", "registrar", "trainer")), "fewer people excluded"),
    "a longer approval": (replace(STRICT, expires_after=91 * DAY), "approvals valid for longer"),
    "a longer yes": (replace(STRICT, decision_valid_for=DAY), "a gate's yes valid for longer"),
    "no rationale": (replace(STRICT, rationale_required=False), "no rationale"),
    "signers who leave": (replace(STRICT, signers_must_stay=False), "signers may leave"),
    "another owner": (replace(STRICT, owner="helper"), "another owner"),
    "no evidence": (replace(STRICT, verification=None), "less evidence"),
    "older evidence": (with_evidence(max_age=31 * DAY), "less evidence"),
    "another plan": (with_evidence(plan="easy"), "less evidence"),
    "any plan": (with_evidence(plan=None), "less evidence"),
    "training data": (with_evidence(held_out_required=False), "less evidence"),
    "no trainer": (replace(STRICT, lineage_required=False), "no lineage"),
    "nothing before": (replace(STRICT, previous_required=False), "no approval in the environment before"),
    "less soak": (replace(STRICT, soak=DAY / 2), "less time in the environment before"),
    "no soak": (replace(STRICT, soak=None), "less time in the environment before"),
    "no feedback": (with_process(feedback=()), "less feedback"),
    "a wider group": (with_process(feedback=(FeedbackTerm("risk", ("risk-officer", "compliance", "x1"), 1),)), "less feedback"),
    "another group": (with_process(feedback=(replace(PROCESS.feedback[0], group="business"),)), "less feedback"),
    "any order": (with_process(in_sequence=False), "signatures in another order"),
    "another order": (replace(STRICT, signatures=(ONE, TWO)), "signatures in another order"),
    "more who waive": (with_process(waivers=WaiverTerms(("risk-owner", "reviewer"), 30 * DAY)), "wider waivers"),
    "longer waivers": (with_process(waivers=WaiverTerms(("risk-owner",), 31 * DAY)), "wider waivers"),
    "no deadlines": (with_process(deadlines=None), DEADLINES),
    "a later end": (with_deadlines(expire_after=10 * DAY), DEADLINES),
    "no reminder": (with_deadlines(remind_after=None), DEADLINES),
    "escalation to others": (with_deadlines(escalate_to="helper"), DEADLINES),
    "a holiday more": (with_deadlines(calendar=replace(WEEK, holidays=(date(2026, 12, 24), date(2026, 12, 25)))), DEADLINES),
    "another time zone": (with_deadlines(calendar=replace(WEEK, time_zone="America/Los_Angeles")), DEADLINES),
    "a later review": (with_process(review_before=7 * DAY), "a later review, or none"),
    "findings shown": (with_process(findings_held=False), "findings that hold nothing"),
    "a step less": (with_process(steps=(INTAKE,)), "fewer steps, or of other roles"),
    "a step of another role": (with_process(steps=(replace(INTAKE, role="helper"), *PROCESS.steps[1:])), "fewer steps, or of other roles"),
    "a step that holds no signature": (with_process(steps=(*PROCESS.steps[1:], INTAKE)), "fewer steps, or of other roles"),
    "another directive": (replace(STRICT, when_a_yes_ends="alert"), "another directive when a yes ends"),
    "more who break glass": (replace(STRICT, break_glass=BreakGlassTerms(("on-call", "sre", "dev"))), "wider break-glass"),
    "glass past a no": (replace(STRICT, break_glass=BreakGlassTerms(("on-call",), overrides_rejection=True)), "wider break-glass"),
}


@pytest.mark.parametrize("what", WEAKER)
def test_policy_that_asks_less_of_one_thing_is_said_to(what: str) -> None:
    terms, word = WEAKER[what]
    assert weakens(STRICT, terms) == [word]


LENIENT = a_policy(SignatureTerm(("reviewer", "senior"), 1), mode="warn", max_age=None, excludes=("requester",)).terms
STRICTER: Mapping[str, tuple[PolicyTerms, PolicyTerms]] = {
    "the same": (STRICT, STRICT),
    "everything": (LENIENT, replace(STRICT, break_glass=None, owner=None, process=replace(PROCESS, waivers=None))),
    "a role less that may sign": (STRICT, replace(STRICT, signatures=(SignatureTerm(("reviewer",), 2), ONE))),
    "two terms for one": (STRICT, replace(STRICT, signatures=(SignatureTerm(("senior",), 1), SignatureTerm(("reviewer",), 1), ONE))),
    "no waivers and no glass": (STRICT, replace(STRICT, break_glass=None, process=replace(PROCESS, waivers=None))),
    "sooner": (STRICT, with_deadlines(expire_after=8 * DAY)),
}


@pytest.mark.parametrize("what", [one for one in STRICTER if one != "two terms for one"])
def test_policy_that_asks_for_as_much_weakens_nothing(what: str) -> None:
    assert weakens(*STRICTER[what]) == []


def test_several_terms_count_for_one_of_as_many_places() -> None:
    old, new = (replace(terms, process=replace(PROCESS, in_sequence=False)) for terms in STRICTER["two terms for one"])
    assert weakens(old, new) == []
    assert weakens(new, old) == [SIGNED]


def test_one_place_does_not_stand_for_two() -> None:
    old = replace(LENIENT, signatures=(SignatureTerm(("reviewer",), 1), SignatureTerm(("reviewer", "senior"), 1)))
    assert weakens(old, replace(LENIENT, signatures=(SignatureTerm(("reviewer",), 1),))) == [SIGNED]
    assert weakens(old, replace(LENIENT, signatures=(SignatureTerm(("reviewer",), 2),))) == []


def test_first_break_glass_waiver_and_owner_weaken() -> None:
    more = replace(LENIENT, break_glass=BreakGlassTerms(("on-call",)), owner="model-owner", process=ProcessTerms(waivers=PROCESS.waivers))
    assert weakens(LENIENT, more) == ["another owner", "wider waivers", "wider break-glass"]


@pytest.mark.parametrize("part", ["terms", "process"])
def test_every_term_that_there_is_is_compared(part: str) -> None:
    names = {field.name for field in fields(PolicyTerms if part == "terms" else ProcessTerms)} - {"environment", "process"}
    weaker = [terms for terms, _ in WEAKER.values()]
    changed = {name for name in names for terms in weaker if _differs(name, terms if part == "terms" else terms.process)}
    assert changed == names


@dataclass(frozen=True)
class Later(PolicyTerms):
    """Of a release to come, with a term that is compared nowhere."""

    later: int = 0

    def content(self) -> dict[str, Any]:
        return {**super().content(), "later": self.later}


def test_term_that_is_compared_nowhere_weakens_when_it_differs() -> None:
    known = {field.name: getattr(LENIENT, field.name) for field in fields(PolicyTerms)}
    assert weakens(Later(**known, later=1), Later(**known, later=2)) == ["other terms"]
    assert weakens(Later(**known, later=1), Later(**{**known, "mode": "prevent"}, later=1)) == []


def _differs(name: str, terms: PolicyTerms | ProcessTerms) -> bool:
    return bool(getattr(terms, name) != getattr(STRICT if isinstance(terms, PolicyTerms) else PROCESS, name))


def test_environment_that_begins_to_sign_stands_for_those_before() -> None:
    open_door = replace(LENIENT, signatures=())
    assert stands_for_those_before(None, LENIENT)
    assert stands_for_those_before(open_door, LENIENT)
    assert not stands_for_those_before(LENIENT, LENIENT), "it did already"
    assert not stands_for_those_before(None, replace(LENIENT, previous_required=True)), "they are asked for as well"
    assert not stands_for_those_before(None, open_door)
