"""Rows of sign-offs, their signatures, acts and comments, from their events."""

from collections.abc import Callable, Iterable

from placet_approval.domain.timestamps import parse_rfc3339
from placet_approval.projections.rounds import DROP_CONDITIONS, ROUND_ROWS, round_values
from placet_approval.projections.sign_off_acts import act_of, head_of, json_of
from placet_shared.event_store import RecordedEvent, Rows, Statement

__all__ = ["SIGN_OFF_ROWS"]

REQUEST = """
    insert into sign_offs (sign_off_id, model_id, version_id, environment, state, artifact_sha256, evidence, policy, signatures, excluded,
                           excluded_in_all, earlier_noes, noes_answered, requester_id, requested_at, changed_at, stream_version,
                           feedback_terms, in_sequence, remind_at, escalate_at, escalate_to, ends_at, issues)
    values ($1, $2, $3, $4, 'pending', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15, $16, $17, $18, $19, $20, $21, $22)
"""
CHANGE = "update sign_offs set stream_version = $2, changed_at = $3 where sign_off_id = $1"
END = "update sign_offs set stream_version = $2, changed_at = $3, state = $4 where sign_off_id = $1"
APPROVE = """
    update sign_offs
    set stream_version = $2, changed_at = $3, state = 'approved', expires_at = $4, longest_until = $5, review_at = $6, approved_at = $3
    where sign_off_id = $1
"""
INVALIDATE = "update sign_offs set stream_version = $2, changed_at = $3, state = 'invalidated', invalidated = $4 where sign_off_id = $1"
CONTEST = "update sign_offs set stream_version = $2, changed_at = $3, contested = contested || $4 where sign_off_id = $1"
CONFIRM = "update sign_offs set stream_version = $2, changed_at = $3, contested = '[]' where sign_off_id = $1"
SET_ASIDE = """
    update sign_offs set stream_version = $2, changed_at = $3, contested = '[]', set_aside = set_aside || $4 where sign_off_id = $1
"""
JOIN = "update sign_offs set stream_version = $2, changed_at = $3, release_id = $4, release_members = $5 where sign_off_id = $1"
GRANT = """
    insert into approvals (sign_off_id, person_id, role, granted_at, on_behalf_of, delegation_id) values ($1, $2, $3, $4, $5, $6)
"""
KEEP_COUNTED = "delete from approvals where sign_off_id = $1 and person_id <> all ($2)"
TAKE_BACK = "delete from approvals where sign_off_id = $1 and person_id = $2"
REASSIGN = """
    insert into reassignments (sign_off_id, absent_id, person_id, role, reassigned_by, reassigned_at) values ($1, $2, $3, $4, $5, $6)
    on conflict do nothing
"""

# The rejected bytes stand in the sign-off's row. The count comes with `ArtifactRejected` of the same append, which is the only event of a
# no whose sign-off was lost in a restore.
SAY_NO = """
    insert into standing_noes (sign_off_id, artifact_sha256, environment, kind, model_id, version_id, person_id, said_at)
    select sign_off_id, artifact_sha256, environment, $2, model_id, version_id, $3, $4 from sign_offs where sign_off_id = $1
    on conflict (sign_off_id) do update set kind = excluded.kind, person_id = excluded.person_id, said_at = excluded.said_at
"""
COUNT_NO = """
    insert into standing_noes (sign_off_id, artifact_sha256, environment, kind, model_id, version_id, person_id, said_at, ordinal)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict (sign_off_id) do update
        set ordinal = excluded.ordinal, kind = excluded.kind, person_id = excluded.person_id, said_at = excluded.said_at
"""
# A suspension stands as the noes do, whatever becomes of the sign-off, until its hold is lifted, or the sign-off is revoked.
RELEASE = "delete from standing_noes where sign_off_id = $1 and kind = 'suspended'"


def _requested(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    names = ("sign_off_id", "model_id", "version_id", "environment", "artifact_sha256")
    documents = (json_of(data[name]) for name in ("evidence", "policy", "signatures", "excluded"))
    noes = (data["excluded_in_all"], json_of(data["earlier_noes"]), data["noes_answered"])
    values = (*(data[name] for name in names), *documents, *noes, data["requester_id"], event.recorded_at, event.version)
    yield Statement(REQUEST, (*values, *round_values(event)))
    yield act_of(event, "requested", data["rationale"])


def _granted(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    yield Statement(CHANGE, head_of(event))
    values = (data["sign_off_id"], data["person_id"], data["role"], event.recorded_at, data["on_behalf_of"], data["delegation_id"])
    yield Statement(GRANT, values)
    yield act_of(event, "approved", data["rationale"])


def _taken_back(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    yield Statement(CHANGE, head_of(event))
    yield Statement(TAKE_BACK, (data["sign_off_id"], data["person_id"]))
    yield Statement(DROP_CONDITIONS, (data["sign_off_id"], data["person_id"]))
    yield act_of(event, "approval_revoked", data["rationale"])


def _approved(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    review = data["review_at"] and parse_rfc3339(data["review_at"])
    yield Statement(APPROVE, (*head_of(event), parse_rfc3339(data["expires_at"]), parse_rfc3339(data["longest_until"]), review))
    yield Statement(KEEP_COUNTED, (data["sign_off_id"], [approval["person_id"] for approval in data["approvals"]]))


def _rejected(event: RecordedEvent) -> Iterable[Statement]:
    yield from _ended("rejected")(event)
    if event.fields["scope"] == "bytes":
        yield _no(event, "rejected")


def _revoked(event: RecordedEvent) -> Iterable[Statement]:
    yield from _ended("revoked")(event)
    yield _no(event, "revoked")


def _no(event: RecordedEvent, kind: str) -> Statement:
    return Statement(SAY_NO, (event.fields["sign_off_id"], kind, event.fields["person_id"], event.recorded_at))


def _counted(event: RecordedEvent) -> Iterable[Statement]:
    names = ("sign_off_id", "artifact_sha256", "environment", "kind", "model_id", "version_id", "person_id")
    fields = {"kind": "suspended", **event.fields}
    yield Statement(COUNT_NO, (*(fields[name] for name in names), event.recorded_at, event.version))


def _ended(state: str) -> Callable[[RecordedEvent], Iterable[Statement]]:
    return lambda event: [Statement(END, (*head_of(event), state)), act_of(event, state, event.fields["rationale"])]


def _contested(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(CONTEST, (*head_of(event), json_of(event.fields["claims"])))
    yield act_of(event, "lineage_contested", None)


def _contest_decided(event: RecordedEvent) -> Iterable[Statement]:
    verdict = event.fields["verdict"]
    if verdict == "set_aside":
        yield Statement(SET_ASIDE, (*head_of(event), json_of(event.fields["claims"])))
    else:
        yield Statement(CONFIRM, head_of(event))
    yield act_of(event, f"lineage_{verdict}", event.fields["rationale"])


def _invalidated(event: RecordedEvent) -> Iterable[Statement]:
    change = {name: event.fields[name] for name in ("field", "old", "new")}
    yield Statement(INVALIDATE, (*head_of(event), json_of(change)))
    yield act_of(event, "invalidated", None)


def _reassigned(event: RecordedEvent) -> Iterable[Statement]:
    names = ("sign_off_id", "absent_id", "person_id", "role", "reassigned_by")
    yield Statement(CHANGE, head_of(event))
    yield Statement(REASSIGN, (*(event.fields[name] for name in names), event.recorded_at))
    yield act_of(event, "reassigned", event.fields["reason"])


def _joined(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(JOIN, (*head_of(event), event.fields["release_id"], event.fields["members"]))


def _commented(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(CHANGE, head_of(event))
    yield act_of(event, "commented", event.fields["comment"])


SIGN_OFF_ROWS: Rows = {
    "SignOffRequested": _requested,
    "ApprovalGranted": _granted,
    "ApprovalRevoked": _taken_back,
    "SignOffApproved": _approved,
    "SignOffRejected": _rejected,
    "SignOffWithdrawn": _ended("withdrawn"),
    "SignOffRevoked": _revoked,
    "ArtifactRejected": _counted,
    "ArtifactHeld": _counted,
    "ArtifactHoldLifted": lambda event: [Statement(RELEASE, (event.fields["sign_off_id"],))],
    "LineageContested": _contested,
    "LineageContestDecided": _contest_decided,
    "SignOffInvalidated": _invalidated,
    "SignOffReassigned": _reassigned,
    "SignOffJoinedRelease": _joined,
    "CommentAdded": _commented,
    **ROUND_ROWS,
}
