"""Random acts on one sign-off, by people with and without a say: what holds whatever they do.

The machine keeps its own, simpler account of what was accepted, and a yes of the gate must follow from that account too.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from placet_approval.domain.gate import decide
from placet_approval.domain.process_terms import FeedbackTerm
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_phases import phase_of
from placet_approval.domain.sign_off_rules import Signer
from placet_approval.domain.sign_off_transitions import TRANSITIONS, Transition
from placet_shared.errors import PlacetError

from .builders import AT, DAY, QUESTION, WHY, facts, now, person, with_process

ROLES = {
    "alice": ("developer", "reviewer", "risk-officer", "sre"),  # the requester
    "trainer": ("reviewer", "risk-officer", "sre"),
    "sam": ("sre",),
    "bob": ("reviewer",),
    "carol": ("risk-officer",),
    "erin": ("reviewer", "risk-officer"),
    "dora": ("admin",),
    "mallory": ("auditor",),
}
PEOPLE = {name: person(name, *roles) for name, roles in ROLES.items()}
IN_OFFICE = {name: frozenset(roles) for name, roles in ROLES.items()}
INVOLVED = {"alice", "trainer"}

ANYONE = st.sampled_from(sorted(PEOPLE)).map(PEOPLE.__getitem__)


def mostly(*names: str) -> st.SearchStrategy[Signer]:
    """These, and now and then any other."""
    return st.sampled_from([*names * 4, *sorted(PEOPLE)]).map(PEOPLE.__getitem__)


VERDICTS = st.sampled_from(["approve", "minor_issue", "major_issue"])
SOME_DAYS = st.integers(1, 40).map(lambda days: days * DAY)


class SignOffMachine(RuleBasedStateMachine):
    """One sign-off, its policy and the clock."""

    @initialize(groups=st.booleans(), in_sequence=st.booleans(), in_time=st.booleans())
    def request(self, groups: bool, in_sequence: bool, in_time: bool) -> None:
        """Before and after a change of policy one of both asks for feedback."""
        asks = (FeedbackTerm("operations", ("sre",), 1),)
        terms: dict[str, Any] = {"in_sequence": in_sequence, **({} if in_time else {"deadlines": None})}
        both = (asks, ()) if groups else ((), asks)
        self.policies = [now(with_process(feedback=feedback, **terms), in_office=IN_OFFICE) for feedback in both]
        self.now: Circumstances = self.policies[0]
        self.at: datetime = AT
        self.number = 0
        self.sign_off = SignOff.request("sign-off-1", "alice", self.now, WHY, AT)
        self.events = list(self.sign_off.collect_events())
        self.state = "begin"
        self.signed: dict[str, str] = {}
        self.majors: dict[str, datetime | None] = {}
        self.conditions: dict[str, tuple[str, datetime]] = {}
        self.note_transitions()

    def tries(self, act: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
        """Whether it was accepted."""
        before = self.sign_off.version
        try:
            act(*args, **kwargs)
        except PlacetError:
            assert self.sign_off.version == before, "a refusal changes nothing"
            return False
        self.note_transitions()
        return True

    def note_transitions(self) -> None:
        events = list(self.sign_off.collect_events())
        self.events += events
        names = [type(event).__name__ for event in events] or ["SignOffRequested"]
        there = phase_of(self.sign_off.known, self.at) or self.sign_off.state
        if there != self.state:
            change = Transition(self.state, names[-1], there)
            # Time alone may end a waiver, after which the phase is an earlier one.
            assert change in TRANSITIONS or (self.state == "in_approval" and there == "in_feedback"), change
            self.state = there

    def new_id(self) -> str:
        self.number += 1
        return f"id-{self.number}"

    # What people do

    @rule(who=mostly("sam"), verdict=VERDICTS)
    def gives_feedback(self, who: Signer, verdict: Any) -> None:
        issue = self.new_id()
        if self.tries(self.sign_off.give_feedback, who, "operations", verdict, self.now, WHY, self.at, issue_id=issue):
            assert who.id == "sam"
            if verdict == "major_issue":
                self.majors[issue] = None

    @rule(who=mostly("sam"), data=st.data())
    def resolves(self, who: Signer, data: st.DataObject) -> None:
        issue = data.draw(st.sampled_from([*self.majors, "none"]))
        if self.tries(self.sign_off.resolve_issue, who, issue, self.now, WHY, self.at):
            assert who.id not in INVOLVED
            del self.majors[issue]

    @rule(who=mostly("carol"), data=st.data(), length=SOME_DAYS)
    def waives(self, who: Signer, data: st.DataObject, length: timedelta) -> None:
        issue = data.draw(st.sampled_from([*self.majors, "none"]))
        if self.tries(self.sign_off.waive_issue, who, issue, self.at + length, self.now, WHY, self.at):
            assert who.id in ("carol", "erin")
            self.majors[issue] = self.at + length

    @rule(who=ANYONE)
    def requests_changes(self, who: Signer) -> None:
        if self.tries(self.sign_off.request_changes, who, self.now, WHY, self.at):
            assert who.id not in INVOLVED

    @rule(who=mostly("alice"))
    def resets(self, who: Signer) -> None:
        if self.tries(self.sign_off.reset, who, self.now, WHY, self.at):
            assert who.id == "alice"
            self.signed, self.conditions = {}, {}

    @rule(who=mostly("bob", "carol", "erin"), role=st.sampled_from([None, "reviewer", "risk-officer"]), length=st.none() | SOME_DAYS)
    def signs(self, who: Signer, role: str | None, length: timedelta | None) -> None:
        condition = self.new_id()
        conditions = [(condition, "alice", self.at + length, WHY)] if length else []
        if self.tries(self.sign_off.grant, who, role, self.now, WHY, self.at, conditions):
            assert who.id not in self.signed
            self.signed[who.id] = next(one.role for one in self.sign_off.approvals if one.person_id == who.id)
            if length:
                self.conditions[condition] = (who.id, self.at + length)

    @rule(who=mostly("bob", "carol"), data=st.data())
    def meets_condition(self, who: Signer, data: st.DataObject) -> None:
        condition = data.draw(st.sampled_from([*self.conditions, "none"]))
        if self.tries(self.sign_off.meet_condition, who, condition, self.now, WHY, self.at):
            assert who.id not in INVOLVED
            assert self.conditions.pop(condition)[1] > self.at

    @rule(who=ANYONE, really=st.integers(0, 3))
    def revokes(self, who: Signer, really: int) -> None:
        if really:
            return
        pending = self.sign_off.state == "pending"
        if self.tries(self.sign_off.revoke, who, WHY, self.at) and pending:
            del self.signed[who.id]
            self.conditions = {key: one for key, one in self.conditions.items() if one[0] != who.id}

    @rule(who=mostly("bob", "alice"), ends=st.sampled_from(["reject", "withdraw", *[""] * 6]))
    def ends(self, who: Signer, ends: str) -> None:
        """Seldom, or nothing else would happen."""
        if ends == "reject":
            self.tries(self.sign_off.reject, who, None, self.now, WHY, self.at)
        elif ends == "withdraw":
            self.tries(self.sign_off.withdraw, who, None, self.at)

    @rule(who=ANYONE)
    def suspends(self, who: Signer) -> None:
        self.tries(self.sign_off.suspend, who, WHY, self.at)

    @rule(who=mostly("bob"))
    def resumes(self, who: Signer) -> None:
        if self.tries(self.sign_off.resume, who, self.now, WHY, self.at):
            assert who.id in ("bob", "carol", "erin")

    # What happens by itself

    @rule(length=st.sampled_from([*[timedelta(hours=7)] * 4, DAY, 3 * DAY, 20 * DAY]))
    def time_passes(self, length: timedelta) -> None:
        self.at += length
        self.note_phase()

    def note_phase(self) -> None:
        """A waiver that ends brings the phase back without an event."""
        self.state = phase_of(self.sign_off.known, self.at) or self.sign_off.state

    @rule()
    def is_reminded(self) -> None:
        self.tries(self.sign_off.remind, self.at)

    @rule(which=st.sampled_from([0, 0, 0, 1]))
    def policy_becomes(self, which: int) -> None:
        self.now = self.policies[which]
        self.tries(self.sign_off.invalidate, self.now, self.at)

    # What holds

    @invariant()
    def yes_follows_from_what_was_accepted(self) -> None:
        if self.gate() != "allow":
            return
        assert self.sign_off.state == "approved"
        assert len(self.signed) == 2
        assert INVOLVED.isdisjoint(self.signed)
        assert sorted(self.signed.values()) == ["reviewer", "risk-officer"]
        assert all(until is not None and until > self.at for until in self.majors.values()), "a major issue holds"
        assert all(due > self.at for _, due in self.conditions.values()), "a condition was missed"

    @invariant()
    def stream_alone_gives_the_same(self) -> None:
        again = SignOff.rebuild(self.events)
        assert again is not None
        assert again.known == self.sign_off.known

    @invariant()
    def what_is_over_stays_over(self) -> None:
        names = [type(event).__name__ for event in self.events]
        for last in ("SignOffRejected", "SignOffWithdrawn", "SignOffRevoked"):
            assert last not in names[:-1]

    def gate(self) -> str:
        return decide(QUESTION, facts(self.sign_off, policy=self.now.policy, in_office=IN_OFFICE), self.at).verdict


SETTINGS = settings(
    max_examples=60,
    stateful_step_count=35,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def test_whatever_people_do_a_yes_follows_from_it() -> None:
    run_state_machine_as_test(SignOffMachine, settings=SETTINGS)
