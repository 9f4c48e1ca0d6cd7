"""The events that are not in the topic yet, by the store's own database: every process can report them, whichever one relays."""

from dataclasses import dataclass

import asyncpg

__all__ = ["Backlog", "backlog_of"]

# Positions have no gaps. A store that was restored may end before what was relayed of its lost branch.
READ = """
    with relayed as (select coalesce((select position from relay_checkpoints where topic = $1), 0) as position)
    select greatest((select coalesce(max(position), 0) from events) - relayed.position, 0) as events,
           coalesce((select greatest(extract(epoch from clock_timestamp() - recorded_at), 0) from events
                     where position > relayed.position order by position limit 1), 0)::float8 as seconds
    from relayed
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many events, and how long ago the oldest of them was recorded."""

    events: int
    seconds: float


async def backlog_of(pool: asyncpg.Pool, topic: str) -> Backlog:
    """As of now; a topic that is filled again lacks old events, so that the seconds may be years."""
    row = await pool.fetchrow(READ, topic)
    return Backlog(row["events"], row["seconds"])
