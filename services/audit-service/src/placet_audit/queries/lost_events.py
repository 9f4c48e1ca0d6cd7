"""What a source did on branches that it has lost in a restore: the log has it, the source has not."""

from collections.abc import Sequence

import asyncpg

from placet_audit.queries.entries import LogEntry, log_entry

__all__ = ["lost_events"]

# A source may have come back to a branch that it had lost before: it knows best which of these it has.
LOST = """
    select distinct e.*, e.stream_version as version, e.event_id as id
    from forks f join entries e on e.source = f.source and e.position > f.kept_position and e.index <= f.found_at_index
    where f.source = $1 and e.index > $2 order by e.index limit $3
"""


async def lost_events(connection: asyncpg.Pool, source: str, after: int, limit: int) -> Sequence[LogEntry]:
    """In the order of the log, after an index."""
    return [log_entry(row) for row in await connection.fetch(LOST, source, after, limit)]
