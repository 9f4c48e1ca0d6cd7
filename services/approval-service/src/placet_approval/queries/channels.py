"""Views of channels: for whom they are, and what became of the last post. None has the address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from placet_approval.domain.channel import ChannelKind, Frequency

__all__ = ["ChannelView", "list_channels", "read_channel"]

CHANNEL = """
    select c.channel_id, c.kind, c.host, c.roles, c.person_id, c.frequency, c.daily_at, c.time_zone, c.quiet_from, c.quiet_until,
           c.added_by, c.added_at, c.changed_at, c.version, p.posted_at, p.status, p.error, s.retry_at
    from ({channels}) c
    left join lateral (select * from channel_posts o where o.channel_id = c.channel_id limit 1) p on true
    left join lateral (select * from telling_states o where o.reader_id = c.channel_id limit 1) s on true
    order by c.channel_id
"""
READ = CHANNEL.format(channels="select * from channels where channel_id = $1")
LIST = CHANNEL.format(channels="select * from channels where channel_id > $1 order by channel_id limit $2")


@dataclass(frozen=True, slots=True)
class ChannelView:
    """One channel: for `roles`, or for a person. `retry_at`: the last post failed, and the next is not before then."""

    channel_id: str
    kind: ChannelKind
    host: str
    roles: Sequence[str]
    person_id: str | None
    frequency: Frequency
    daily_at: int
    time_zone: str
    quiet_from: int | None
    quiet_until: int | None
    added_by: str
    added_at: datetime
    changed_at: datetime
    version: int
    posted_at: datetime | None
    status: int | None
    error: str | None
    retry_at: datetime | None


async def read_channel(connection: asyncpg.Pool, channel_id: str) -> ChannelView | None:
    """By its id."""
    row = await connection.fetchrow(READ, channel_id)
    return None if row is None else ChannelView(**row)


async def list_channels(connection: asyncpg.Pool, after: str, limit: int) -> Sequence[ChannelView]:
    """In the order in which they were added, from the one after id `after`."""
    return [ChannelView(**row) for row in await connection.fetch(LIST, after, limit)]
