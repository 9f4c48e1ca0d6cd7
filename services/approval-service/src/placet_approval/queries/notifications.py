"""How people want to be told."""

from dataclasses import dataclass

import asyncpg

from placet_approval.domain.notification_preferences import MailWanted

__all__ = ["NotificationsView", "read_notifications"]

PREFERENCES = """
    coalesce(f.mail, 'at_once') as mail, coalesce(f.daily_at, 8) as daily_at, coalesce(f.time_zone, 'UTC') as time_zone,
    f.quiet_from, f.quiet_until
"""
READ = f"""
    select {PREFERENCES}, n.email, coalesce(f.version, 0) as version
    from people p left join people_names n using (person_id) left join notification_preferences f using (person_id)
    where p.person_id = $1
"""


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


async def read_notifications(connection: asyncpg.Pool, person_id: str) -> NotificationsView | None:
    """A person's own; None for what is no person."""
    row = await connection.fetchrow(READ, person_id)
    return None if row is None else NotificationsView(**row)
