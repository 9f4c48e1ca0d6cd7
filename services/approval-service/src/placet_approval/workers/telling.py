"""What mails and posts have in common: who is told now, and what is noted of it.

What one was told of is noted after it was taken from here: a process that is killed in between tells it twice, and none is left out.
"""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from placet_approval.domain.mail_times import is_mail_due
from placet_approval.domain.told import Told
from placet_approval.queries.readers import Reader

__all__ = ["forget", "is_due", "note_looked", "note_refused", "note_told"]

TOLD = """
    with told as (
        insert into told (reader_id, sign_off_id, occasion) select $1, * from unnest($2::text[], $3::text[]) on conflict do nothing
    )
    insert into telling_states (reader_id, sent_at, failures, retry_at) values ($1, clock_timestamp(), 0, null)
    on conflict (reader_id) do update set sent_at = excluded.sent_at, failures = 0, retry_at = null
"""
LOOKED = """
    insert into telling_states (reader_id, looked_at, swept_at) values ($1, $2::timestamptz, case when $3 then $2::timestamptz end)
    on conflict (reader_id) do update set looked_at = excluded.looked_at, swept_at = coalesce(excluded.swept_at, telling_states.swept_at)
"""
REFUSED = """
    insert into telling_states (reader_id, failures, retry_at) values ($1, 1, clock_timestamp() + interval '10 minutes')
    on conflict (reader_id) do update set failures = telling_states.failures + 1,
        retry_at = clock_timestamp() + least(interval '10 minutes' * 2 ^ least(telling_states.failures, 10), interval '1 day')
"""
FORGET = """
    delete from told t where told_at < clock_timestamp() - interval '30 days'
    and not exists (select from sign_offs s where s.sign_off_id = t.sign_off_id and s.state = 'pending')
"""


def is_due(reader: Reader, now: datetime) -> bool:
    """Whether they may be told now; what they are not told now they are told later."""
    return is_mail_due(reader.frequency, reader.times, reader.sent_at, now)


async def note_told(pool: asyncpg.Pool, reader: Reader, told: Sequence[Told]) -> None:
    """They were told of these."""
    await pool.execute(TOLD, reader.reader_id, [one.sign_off_id for one in told], [one.occasion for one in told])


async def note_looked(pool: asyncpg.Pool, reader: Reader) -> None:
    """What changed before is not looked at again."""
    await pool.execute(LOOKED, reader.reader_id, reader.looked_at, reader.swept)


async def note_refused(pool: asyncpg.Pool, reader: Reader) -> None:
    """They are tried again in 10 minutes, then ever later, once a day at last."""
    await pool.execute(REFUSED, reader.reader_id)


async def forget(pool: asyncpg.Pool) -> None:
    """What was told long ago and waits no more."""
    await pool.execute(FORGET)
