"""Rows of the access policy and of changes of access that wait or waited for a second admin, from their events."""

from collections.abc import Callable, Iterable

import orjson

from placet_shared.event_store import RecordedEvent, Rows, Statement

__all__ = ["ACCESS_ROWS"]

DEFINE = "insert into access_policies (version, two_admins, defined_by, defined_at) values ($1, $2, $3, $4)"
PROPOSE = """
    insert into access_changes (change_id, kind, person_id, roles, token_id, two_admins, state, proposed_by, proposed_at, version, policy)
    values ($1, $2, $3, $4, $5, $6, 'proposed', $7, $8, $9, $10)
"""
CLOSE = "update access_changes set state = $2, decided_by = $3, decided_at = $4, version = $5 where change_id = $1"


def _defined(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(DEFINE, (event.fields["version"], event.fields["two_admins"], event.actor, event.recorded_at))


def _proposed(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    token = data["token"] and data["token"]["token_id"]
    policy = data["policy"] and orjson.dumps(data["policy"]).decode()
    what = (data["change_id"], data["kind"], data["person_id"], data["roles"], token, data["two_admins"])
    yield Statement(PROPOSE, (*what, data["proposed_by"], event.recorded_at, event.version, policy))


def _closed(state: str) -> Callable[[RecordedEvent], Iterable[Statement]]:
    return lambda event: [Statement(CLOSE, (event.fields["change_id"], state, event.actor, event.recorded_at, event.version))]


ACCESS_ROWS: Rows = {
    "AccessPolicyDefined": _defined,
    "AccessChangeProposed": _proposed,
    "AccessChangeConfirmed": _closed("confirmed"),
    "AccessChangeWithdrawn": _closed("withdrawn"),
}
