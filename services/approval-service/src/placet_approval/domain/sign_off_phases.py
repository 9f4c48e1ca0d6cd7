"""Where an open sign-off stands between request and decision, and what keeps people from signing."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

from placet_approval.domain.feedback import groups_that_wait, holding_issues
from placet_approval.domain.gate_reasons import Reason
from placet_approval.domain.known_sign_off import KnownSignOff

__all__ = ["Phase", "holding_reasons", "lapse_reasons", "phase_of"]

Phase = Literal["in_feedback", "in_approval", "changes_requested"]

InOffice = Mapping[str, frozenset[str]] | None
"""The roles of those who gave feedback, by person; None where it is not known, and all of it counts."""


def phase_of(known: KnownSignOff, at: datetime, in_office: InOffice = None) -> Phase | None:
    """None for one that is not pending."""
    if known.state != "pending":
        return None
    if known.changes_requested:
        return "changes_requested"
    waits = groups_that_wait(known.feedback_terms, known.feedback, in_office) or holding_issues(known.issues, at)
    return "in_feedback" if waits else "in_approval"


def holding_reasons(known: KnownSignOff, at: datetime, in_office: InOffice = None) -> Iterator[Reason]:
    """Everything that keeps people from signing a pending sign-off."""
    about = {"sign_off_id": known.sign_off_id}
    if known.ends_at is not None and known.ends_at <= at:
        yield Reason(
            "timed_out",
            f"People had until {known.ends_at.isoformat(timespec='seconds')} to decide on the sign-off.",
            "Its requester begins a new round: `placet signoff reset ID`; or requests another one.",
            facts={**about, "ends_at": known.ends_at.isoformat()},
        )
    if known.changes_requested:
        yield Reason(
            "changes_requested",
            "A reviewer asked for changes before the sign-off goes on.",
            "Read what was asked for: `placet signoff show ID`. Its requester then begins a new round: `placet signoff reset ID`.",
            facts=about,
        )
    if waiting := groups_that_wait(known.feedback_terms, known.feedback, in_office):
        yield Reason(
            "awaiting_feedback",
            f"Before people sign, these groups must answer: {', '.join(str(term) for term in waiting)}.",
            "Ask people of these groups: `placet signoff feedback ID --group GROUP`.",
            facts={**about, "groups": [term.content() for term in waiting]},
        )
    if issues := holding_issues(known.issues, at):
        yield Reason(
            "issue_open",
            f"{len(issues)} major {'issue holds' if len(issues) == 1 else 'issues hold'} the approval.",
            "Have its group say that it is resolved: `placet signoff resolve ID`; or have it waived: `placet signoff waive ID`.",
            facts={**about, "issues": [issue.issue_id for issue in issues]},
        )
    yield from _missed(known, at)


def lapse_reasons(known: KnownSignOff, at: datetime) -> Iterator[Reason]:
    """Why an approval is valid no longer, beside its time: what it rested on ended."""
    yield from _missed(known, at)
    if issues := [issue for issue in holding_issues(known.issues, at) if issue.state == "waived"]:
        yield Reason(
            "waiver_ended",
            "An issue was waived for a time that is over, and it was not resolved.",
            "Have the issue resolved or waived again, and request a new sign-off.",
            facts={"sign_off_id": known.sign_off_id, "issues": [issue.issue_id for issue in issues]},
        )


def _missed(known: KnownSignOff, at: datetime) -> Iterator[Reason]:
    if missed := [condition for condition in known.conditions if condition.missed(at)]:
        yield Reason(
            "condition_missed",
            f"{len(missed)} {'condition was' if len(missed) == 1 else 'conditions were'} not met in time.",
            "Meet what was asked for, then request a new sign-off.",
            facts={"sign_off_id": known.sign_off_id, "conditions": [condition.condition_id for condition in missed]},
        )
