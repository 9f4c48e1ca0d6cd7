"""Columns of a version's steps."""

from placet_client.answers.steps import Step
from placet_client.printing.page import Column
from placet_client.printing.times import ago
from placet_client.printing.words import listed, plain

__all__ = ["COLUMNS", "IN_SHORT", "in_words"]


def in_words(step: Step) -> str:
    """`current since 3 days ago, due in 2 days`."""
    since = f" {ago(step.since)}" if step.since else ""
    due = f", overdue since {ago(step.due_at)}" if step.overdue else f", due {ago(step.due_at)}" if step.due_at else ""
    reopened = f", reopened by {plain(step.reopened.by.name or step.reopened.by.id)}" if step.reopened else ""
    return f"{plain(step.state)}{since}{due}{reopened}"


def _by(step: Step) -> str:
    """Who did it, who could, or what completes it."""
    if step.fact:
        return plain(step.fact).replace("_", " ")
    if step.state == "complete" and step.by:
        return f"{plain(step.by.name or step.by.id)} ({plain(step.role)})"
    people = listed(plain(one.name or one.id) for one in step.can_complete)
    return f"{plain(step.role)}: {people or 'no person could'}"


def _said(step: Step) -> str:
    said = step.reopened.said if step.reopened else step.said
    return "" if said is None else "(erased)" if said.erased else plain(said.text)


COLUMNS: tuple[Column[Step], ...] = (
    ("step", lambda step: plain(step.name)),
    ("state", in_words),
    ("completed by", _by),
    ("owner", lambda step: plain(step.owner)),
    ("evidence", lambda step: listed(digest[:12] for digest in step.evidence)),
    ("said", _said),
)
IN_SHORT: tuple[Column[Step], ...] = (*COLUMNS[:3],)
