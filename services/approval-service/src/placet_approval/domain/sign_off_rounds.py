"""The events of a sign-off's rounds, feedback, holds and deadlines, and what stands of them; `SignOffHistory` has the others."""

from dataclasses import replace
from typing import Any

from placet_approval.domain.conditions import Condition
from placet_approval.domain.feedback import Feedback, FeedbackVerdict, Issue, Severity
from placet_approval.domain.process_terms import FeedbackTerm
from placet_approval.domain.sign_off_event import Commitment, SignOffEvent
from placet_approval.domain.timestamps import parse_rfc3339
from placet_shared.aggregates import Aggregate

__all__ = ["SignOffRounds"]


class SignOffRounds(Aggregate):
    """What was asked for beside signatures, what people said in this round, and what holds it."""

    def __init__(self) -> None:
        self.round = 1
        self.feedback_terms: tuple[FeedbackTerm, ...] = ()
        self.in_sequence = False
        self.feedback: tuple[Feedback, ...] = ()
        self.waived_by: dict[str, tuple[str, ...]] = {}
        self.issues: dict[str, Issue] = {}
        self.conditions: dict[str, Condition] = {}
        self.changes_requested = False
        self.deadlines: dict[str, Any] | None = None
        self.reminded = self.escalated = self.review_asked_for = False

    def _begin_round(
        self,
        number: int,
        feedback: list[dict[str, Any]],
        in_sequence: bool,
        deadlines: dict[str, Any] | None,
        carried: list[dict[str, Any]],
        findings: list[dict[str, Any]],
    ) -> None:
        """Issues go on from round to round; what was said, and what was found, on how things were before is history."""
        self.issues = {key: issue for key, issue in self.issues.items() if issue.finding is None}
        for one in findings:
            found = Issue(one["issue_id"], "", "major", "", finding=f"{one['plan']}/{one['check_id']}")
            self.issues = {**self.issues, found.issue_id: found}
        for one in carried:
            issue = Issue(one["issue_id"], one["group"], "major", one["raised_by"], carried_from=one["sign_off_id"])
            self.issues = {**self.issues, issue.issue_id: issue}
        self.round = number
        self.feedback_terms = tuple(FeedbackTerm.from_content(term) for term in feedback)
        self.in_sequence = in_sequence
        self.feedback = ()
        self.conditions = {}
        self.changes_requested = False
        self.deadlines = deadlines
        self.reminded = self.escalated = False

    class FeedbackGiven(SignOffEvent):
        TOPIC = "FeedbackGiven"
        round: int
        person_id: str
        group: str
        role: str
        verdict: FeedbackVerdict
        issue_id: str | None
        attachments: list[str]
        token_issuers: list[str]
        comment: Commitment | None

        def apply(self, aggregate: "SignOffRounds") -> None:
            given = Feedback(self.person_id, self.group, self.role, self.verdict, tuple(self.token_issuers))
            aggregate.feedback = (*(one for one in aggregate.feedback if not given.supersedes(one)), given)
            if self.issue_id and self.verdict != "approve":
                severity: Severity = "major" if self.verdict == "major_issue" else "minor"
                aggregate.issues = {**aggregate.issues, self.issue_id: Issue(self.issue_id, self.group, severity, self.person_id)}

    class IssueResolved(SignOffEvent):
        TOPIC = "IssueResolved"
        issue_id: str
        person_id: str
        rationale: Commitment

        def apply(self, aggregate: "SignOffRounds") -> None:
            resolved = replace(aggregate.issues[self.issue_id], state="resolved", waived_until=None)
            aggregate.issues = {**aggregate.issues, self.issue_id: resolved}

    class IssueWaived(SignOffEvent):
        TOPIC = "IssueWaived"
        issue_id: str
        person_id: str
        role: str
        until: str
        token_issuers: list[str]
        rationale: Commitment

        def apply(self, aggregate: "SignOffRounds") -> None:
            waived = replace(aggregate.issues[self.issue_id], state="waived", waived_until=parse_rfc3339(self.until))
            aggregate.issues = {**aggregate.issues, self.issue_id: waived}
            aggregate.waived_by = {**aggregate.waived_by, self.person_id: tuple(self.token_issuers)}

    class ChangesRequested(SignOffEvent):
        TOPIC = "ChangesRequested"
        person_id: str
        role: str
        rationale: Commitment

        def apply(self, aggregate: "SignOffRounds") -> None:
            aggregate.changes_requested = True

    class ConditionSet(SignOffEvent):
        TOPIC = "ConditionSet"
        condition_id: str
        person_id: str
        owner_id: str
        due_at: str
        condition: Commitment

        def apply(self, aggregate: "SignOffRounds") -> None:
            condition = Condition(self.condition_id, self.person_id, self.owner_id, parse_rfc3339(self.due_at))
            aggregate.conditions = {**aggregate.conditions, self.condition_id: condition}

    class SignOffReminded(SignOffEvent):
        TOPIC = "SignOffReminded"
        roles: list[str]

        def apply(self, aggregate: "SignOffRounds") -> None:
            aggregate.reminded = True

    class SignOffEscalated(SignOffEvent):
        TOPIC = "SignOffEscalated"
        to: str
        roles: list[str]

        def apply(self, aggregate: "SignOffRounds") -> None:
            aggregate.escalated = True

    class ReviewDue(SignOffEvent):
        TOPIC = "ReviewDue"
        expires_at: str
        roles: list[str]

        def apply(self, aggregate: "SignOffRounds") -> None:
            aggregate.review_asked_for = True
