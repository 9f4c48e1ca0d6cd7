"""Rows of webhooks, from their events; address and secrets are kept beside, by the commands that have them."""

from collections.abc import Callable, Iterable

from placet_shared.event_store import RecordedEvent, Rows, Statement

__all__ = ["WEBHOOK_ROWS"]

ADD = """
    insert into webhooks (webhook_id, host, types, enabled, added_by, added_at, changed_at, version)
    values ($1, $2, $3, true, $4, $5, $5, $6)
"""
CHANGE = "update webhooks set version = $2, changed_at = $3 where webhook_id = $1"
ENABLE = "update webhooks set version = $2, changed_at = $3, enabled = true, disabled_because = null where webhook_id = $1"
DISABLE = "update webhooks set version = $2, changed_at = $3, enabled = false, disabled_because = $4 where webhook_id = $1"


def _added(event: RecordedEvent) -> Iterable[Statement]:
    data = event.fields
    yield Statement(ADD, (data["webhook_id"], data["host"], data["types"], event.actor, event.recorded_at, event.version))


def _disabled(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(DISABLE, (event.fields["webhook_id"], event.version, event.recorded_at, event.fields["because"]))


def _changes(sql: str) -> Callable[[RecordedEvent], Iterable[Statement]]:
    return lambda event: [Statement(sql, (event.fields["webhook_id"], event.version, event.recorded_at))]


WEBHOOK_ROWS: Rows = {
    "WebhookAdded": _added,
    "WebhookSecretRotated": _changes(CHANGE),
    "WebhookDisabled": _disabled,
    "WebhookEnabled": _changes(ENABLE),
    "WebhookPinged": _changes(CHANGE),
    "WebhookRedeliveryRequested": _changes(CHANGE),
}
