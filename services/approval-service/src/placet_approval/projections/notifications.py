"""Rows of how people want to be told, from their events."""

from collections.abc import Iterable

from placet_shared.event_store import RecordedEvent, Rows, Statement

__all__ = ["NOTIFICATION_ROWS"]

CHANGE = """
    insert into notification_preferences (person_id, mail, daily_at, time_zone, quiet_from, quiet_until, changed_at, version)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (person_id) do update set mail = excluded.mail, daily_at = excluded.daily_at, time_zone = excluded.time_zone,
        quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, changed_at = excluded.changed_at, version = excluded.version
"""


def _changed(event: RecordedEvent) -> Iterable[Statement]:
    names = ("person_id", "mail", "daily_at", "time_zone", "quiet_from", "quiet_until")
    yield Statement(CHANGE, (*(event.fields[name] for name in names), event.recorded_at, event.version))


NOTIFICATION_ROWS: Rows = {"NotificationPreferencesChanged": _changed}
