"""Rows of people, service accounts and tokens, from their events; written in the append's transaction."""

from collections.abc import Callable, Iterable
from datetime import datetime

from placet_shared.event_store import RecordedEvent, Rows, Statement

__all__ = ["PEOPLE_ROWS"]

ADD_PERSON = "insert into people (person_id, roles, version, added_at, changed_at) values ($1, $2, $3, $4, $4)"
CHANGE_PERSON_ROLES = "update people set version = $2, changed_at = $3, roles = $4 where person_id = $1"
DEACTIVATE_PERSON = "update people set version = $2, changed_at = $3, active = false where person_id = $1"
ERASE_PERSON = "update people set version = $2, changed_at = $3, erased_at = $3 where person_id = $1"
CHANGE_PERSON = "update people set version = $2, changed_at = $3 where person_id = $1"
FORGET_NAMES = "delete from people_names where person_id = $1"
FORGET_ADDRESSES = "delete from former_addresses where person_id = $1"

ADD_ACCOUNT = """
    insert into service_accounts (account_id, name, roles, version, added_at, changed_at) values ($1, $2, $3, $4, $5, $5)
"""
CHANGE_ACCOUNT_ROLES = "update service_accounts set version = $2, changed_at = $3, roles = $4 where account_id = $1"
DEACTIVATE_ACCOUNT = "update service_accounts set version = $2, changed_at = $3, active = false where account_id = $1"

ISSUE_TOKEN = """
    insert into tokens (token_id, holder_id, holder_kind, token_sha256, expires_at, version, issued_at, issued_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
REVOKE_TOKEN = "update tokens set version = $2, revoked_at = $3, revoked_by = $4, reason_id = $5 where token_id = $1"


def _person_added(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(ADD_PERSON, (event.fields["person_id"], event.fields["roles"], event.version, event.recorded_at))


def _person_erased(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(ERASE_PERSON, _head(event))
    yield Statement(FORGET_NAMES, (event.subject,))
    yield Statement(FORGET_ADDRESSES, (event.subject,))


def _account_added(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    yield Statement(ADD_ACCOUNT, (data["account_id"], data["name"], data["roles"], event.version, event.recorded_at))


def _token_issued(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    expires = data["expires_at"] and datetime.fromisoformat(data["expires_at"])
    values = (data["token_id"], data["holder_id"], data["holder_kind"], data["token_sha256"], expires)
    yield Statement(ISSUE_TOKEN, (*values, event.version, event.recorded_at, event.actor))


def _token_revoked(event: RecordedEvent) -> Iterable[Statement]:
    reason = event.fields["reason"]
    values = (event.fields["token_id"], event.version, event.recorded_at, event.actor, reason and reason["id"])
    yield Statement(REVOKE_TOKEN, values)


def _changes(sql: str) -> Callable[[RecordedEvent], Iterable[Statement]]:
    return lambda event: [Statement(sql, _head(event))]


def _changes_roles(sql: str) -> Callable[[RecordedEvent], Iterable[Statement]]:
    return lambda event: [Statement(sql, (*_head(event), event.fields["roles"]))]


def _head(event: RecordedEvent) -> tuple[str, int | None, datetime]:
    return event.subject, event.version, event.recorded_at


PEOPLE_ROWS: Rows = {
    "PersonAdded": _person_added,
    "PersonRolesChanged": _changes_roles(CHANGE_PERSON_ROLES),
    "PersonAddressChanged": _changes(CHANGE_PERSON),
    "PersonDeactivated": _changes(DEACTIVATE_PERSON),
    "PersonErased": _person_erased,
    "ServiceAccountAdded": _account_added,
    "ServiceAccountRolesChanged": _changes_roles(CHANGE_ACCOUNT_ROLES),
    "ServiceAccountDeactivated": _changes(DEACTIVATE_ACCOUNT),
    "TokenIssued": _token_issued,
    "TokenRevoked": _token_revoked,
}
