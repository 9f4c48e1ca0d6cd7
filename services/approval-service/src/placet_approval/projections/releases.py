"""Rows of releases, from their events; that a sign-off is part of one stands in the sign-off's row."""

from collections.abc import Iterable

from placet_approval.domain.timestamps import parse_rfc3339
from placet_shared.event_store import RecordedEvent, Rows, Statement

__all__ = ["RELEASE_ROWS"]

REQUEST = """
    insert into releases (release_id, name, environment, state, requester_id, requested_at, changed_at, stream_version)
    values ($1, $2, $3, 'pending', $4, $5, $5, $6)
"""
APPROVE = "update releases set stream_version = $2, changed_at = $3, state = 'approved', expires_at = $4 where release_id = $1"
END = """
    update releases set stream_version = $2, changed_at = $3, state = $4, ended_by = $5, ended_with = $6 where release_id = $1
"""


def _requested(event: RecordedEvent) -> Iterable[Statement]:
    names = ("release_id", "name", "environment", "requester_id")
    yield Statement(REQUEST, (*(event.fields[name] for name in names), event.recorded_at, event.version))


def _approved(event: RecordedEvent) -> Iterable[Statement]:
    until = parse_rfc3339(event.fields["expires_at"])
    yield Statement(APPROVE, (event.fields["release_id"], event.version, event.recorded_at, until))


def _ended(event: RecordedEvent) -> Iterable[Statement]:
    ended = (event.fields[name] for name in ("how", "ended_by", "sign_off_id"))
    yield Statement(END, (event.fields["release_id"], event.version, event.recorded_at, *ended))


RELEASE_ROWS: Rows = {"ReleaseRequested": _requested, "ReleaseApproved": _approved, "ReleaseEnded": _ended}
