"""Rows of sign-offs, their signatures, acts and comments, from their events."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from placet_approval.domain.timestamps import parse_rfc3339
from placet_shared.event_store import RecordedEvent, Rows, Statement

__all__ = ["SIGN_OFF_ROWS"]

REQUEST = """
    insert into sign_offs (sign_off_id, model_id, version_id, environment, state, artifact_sha256, evidence, policy, signatures, excluded,
                           excluded_in_all, earlier_noes, noes_answered, requester_id, requested_at, changed_at, stream_version)
    values ($1, $2, $3, $4, 'pending', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15)
"""
CHANGE = "update sign_offs set stream_version = $2, changed_at = $3 where sign_off_id = $1"
END = "update sign_offs set stream_version = $2, changed_at = $3, state = $4 where sign_off_id = $1"
APPROVE = "update sign_offs set stream_version = $2, changed_at = $3, state = 'approved', expires_at = $4 where sign_off_id = $1"
INVALIDATE = "update sign_offs set stream_version = $2, changed_at = $3, state = 'invalidated', invalidated = $4 where sign_off_id = $1"
CONTEST = "update sign_offs set stream_version = $2, changed_at = $3, contested = contested || $4 where sign_off_id = $1"
CONFIRM = "update sign_offs set stream_version = $2, changed_at = $3, contested = '[]' where sign_off_id = $1"
SET_ASIDE = """
    update sign_offs set stream_version = $2, changed_at = $3, contested = '[]', set_aside = set_aside || $4 where sign_off_id = $1
"""
GRANT = """
    insert into approvals (sign_off_id, person_id, role, granted_at, on_behalf_of, delegation_id) values ($1, $2, $3, $4, $5, $6)
"""
KEEP_COUNTED = "delete from approvals where sign_off_id = $1 and person_id <> all ($2)"
TAKE_BACK = "delete from approvals where sign_off_id = $1 and person_id = $2"
REASSIGN = """
    insert into reassignments (sign_off_id, absent_id, person_id, role, reassigned_by, reassigned_at) values ($1, $2, $3, $4, $5, $6)
    on conflict do nothing
"""
ACT = """
    insert into sign_off_acts (sign_off_id, stream_version, act, actor_id, role, token_issuers, text_id, text_hmac, acted_at, on_behalf_of)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""

# The rejected bytes stand in the sign-off's row. The count comes with `ArtifactRejected` of the same append, which is the only event of a
# no whose sign-off was lost in a restore.
SAY_NO = """
    insert into standing_noes (sign_off_id, artifact_sha256, environment, kind, model_id, version_id, person_id, said_at)
    select sign_off_id, artifact_sha256, environment, $2, model_id, version_id, $3, $4 from sign_offs where sign_off_id = $1
"""
COUNT_NO = """
    insert into standing_noes (sign_off_id, artifact_sha256, environment, kind, model_id, version_id, person_id, said_at, ordinal)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict (sign_off_id) do update set ordinal = excluded.ordinal
"""


def _requested(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    names = ("sign_off_id", "model_id", "version_id", "environment", "artifact_sha256")
    documents = (_json(data[name]) for name in ("evidence", "policy", "signatures", "excluded"))
    noes = (data["excluded_in_all"], _json(data["earlier_noes"]), data["noes_answered"])
    values = (*(data[name] for name in names), *documents, *noes, data["requester_id"], event.recorded_at, event.version)
    yield Statement(REQUEST, values)
    yield _act(event, "requested", data["rationale"])


def _granted(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    yield Statement(CHANGE, _head(event))
    values = (data["sign_off_id"], data["person_id"], data["role"], event.recorded_at, data["on_behalf_of"], data["delegation_id"])
    yield Statement(GRANT, values)
    yield _act(event, "approved", data["rationale"])


def _taken_back(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    yield Statement(CHANGE, _head(event))
    yield Statement(TAKE_BACK, (data["sign_off_id"], data["person_id"]))
    yield _act(event, "approval_revoked", data["rationale"])


def _approved(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    yield Statement(APPROVE, (*_head(event), parse_rfc3339(data["expires_at"])))
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
    yield Statement(COUNT_NO, (*(event.fields[name] for name in names), event.recorded_at, event.version))


def _ended(state: str) -> Callable[[RecordedEvent], Iterable[Statement]]:
    return lambda event: [Statement(END, (*_head(event), state)), _act(event, state, event.fields["rationale"])]


def _contested(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(CONTEST, (*_head(event), _json(event.fields["claims"])))
    yield _act(event, "lineage_contested", None)


def _contest_decided(event: RecordedEvent) -> Iterable[Statement]:
    verdict = event.fields["verdict"]
    if verdict == "set_aside":
        yield Statement(SET_ASIDE, (*_head(event), _json(event.fields["claims"])))
    else:
        yield Statement(CONFIRM, _head(event))
    yield _act(event, f"lineage_{verdict}", event.fields["rationale"])


def _invalidated(event: RecordedEvent) -> Iterable[Statement]:
    change = {name: event.fields[name] for name in ("field", "old", "new")}
    yield Statement(INVALIDATE, (*_head(event), _json(change)))
    yield _act(event, "invalidated", None)


def _reassigned(event: RecordedEvent) -> Iterable[Statement]:
    names = ("sign_off_id", "absent_id", "person_id", "role", "reassigned_by")
    yield Statement(CHANGE, _head(event))
    yield Statement(REASSIGN, (*(event.fields[name] for name in names), event.recorded_at))
    yield _act(event, "reassigned", event.fields["reason"])


def _commented(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(CHANGE, _head(event))
    yield _act(event, "commented", event.fields["comment"])


def _act(event: RecordedEvent, act: str, text: Mapping[str, str] | None) -> Statement:
    data = event.fields
    said = (text["id"], text["hmac"]) if text else (None, None)
    how = (event.actor, data.get("role"), data.get("token_issuers", []))
    return Statement(ACT, (data["sign_off_id"], event.version, act, *how, *said, event.recorded_at, data.get("on_behalf_of")))


def _head(event: RecordedEvent) -> tuple[Any, ...]:
    return event.fields["sign_off_id"], event.version, event.recorded_at


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


SIGN_OFF_ROWS: Rows = {
    "SignOffRequested": _requested,
    "ApprovalGranted": _granted,
    "ApprovalRevoked": _taken_back,
    "SignOffApproved": _approved,
    "SignOffRejected": _rejected,
    "SignOffWithdrawn": _ended("withdrawn"),
    "SignOffRevoked": _revoked,
    "ArtifactRejected": _counted,
    "LineageContested": _contested,
    "LineageContestDecided": _contest_decided,
    "SignOffInvalidated": _invalidated,
    "SignOffReassigned": _reassigned,
    "CommentAdded": _commented,
}
