"""Views of a sign-off's rounds, from its row: feedback, issues, conditions, and what it waits for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import asyncpg
import orjson

from placet_approval.domain.conditions import Condition
from placet_approval.domain.feedback import Feedback, Issue, groups_that_wait, holding_issues
from placet_approval.domain.process_terms import FeedbackTerm
from placet_approval.domain.sign_off_phases import Phase
from placet_approval.queries.sign_off_views import ConditionView, GivenFeedback, GroupProgress, Holder, IssueView, SaidText

__all__ = ["conditions_of", "feedback_of", "groups_of", "issues_of", "people_of", "phase_of_row", "waiting_groups"]

Holders = Mapping[str, Holder]


def phase_of_row(row: asyncpg.Record) -> Phase | None:
    """As `phase_of` says it of the sign-off itself."""
    if row["state"] != "pending":
        return None
    if row["changes_requested"]:
        return "changes_requested"
    return "in_feedback" if _missing(row) or holding_issues(_issues(row), row["read_at"]) else "in_approval"


def people_of(row: asyncpg.Record) -> Iterator[str]:
    """The ids of all who are named in these views."""
    yield from (one["person_id"] for one in orjson.loads(row["feedback"]))
    yield from (issue.raised_by for issue in _issues(row) if issue.finding is None)
    for condition in _conditions(row):
        yield from (condition.set_by, condition.owner_id)


def waiting_groups(row: asyncpg.Record) -> tuple[Sequence[FeedbackTerm], Sequence[Feedback]]:
    """The groups of which people must still answer, and the answers of this round."""
    return _missing(row), [Feedback.from_content(one) for one in orjson.loads(row["feedback"])]


def groups_of(row: asyncpg.Record) -> list[GroupProgress]:
    """The groups that the policy asks, and how many of each have answered."""
    missing = {term.group: term.count for term in _missing(row)}
    return [GroupProgress(term.group, term.any_of, term.count - missing.get(term.group, 0), term.count) for term in _terms(row)]


def feedback_of(row: asyncpg.Record, holders: Holders) -> list[GivenFeedback]:
    """Answers of this round, in order."""
    return [
        GivenFeedback(
            by=_holder(holders, one["person_id"]),
            **{name: one[name] for name in ("group", "role", "verdict", "attachments", "counts")},
        )
        for one in orjson.loads(row["feedback"])
    ]


def issues_of(row: asyncpg.Record, holders: Holders, acts: Sequence[asyncpg.Record]) -> list[IssueView]:
    """Issues of all rounds, the oldest first, with what was said when they were raised."""
    texts = {issue_id: one.get("text_id") for issue_id, one in orjson.loads(row["issues"]).items()}
    return [
        IssueView(
            id=issue.issue_id,
            group=issue.group,
            severity=issue.severity,
            state=issue.state,
            raised_by=_holder(holders, issue.raised_by) if issue.finding is None else None,
            waived_until=issue.waived_until,
            holds=issue.holds(row["read_at"]),
            carried_from=issue.carried_from,
            finding=issue.finding,
            said=_said(texts[issue.issue_id], acts),
        )
        for issue in sorted(_issues(row), key=lambda issue: issue.issue_id)
    ]


def conditions_of(row: asyncpg.Record, holders: Holders, acts: Sequence[asyncpg.Record]) -> list[ConditionView]:
    """Conditions of this round, the oldest first."""
    texts = {condition_id: one["text_id"] for condition_id, one in orjson.loads(row["conditions"]).items()}
    return [
        ConditionView(
            id=condition.condition_id,
            set_by=_holder(holders, condition.set_by),
            owner=_holder(holders, condition.owner_id),
            due_at=condition.due_at,
            met=condition.met,
            said=_said(texts[condition.condition_id], acts),
        )
        for condition in sorted(_conditions(row), key=lambda condition: condition.condition_id)
    ]


def _terms(row: asyncpg.Record) -> list[FeedbackTerm]:
    return [FeedbackTerm.from_content(term) for term in orjson.loads(row["feedback_terms"])]


def _missing(row: asyncpg.Record) -> Sequence[FeedbackTerm]:
    counting = [Feedback.from_content(one) for one in orjson.loads(row["feedback"]) if one["counts"]]
    return groups_that_wait(_terms(row), counting, None)


def _issues(row: asyncpg.Record) -> list[Issue]:
    return [Issue.from_content(issue_id, one) for issue_id, one in orjson.loads(row["issues"]).items()]


def _conditions(row: asyncpg.Record) -> list[Condition]:
    return [Condition.from_content(condition_id, one) for condition_id, one in orjson.loads(row["conditions"]).items()]


def _holder(holders: Holders, holder_id: str) -> Holder:
    return holders.get(holder_id) or Holder(holder_id, None, None)


def _said(text_id: str | None, acts: Sequence[Any]) -> SaidText | None:
    """The text stands with the act that said it."""
    act = next((act for act in acts if act["text_id"] and str(act["text_id"]) == text_id), None)
    if act is None:
        return None
    return SaidText(id=str(act["text_id"]), hmac=act["text_hmac"], text=act["body"], erased=act["body"] is None)
