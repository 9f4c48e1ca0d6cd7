"""What a sign-off's row keeps of rounds, feedback, issues, conditions, holds and deadlines, from their events."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from placet_approval.domain.timestamps import parse_rfc3339
from placet_approval.projections.sign_off_acts import act_of, head_of, json_of
from placet_shared.event_store import RecordedEvent, Rows, Statement

__all__ = ["DROP_CONDITIONS", "ROUND_ROWS", "round_values"]

HEAD = "update sign_offs set stream_version = $2, changed_at = $3"
# An answer takes the place of the same person's earlier one for the same group.
FEEDBACK = f"""
    {HEAD}, feedback = (
        select coalesce(jsonb_agg(f order by place), '[]') from jsonb_array_elements(feedback) with ordinality one (f, place)
        where f ->> 'person_id' <> $4 or f ->> 'group' <> $5
    ) || $6::jsonb, issues = issues || $7::jsonb
    where sign_off_id = $1
"""
ISSUE = f"{HEAD}, issues = jsonb_set(issues, array[$4::text], (issues -> $4::text) || $5::jsonb) where sign_off_id = $1"
CONDITION = f"{HEAD}, conditions = conditions || $4::jsonb where sign_off_id = $1"
MEET = f"""
    {HEAD}, expires_at = coalesce($6, expires_at),
        conditions = jsonb_set(conditions, array[$4::text], (conditions -> $4::text) || $5::jsonb)
    where sign_off_id = $1
"""
DROP_CONDITIONS = """
    update sign_offs set conditions = (
        select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(conditions) where value ->> 'set_by' <> $2
    ) where sign_off_id = $1
"""
CHANGES = f"{HEAD}, changes_requested = true where sign_off_id = $1"
STATE = f"{HEAD}, state = $4 where sign_off_id = $1"
REMINDED = f"{HEAD}, remind_at = null where sign_off_id = $1"
ESCALATED = f"{HEAD}, remind_at = null, escalate_at = null where sign_off_id = $1"
REVIEW_ASKED_FOR = f"{HEAD}, review_at = null where sign_off_id = $1"
RESET = f"""
    {HEAD}, state = 'pending', requested_at = $3, round = $4, evidence = $5, policy = $6, signatures = $7, excluded = $8,
        excluded_in_all = $9, earlier_noes = $10, noes_answered = $11, invalidated = null, feedback = '[]', conditions = '{{}}',
        changes_requested = false, feedback_terms = $12, in_sequence = $13, remind_at = $14, escalate_at = $15, escalate_to = $16,
        ends_at = $17, issues = (
            select coalesce(jsonb_object_agg(key, value), '{{}}') from jsonb_each(issues) where value ->> 'finding' is null
        ) || $18::jsonb
    where sign_off_id = $1
"""
FORGET_SIGNATURES = "delete from approvals where sign_off_id = $1"


def round_values(event: RecordedEvent) -> tuple[Any, ...]:
    """Columns of what is asked for beside signatures, from feedback_terms to ends_at, and issues that are carried on."""
    due: Mapping[str, Any] = event.fields["deadlines"] or {}
    remind, escalate, ends = (parse_rfc3339(due[name]) if due.get(name) else None for name in ("remind_at", "escalate_at", "ends_at"))
    return json_of(event.fields["feedback"]), event.fields["in_sequence"], remind, escalate, due.get("escalate_to"), ends, _carried(event)


def _carried(event: RecordedEvent) -> str:
    return json_of(
        {
            one["issue_id"]: {
                "group": one["group"], "severity": "major", "raised_by": one["raised_by"], "carried_from": one["sign_off_id"],
            }
            for one in event.fields["carried_issues"]
        }
        | {
            one["issue_id"]: {"group": "", "severity": "major", "raised_by": "", "finding": f"{one['plan']}/{one['check_id']}"}
            for one in event.fields["findings"]
        }
    )  # fmt: skip


def _reset(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    documents = (json_of(data[name]) for name in ("evidence", "policy", "signatures", "excluded"))
    noes = (data["excluded_in_all"], json_of(data["earlier_noes"]), data["noes_answered"])
    yield Statement(RESET, (*head_of(event), data["round"], *documents, *noes, *round_values(event)))
    yield Statement(FORGET_SIGNATURES, (data["sign_off_id"],))
    yield act_of(event, "reset", data["rationale"])


def _feedback(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    given = {name: data[name] for name in ("person_id", "group", "role", "verdict", "issue_id", "attachments", "token_issuers")}
    issue = {"group": data["group"], "severity": data["verdict"].removesuffix("_issue"), "raised_by": data["person_id"]}
    issue["text_id"] = data["comment"] and data["comment"]["id"]
    issues = {data["issue_id"]: issue} if data["issue_id"] else {}
    values = (data["person_id"], data["group"], json_of([given]), json_of(issues))
    yield Statement(FEEDBACK, (*head_of(event), *values))
    yield act_of(event, f"feedback_{data['verdict']}", data["comment"])


def _resolved(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(ISSUE, (*head_of(event), event.fields["issue_id"], json_of({"state": "resolved", "waived_until": None})))
    yield act_of(event, "issue_resolved", event.fields["rationale"])


def _waived(event: RecordedEvent) -> Iterable[Statement]:
    waiver = {"state": "waived", "waived_until": event.fields["until"]}
    yield Statement(ISSUE, (*head_of(event), event.fields["issue_id"], json_of(waiver)))
    yield act_of(event, "issue_waived", event.fields["rationale"])


def _condition_set(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    condition = {"set_by": data["person_id"], "owner_id": data["owner_id"], "due_at": data["due_at"], "text_id": data["condition"]["id"]}
    yield Statement(CONDITION, (*head_of(event), json_of({data["condition_id"]: condition})))
    yield act_of(event, "condition_set", data["condition"])


def _condition_met(event: RecordedEvent) -> Iterable[Statement]:
    until = event.fields["expires_at"] and parse_rfc3339(event.fields["expires_at"])
    yield Statement(MEET, (*head_of(event), event.fields["condition_id"], json_of({"met": True}), until))
    yield act_of(event, "condition_met", event.fields["rationale"])


def _changes_requested(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(CHANGES, head_of(event))
    yield act_of(event, "changes_requested", event.fields["rationale"])


def _to(state: str, act: str) -> Callable[[RecordedEvent], Iterable[Statement]]:
    return lambda event: [Statement(STATE, (*head_of(event), state)), act_of(event, act, event.fields.get("rationale"))]


def _by_time(sql: str, act: str) -> Callable[[RecordedEvent], Iterable[Statement]]:
    return lambda event: [Statement(sql, head_of(event)), act_of(event, act, None)]


ROUND_ROWS: Rows = {
    "SignOffReset": _reset,
    "FeedbackGiven": _feedback,
    "IssueResolved": _resolved,
    "IssueWaived": _waived,
    "ConditionSet": _condition_set,
    "ConditionMet": _condition_met,
    "ChangesRequested": _changes_requested,
    "SignOffSuspended": _to("suspended", "suspended"),
    "SignOffResumed": _to("approved", "resumed"),
    "SignOffExpired": _to("expired", "expired"),
    "SignOffReminded": _by_time(REMINDED, "reminded"),
    "SignOffEscalated": _by_time(ESCALATED, "escalated"),
    "ReviewDue": _by_time(REVIEW_ASKED_FOR, "review_due"),
}
