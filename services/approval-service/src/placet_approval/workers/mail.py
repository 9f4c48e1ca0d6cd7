"""Tells people by mail of what waits for them: one process at a time, each sign-off once, all that is new in one mail.

What a person was told of is noted after the mail server has taken the mail: a process that is killed in between tells it twice, and none
is left out. While the mail server is away nothing else waits, and afterwards each person gets one mail of all that came meanwhile.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg

from placet_approval.domain.mail_times import is_mail_due
from placet_approval.domain.waiting_mail import Told, waiting_mail
from placet_approval.ports import Mail, MailRefused
from placet_approval.queries.inbox import read_inbox
from placet_approval.queries.inbox_views import ToSign
from placet_approval.queries.notifications import MailReader, already_mailed, mail_readers
from placet_shared.event_store import EventStore
from placet_shared.workers import Leading, Loop

__all__ = ["MailWorker"]

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 30.0
AT_ONCE = 100
NOTE = """
    with told as (
        insert into mailed (person_id, sign_off_id) select $1, unnest($2::text[]) on conflict do nothing
    )
    insert into mail_states (person_id, sent_at, failures, retry_at) values ($1, clock_timestamp(), 0, null)
    on conflict (person_id) do update set sent_at = excluded.sent_at, failures = 0, retry_at = null
"""
REFUSED = """
    insert into mail_states (person_id, failures, retry_at) values ($1, 1, clock_timestamp() + interval '10 minutes')
    on conflict (person_id) do update set failures = mail_states.failures + 1,
        retry_at = clock_timestamp() + least(interval '10 minutes' * 2 ^ least(mail_states.failures, 10), interval '1 day')
"""
FORGET = """
    delete from mailed m where mailed_at < clock_timestamp() - interval '30 days'
    and not exists (select from sign_offs s where s.sign_off_id = m.sign_off_id and s.state = 'pending')
"""


class MailWorker:
    """`link` stands at the end of each mail."""

    def __init__(self, store: EventStore, mail: Mail, link: str | None) -> None:
        self._store = store
        self._mail = mail
        self._link = link
        leading = Leading(store.url, store.schema, store.source, "mail")
        self.loop = Loop("mail to people", self.tell, every_seconds=LOOK_EVERY_SECONDS, leading=leading)

    async def tell(self) -> None:
        """Everyone who has something new and wants it now; raises `Unavailable` when the mail server can't be used."""
        now = datetime.now(UTC)
        for reader in await mail_readers(self._store.pool):
            if is_mail_due(reader.mail, reader.times, reader.sent_at, now):
                await self._tell(reader)
        await self._store.pool.execute(FORGET)

    async def _tell(self, reader: MailReader) -> None:
        pool, person_id = self._store.pool, reader.actor.id
        waiting = (await read_inbox(pool, reader.actor, AT_ONCE)).to_sign
        known = await already_mailed(pool, person_id, [one.sign_off.id for one in waiting])
        new = [one for one in waiting if one.sign_off.id not in known]
        if not new:
            return
        try:
            await self._mail.send(reader.email, waiting_mail([_told(one) for one in new], self._link))
        except MailRefused as error:
            logger.warning("person %s is not told by mail: %s", person_id, error)
            await pool.execute(REFUSED, person_id)
        else:
            await _note(pool, person_id, [one.sign_off.id for one in new])


async def _note(pool: asyncpg.Pool, person_id: str, sign_offs: Sequence[str]) -> None:
    await pool.execute(NOTE, person_id, list(sign_offs))


def _told(one: ToSign) -> Told:
    about = one.sign_off
    model = f"{about.model or about.model_id}/{about.number}"
    return Told(about.id, model, about.environment, one.roles, one.policy_version, one.runs_now, one.approved_until)
