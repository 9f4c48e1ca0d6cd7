"""Who may be told now of what waits: people by mail, channels by posts, each with the sign-offs that changed since the last look.

One query gives all of them, however many there are: of those for whom nothing changed nothing more is read. Once a day, and when the roles
in which they may sign have changed, it looks back further: a person may come to sign what has not changed itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from placet_approval.domain.channel import ChannelKind
from placet_approval.domain.mail_times import MailTimes
from placet_shared.access import Actor

__all__ = ["AT_ONCE", "ChannelReader", "MailReader", "Reader", "channel_readers", "mail_readers"]

# Of one reader and look, the last ones that changed; their inbox has all.
AT_ONCE = 100
# So far back at most.
WINDOW = 10_000
# Longer than a transaction that appends may take: what it wrote has a time before its commit.
OVERLAP = timedelta(seconds=10)

# What changed for a person themself, and the roles in which others let them sign.
PERSON = """
    p.roles || array(select unnest(d.roles) from delegations d where d.delegate_id = p.person_id and d.ended_at is null
                       and d.starts_at <= clock_timestamp() and clock_timestamp() < d.ends_at)
            || array(select role from reassignments r where r.person_id = p.person_id) as asked_in,
    greatest(p.changed_at, (select max(greatest(d.starts_at, d.granted_at)) from delegations d
                            where d.delegate_id = p.person_id and d.ended_at is null and d.starts_at <= clock_timestamp())) as moved_at
"""
TIMES = """
    coalesce(f.mail, 'at_once') as frequency, coalesce(f.daily_at, 8) as daily_at, coalesce(f.time_zone, 'UTC') as time_zone,
    f.quiet_from, f.quiet_until
"""
PEOPLE = f"""
    select p.person_id as reader_id, p.person_id, p.roles, n.email, {PERSON}, {TIMES}
    from people p join people_names n using (person_id) left join notification_preferences f using (person_id)
    where p.active and n.email is not null and coalesce(f.mail, 'at_once') <> 'off'
"""
CHANNELS = f"""
    select c.channel_id as reader_id, c.person_id, c.kind, a.url, p.roles, {PERSON}, {TIMES}
    from channels c join channel_addresses a using (channel_id) join people p on p.person_id = c.person_id and p.active
    left join notification_preferences f on f.person_id = c.person_id
    where coalesce(f.mail, 'at_once') <> 'off'
    union all
    select c.channel_id, null, c.kind, a.url, c.roles, c.roles, c.added_at, c.frequency, c.daily_at, c.time_zone, c.quiet_from,
           c.quiet_until
    from channels c join channel_addresses a using (channel_id) where c.person_id is null
"""
READERS = """
    with readers as ({readers}), looking as (
        select r.*, t.sent_at, t.looked_at,
               case when t.swept_at > clock_timestamp() - interval '1 day' and r.moved_at <= t.swept_at then t.looked_at end as since
        from readers r left join telling_states t using (reader_id)
        where t.retry_at is null or t.retry_at <= clock_timestamp()
    ), found as (
        select l.*, clock_timestamp() as read_at, array(
            select o.sign_off_id from (
                select * from sign_offs where state = 'pending' and changed_at > coalesce(l.since, '-infinity')
                order by changed_at desc limit $2) o
            where jsonb_path_query_array(o.signatures, '$[*].any_of[*]') ?| l.asked_in
               or jsonb_path_query_array(o.feedback_terms, '$[*].any_of[*]') ?| l.asked_in or o.escalate_to = any (l.asked_in)
            limit $1) as ids
        from looking l where l.asked_in <> '{{}}'
    )
    select * from found where ids <> '{{}}' or since is null or since < clock_timestamp() - interval '1 hour' order by reader_id
"""
MAIL = READERS.format(readers=PEOPLE)
POSTS = READERS.format(readers=CHANNELS)


@dataclass(frozen=True, slots=True)
class Reader:
    """One who is told, and `ids`, which may wait for them; after this look all before `looked_at` was looked at."""

    reader_id: str
    person: Actor | None
    roles: frozenset[str]
    frequency: str
    times: MailTimes
    sent_at: datetime | None
    ids: Sequence[str]
    looked_at: datetime
    swept: bool


@dataclass(frozen=True, slots=True)
class MailReader:
    """A person with an address."""

    reader: Reader
    email: str


@dataclass(frozen=True, slots=True)
class ChannelReader:
    """A channel with its address."""

    reader: Reader
    kind: ChannelKind
    url: str


async def mail_readers(connection: asyncpg.Pool) -> Sequence[MailReader]:
    """Those for whom something changed, or who were not looked at for long."""
    return [MailReader(_reader(row), row["email"]) for row in await connection.fetch(MAIL, AT_ONCE, WINDOW)]


async def channel_readers(connection: asyncpg.Pool) -> Sequence[ChannelReader]:
    """Likewise."""
    return [ChannelReader(_reader(row), row["kind"], row["url"]) for row in await connection.fetch(POSTS, AT_ONCE, WINDOW)]


def _reader(row: asyncpg.Record) -> Reader:
    roles = frozenset(row["roles"])
    return Reader(
        row["reader_id"],
        Actor(id=row["person_id"], kind="person", roles=roles, token_id="") if row["person_id"] else None,
        roles,
        row["frequency"],
        MailTimes(row["daily_at"], row["time_zone"], row["quiet_from"], row["quiet_until"]),
        row["sent_at"],
        row["ids"],
        row["read_at"] - OVERLAP,
        row["since"] is None,
    )
