"""The states of a sign-off and what leads from one to another; `docs/explanation/sign-offs.md` has the picture of it.

A test walks through random acts and holds them against this table, both ways: nothing happens that is not here, and all of it can happen.
"""

from typing import NamedTuple

__all__ = ["OPEN", "TRANSITIONS", "Transition"]

OPEN = ("in_feedback", "in_approval", "changes_requested")
"""The phases of a pending sign-off."""


class Transition(NamedTuple):
    """`event` leads from one state to another; `begin` is where there is no sign-off yet."""

    start: str
    event: str
    end: str


def _from(starts: tuple[str, ...], event: str, *ends: str) -> tuple[Transition, ...]:
    return tuple(Transition(start, event, end) for start in starts for end in ends)


TRANSITIONS = frozenset(
    (
        *_from(("begin",), "SignOffRequested", "in_feedback", "in_approval"),
        *_from(("in_feedback",), "FeedbackGiven", "in_approval"),
        *_from(("in_feedback",), "IssueResolved", "in_approval"),
        *_from(("in_feedback",), "IssueWaived", "in_approval"),
        *_from(("in_approval",), "FeedbackGiven", "in_feedback"),
        *_from(("in_feedback", "in_approval"), "ChangesRequested", "changes_requested"),
        *_from(("in_approval",), "SignOffApproved", "approved"),
        *_from(("approved",), "SignOffSuspended", "suspended"),
        *_from(("suspended",), "SignOffResumed", "approved"),
        *_from(OPEN, "SignOffRejected", "rejected"),
        *_from(OPEN, "SignOffWithdrawn", "withdrawn"),
        *_from(OPEN, "SignOffExpired", "expired"),
        *_from((*OPEN, "approved", "suspended"), "SignOffInvalidated", "invalidated"),
        *_from(("approved", "suspended"), "SignOffRevoked", "revoked"),
        *_from(("changes_requested", "expired", "invalidated"), "SignOffReset", "in_feedback", "in_approval"),
        *_from(("in_approval",), "SignOffReset", "in_feedback"),
        *_from(("in_feedback",), "SignOffReset", "in_approval"),
    )
)
