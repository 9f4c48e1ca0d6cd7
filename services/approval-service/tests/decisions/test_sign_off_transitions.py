"""Each transition of the table can happen; that nothing else does is held by the machine of random acts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_phases import phase_of
from placet_approval.domain.sign_off_transitions import TRANSITIONS, Transition
from placet_shared.errors import PlacetError

from .builders import AT, BOB, CAROL, DAY, SAM, WHY, a_policy, now, person, with_process

ALICE = person("alice", "developer")
ASKS, ASKS_NOT = now(with_process()), now(with_process(feedback=()))

Act = Callable[[SignOff], object]


def feedback(verdict: Any) -> Act:
    return lambda one: one.give_feedback(SAM, "operations", verdict, ASKS, WHY, AT, issue_id=f"issue-{one.version}")


def signed(one: SignOff) -> None:
    one.grant(BOB, None, ASKS, WHY, AT)
    one.grant(CAROL, None, ASKS, WHY, AT)


def changes(one: SignOff) -> None:
    one.request_changes(BOB, ASKS, WHY, AT)


def suspended(one: SignOff) -> None:
    one.suspend(BOB, WHY, AT)


def expired(one: SignOff) -> None:
    one.remind(AT + 3 * DAY)


def invalidated(one: SignOff) -> None:
    one.invalidate(now(a_policy(version=2)), AT)


WAYS: Sequence[Sequence[Act]] = [
    [],
    [feedback("approve")],
    [feedback("major_issue")],
    [changes],
    [feedback("approve"), changes],
    [feedback("approve"), signed],
    [feedback("approve"), signed, suspended],
    [expired],
    [invalidated],
]
ACTS: Mapping[str, Sequence[Act]] = {
    "FeedbackGiven": [feedback("approve"), feedback("major_issue")],
    "IssueResolved": [lambda one: one.resolve_issue(SAM, next(iter(one.issues)), ASKS, WHY, AT)],
    "IssueWaived": [lambda one: one.waive_issue(CAROL, next(iter(one.issues)), AT + DAY, ASKS, WHY, AT)],
    "ChangesRequested": [changes],
    "SignOffApproved": [signed],
    "SignOffSuspended": [suspended],
    "SignOffResumed": [lambda one: one.resume(BOB, ASKS, WHY, AT)],
    "SignOffRejected": [lambda one: one.reject(BOB, None, ASKS, WHY, AT)],
    "SignOffWithdrawn": [lambda one: one.withdraw(ALICE, None, AT)],
    "SignOffExpired": [expired],
    "SignOffInvalidated": [invalidated],
    "SignOffRevoked": [lambda one: one.revoke(BOB, WHY, AT)],
    "SignOffReset": [lambda one: one.reset(ALICE, ASKS, WHY, AT), lambda one: one.reset(ALICE, ASKS_NOT, WHY, AT)],
}


def state(one: SignOff) -> str:
    return phase_of(one.known, AT) or one.state


def transitions() -> set[Transition]:
    """All that the ways and acts above lead to."""
    found = {Transition("begin", "SignOffRequested", state(asked(circumstances))) for circumstances in (ASKS, ASKS_NOT)}
    for way in WAYS:
        for event, acts in ACTS.items():
            for act in acts:
                one = asked()
                for step in way:
                    step(one)
                start = state(one)
                try:
                    act(one)
                except (PlacetError, StopIteration):
                    continue
                if state(one) != start:
                    found.add(Transition(start, event, state(one)))
    return found


def asked(circumstances: Any = ASKS) -> SignOff:
    return SignOff.request("sign-off-1", "alice", circumstances, WHY, AT)


@pytest.mark.parametrize("transition", sorted(TRANSITIONS), ids=" ".join)
def test_transition_happens(transition: Transition) -> None:
    assert transition in FOUND


def test_nothing_else_happens() -> None:
    assert FOUND <= TRANSITIONS


FOUND = transitions()
