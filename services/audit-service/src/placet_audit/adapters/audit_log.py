"""The audit log in PostgreSQL; its one way in is the `log_entries` function."""

from collections.abc import Sequence

import asyncpg

from placet_shared.bus.cursors import Cursor
from placet_shared.event_store import RecordedEvent

__all__ = ["PostgresAuditLog"]

MOST_ENTRIES = 2**63 - 1
LOG_ENTRIES = f"select log_entries({', '.join(f'${number}' for number in range(1, 19))})"
# Compared as pairs, since the planner would read all of the log backwards for a source without recent events.
LAST_OF = """
    select epoch, position, event_id::text as id from (
        select * from entries where (source, index) <= ($1, $2) order by source desc, index desc limit 1
    ) last where source = $1
"""
# A branch ends where the source is now, or where it was found to be lost.
LOST_ENDS = "select max(lost_position) from forks where source = $1"
# First by the position, which is at most one event a source and branch.
ALL_AT = """
    with there as materialized (select source, index, epoch, position, event_id from entries where position = $2)
    select epoch, position, event_id::text as id from there where source = $1 order by index desc
"""
RECORD_FORK = """
    insert into forks (source, found_at_index, lost_epoch, lost_position, lost_id, kept_epoch, kept_position, kept_id)
    values ($1, (select coalesce(max(index), -1) from entries), $2, $3, $4, $5, $6, $7)
"""


class PostgresAuditLog:
    """An `AuditLog`."""

    async def append(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        """In one call, for any number of entries."""
        columns = zip(*map(_columns, events), strict=True)
        await connection.execute(LOG_ENTRIES, *[list(column) for column in columns])

    async def last_of(self, connection: asyncpg.Connection, source: str) -> Cursor | None:
        """By the log's index: after a restore that is not the highest position."""
        row = await connection.fetchrow(LAST_OF, source, MOST_ENTRIES)
        return _cursor(row) if row else None

    async def highest_of(self, connection: asyncpg.Connection, source: str) -> int:
        """Of all branches."""
        last, lost = await self.last_of(connection, source), await connection.fetchval(LOST_ENDS, source)
        return max(last.position if last else 0, lost or 0)

    async def all_at(self, connection: asyncpg.Connection, source: str, position: int) -> Sequence[Cursor]:
        """One per branch."""
        return [_cursor(row) for row in await connection.fetch(ALL_AT, source, position)]

    async def record_fork(self, connection: asyncpg.Connection, source: str, lost: Cursor, kept: Cursor) -> None:
        """Found where the log ends now."""
        await connection.execute(RECORD_FORK, source, *_columns_of(lost), *_columns_of(kept))


def _columns(event: RecordedEvent) -> Sequence[object]:
    return (
        event.source, event.epoch, event.position, event.id, event.prev, event.stream, event.version, event.type,
        event.schema_version, event.subject, event.actor, event.on_behalf_of, event.correlation, event.causation,
        event.traceparent, event.occurred_at, event.recorded_at, event.data,
    )  # fmt: skip


def _columns_of(place: Cursor) -> Sequence[object]:
    return place.epoch, place.position, place.event_id


def _cursor(row: asyncpg.Record) -> Cursor:
    return Cursor(row["epoch"], row["position"], row["id"])
