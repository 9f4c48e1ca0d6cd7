"""Events of branches that a source lost in a restore: the log has them, the source does not."""

from collections.abc import Sequence

import asyncpg

from placet_audit.queries.entries import LogEntry, log_entry

__all__ = ["lost_events"]

# A source may have returned to a branch that it had lost before: only the source knows which of these events it has. All that it sent
# after an event that it has kept, until the fork was found, was of a branch that it lost, at any position.
LOST = """
    with branches as (
        select f.found_at_index, coalesce((
            select min(e.index) from entries e
            where e.source = f.source and e.position = f.kept_position and (f.kept_id is null or e.event_id = f.kept_id)
        ), -1) as kept_at_index
        from forks f where f.source = $1
    )
    select distinct e.* from branches b cross join lateral (
        select e.*, e.stream_version as version, e.event_id as id from entries e
        where (e.source, e.index) > ($1, greatest(b.kept_at_index, $2)) and (e.source, e.index) <= ($1, b.found_at_index)
        order by e.source, e.index limit $3
    ) e order by e.index limit $3
"""


async def lost_events(connection: asyncpg.Pool, source: str, after: int, limit: int) -> Sequence[LogEntry]:
    """In the order of the log, after an index."""
    return [log_entry(row) for row in await connection.fetch(LOST, source, after, limit)]
