"""How people want to be told, and who may be sent mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from placet_approval.domain.mail_times import MailTimes
from placet_approval.domain.notification_preferences import MailWanted
from placet_shared.access import Actor

__all__ = ["MailReader", "NotificationsView", "already_mailed", "mail_readers", "read_notifications"]

PREFERENCES = """
    coalesce(f.mail, 'at_once') as mail, coalesce(f.daily_at, 8) as daily_at, coalesce(f.time_zone, 'UTC') as time_zone,
    f.quiet_from, f.quiet_until
"""
READ = f"""
    select {PREFERENCES}, n.email, coalesce(f.version, 0) as version
    from people p left join people_names n using (person_id) left join notification_preferences f using (person_id)
    where p.person_id = $1
"""
# Those who hold a role that a policy in force asks for, and whose mails the server does not refuse just now.
READERS = f"""
    select p.person_id, p.roles, n.email, s.sent_at, {PREFERENCES}
    from people p join people_names n using (person_id)
    left join notification_preferences f using (person_id) left join mail_states s using (person_id)
    where p.active and n.email is not null and coalesce(f.mail, 'at_once') <> 'off'
      and (s.retry_at is null or s.retry_at <= clock_timestamp())
      and p.roles && array(
          select jsonb_path_query(c.content, '$.signatures[*].any_of[*]') #>> '{{}}' from policies c where c.in_question)
    order by p.person_id
"""
MAILED = "select sign_off_id from mailed where person_id = $1 and sign_off_id = any ($2)"


@dataclass(frozen=True, slots=True)
class NotificationsView:
    """How a person is told; `email` is where to, null when no address is known."""

    mail: MailWanted
    daily_at: int
    time_zone: str
    quiet_from: int | None
    quiet_until: int | None
    email: str | None
    version: int


@dataclass(frozen=True, slots=True)
class MailReader:
    """A person who may be sent mail, with the time of the last one."""

    actor: Actor
    email: str
    mail: str
    times: MailTimes
    sent_at: datetime | None


async def read_notifications(connection: asyncpg.Pool, person_id: str) -> NotificationsView | None:
    """A person's own; None for what is no person."""
    row = await connection.fetchrow(READ, person_id)
    return None if row is None else NotificationsView(**row)


async def mail_readers(connection: asyncpg.Pool) -> Sequence[MailReader]:
    """Everyone whose signature a policy may ask for and who may be sent mail."""
    return [
        MailReader(
            Actor(id=row["person_id"], kind="person", roles=frozenset(row["roles"]), token_id=""),
            row["email"],
            row["mail"],
            MailTimes(row["daily_at"], row["time_zone"], row["quiet_from"], row["quiet_until"]),
            row["sent_at"],
        )
        for row in await connection.fetch(READERS)
    ]


async def already_mailed(connection: asyncpg.Pool, person_id: str, sign_offs: Sequence[str]) -> frozenset[str]:
    """Those of these that the person was told of."""
    return frozenset(row["sign_off_id"] for row in await connection.fetch(MAILED, person_id, list(sign_offs)))
