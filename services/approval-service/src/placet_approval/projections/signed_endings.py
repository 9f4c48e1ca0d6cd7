"""Rows of when a signed sign-off ends, one for each signer, from the events of sign-offs; what signers are told of is read from them."""

from datetime import datetime

from placet_approval.domain.timestamps import parse_rfc3339
from placet_shared.event_store import RecordedEvent, Rows, Statement
from placet_shared.event_store.event_registry import Project

__all__ = ["with_signed_endings"]

ENDS = """
    insert into signed_endings (person_id, sign_off_id, ended_at)
    select person_id, sign_off_id, $2 from approvals where sign_off_id = $1
    on conflict (sign_off_id, person_id) do update set ended_at = excluded.ended_at
"""
ENDED = frozenset({"SignOffRejected", "SignOffWithdrawn", "SignOffRevoked", "SignOffInvalidated"})


def with_signed_endings(rows: Rows) -> Rows:
    """These rows and, after them, those of endings: they are of the signatures that the rows have."""
    return {type_: _followed_by_endings(type_, rows_of) for type_, rows_of in rows.items()}


def _followed_by_endings(type_: str, rows_of: Project) -> Project:
    if type_ == "SignOffApproved":
        return lambda event: [*rows_of(event), _ends(event, parse_rfc3339(event.fields["expires_at"]))]
    if type_ in ENDED:
        return lambda event: [*rows_of(event), _ends(event, event.recorded_at)]
    return rows_of


def _ends(event: RecordedEvent, at: datetime) -> Statement:
    return Statement(ENDS, (event.fields["sign_off_id"], at))
