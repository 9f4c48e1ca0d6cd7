"""Feedback before the approval: groups look at a version and approve or raise issues, which are tracked to a resolution."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self, get_args

from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.process_terms import FeedbackTerm
from placet_approval.domain.sign_off_quorum import Approval, progress
from placet_approval.domain.timestamps import parse_rfc3339

__all__ = [
    "FEEDBACK_VERDICTS",
    "Feedback",
    "FeedbackVerdict",
    "Issue",
    "IssueState",
    "Severity",
    "groups_that_wait",
    "holding_issues",
    "waived_until",
]

FeedbackVerdict = Literal["approve", "minor_issue", "major_issue"]
Severity = Literal["minor", "major"]
IssueState = Literal["open", "resolved", "waived"]

FEEDBACK_VERDICTS: tuple[FeedbackVerdict, ...] = get_args(FeedbackVerdict)


@dataclass(frozen=True, slots=True)
class Feedback:
    """One person's newest answer in this round, for one group; `token_issuers` could have given it too."""

    person_id: str
    group: str
    role: str
    verdict: FeedbackVerdict
    token_issuers: tuple[str, ...] = ()

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """From an event's fields or a row."""
        return cls(content["person_id"], content["group"], content["role"], content["verdict"], tuple(content.get("token_issuers", ())))

    def supersedes(self, other: "Feedback") -> bool:
        """Whether it is the same person's answer for the same group."""
        return (self.person_id, self.group) == (other.person_id, other.group)


@dataclass(frozen=True, slots=True)
class Issue:
    """What a person of a group found; it outlives the round in which it was raised, and a major one the sign-off too.

    `waived_until` is set while a waiver was given; `carried_from` is the sign-off in which it was raised, if that was another one. What a
    verification found is a `finding`, `plan/check`, raised by no person for a round, and can only be waived.
    """

    issue_id: str
    group: str
    severity: Severity
    raised_by: str
    state: IssueState = "open"
    waived_until: datetime | None = None
    carried_from: str | None = None
    finding: str | None = None

    @property
    def is_carried_on(self) -> bool:
        """Whether the next sign-off of the bytes has it too: a major one that a person raised and no group has resolved."""
        return self.severity == "major" and self.state != "resolved" and self.finding is None

    def carried(self, sign_off_id: str) -> dict[str, Any]:
        """As the request of the next sign-off of these bytes names it, open again; `sign_off_id` is where it was raised."""
        return {"issue_id": self.issue_id, "group": self.group, "raised_by": self.raised_by, "sign_off_id": sign_off_id}

    def holds(self, at: datetime) -> bool:
        """Whether it holds the approval: a major one that is neither resolved nor waived at that time."""
        waived = self.state == "waived" and self.waived_until is not None and self.waived_until > at
        return self.severity == "major" and self.state != "resolved" and not waived

    @classmethod
    def from_content(cls, issue_id: str, content: Mapping[str, Any]) -> Self:
        """From a row."""
        until = content.get("waived_until")
        return cls(
            issue_id,
            content["group"],
            content["severity"],
            content["raised_by"],
            content.get("state", "open"),
            parse_rfc3339(until) if until else None,
            content.get("carried_from"),
            content.get("finding"),
        )


def groups_that_wait(
    terms: Sequence[FeedbackTerm], given: Iterable[Feedback], in_office: Mapping[str, frozenset[str]] | None
) -> list[FeedbackTerm]:
    """The groups of which people must still answer, each with the number that is missing.

    An answer counts while its author is active and holds the role, each person once for a group; with None for `in_office` all count.
    """
    counting = [one for one in given if in_office is None or one.role in in_office.get(one.person_id, ())]
    waiting: list[FeedbackTerm] = []
    for term in terms:
        theirs = [Approval(one.person_id, one.role) for one in counting if one.group == term.group]
        missing = term.count - sum(progress([SignatureTerm(term.any_of, term.count)], theirs).have)
        if missing > 0:
            waiting.append(FeedbackTerm(term.group, term.any_of, missing))
    return waiting


def holding_issues(issues: Iterable[Issue], at: datetime) -> list[Issue]:
    """The issues that hold the approval at that time."""
    return [issue for issue in issues if issue.holds(at)]


def waived_until(issues: Iterable[Issue]) -> list[datetime]:
    """When waivers of major issues end: an approval that rests on them is valid no longer."""
    return [issue.waived_until for issue in issues if issue.severity == "major" and issue.state == "waived" and issue.waived_until]
