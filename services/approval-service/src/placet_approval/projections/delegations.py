"""Rows of delegations, from their events."""

from collections.abc import Iterable

from placet_approval.domain.timestamps import parse_rfc3339
from placet_shared.event_store import RecordedEvent, Rows, Statement

__all__ = ["DELEGATION_ROWS"]

GRANT = """
    insert into delegations (delegation_id, delegator_id, delegate_id, roles, environments, models, starts_at, ends_at, granted_at,
                             reason_id, version)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
END = "update delegations set version = $2, ended_at = $3, ended_by = $4 where delegation_id = $1"


def _granted(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    names = ("delegation_id", "delegator_id", "delegate_id", "roles", "environments", "models")
    times = (parse_rfc3339(data["starts_at"]), parse_rfc3339(data["ends_at"]), event.recorded_at)
    yield Statement(GRANT, (*(data[name] for name in names), *times, data["reason"]["id"], event.version))


def _ended(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(END, (event.fields["delegation_id"], event.version, event.recorded_at, event.fields["ended_by"]))


DELEGATION_ROWS: Rows = {"DelegationGranted": _granted, "DelegationEnded": _ended}
