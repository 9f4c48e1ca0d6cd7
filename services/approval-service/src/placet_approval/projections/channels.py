"""Rows of channels, from their events; the address is kept beside, by the command that has it, and goes with the channel."""

from collections.abc import Iterable

from placet_shared.event_store import RecordedEvent, Rows, Statement

__all__ = ["CHANNEL_ROWS"]

ADD = """
    insert into channels (channel_id, kind, host, roles, person_id, frequency, daily_at, time_zone, quiet_from, quiet_until, added_by,
                          added_at, changed_at, version)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13)
"""
TEST = "update channels set version = $2, changed_at = $3, tested_at = $3 where channel_id = $1"
REMOVE = "delete from channels where channel_id = $1"
NAMES = ("channel_id", "kind", "host", "roles", "person_id", "frequency", "daily_at", "time_zone", "quiet_from", "quiet_until")


def _added(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(ADD, (*(event.fields[name] for name in NAMES), event.actor, event.recorded_at, event.version))


def _tested(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(TEST, (event.fields["channel_id"], event.version, event.recorded_at))


def _removed(event: RecordedEvent) -> Iterable[Statement]:
    yield Statement(REMOVE, (event.fields["channel_id"],))


CHANNEL_ROWS: Rows = {"ChannelAdded": _added, "ChannelTested": _tested, "ChannelRemoved": _removed}
