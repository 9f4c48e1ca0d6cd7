"""Tells people by mail of what waits for them: one process at a time, each sign-off once an occasion, all that is new in one mail.

While the mail server is away nothing else waits, and afterwards each person gets one mail of all that came meanwhile.
"""

import logging
from datetime import UTC, datetime

from placet_approval.domain.waiting_mail import address_mail, waiting_mail
from placet_approval.ports import Mail, MailRefused
from placet_approval.queries.readers import MailReader, mail_readers
from placet_approval.queries.told import new_for
from placet_approval.workers.telling import forget, is_due, note_looked, note_refused, note_told
from placet_shared.event_store import EventStore
from placet_shared.workers import Leading, Loop

__all__ = ["MailWorker"]

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 30.0
# As late as can be: a person may have been erased since the look.
ADDRESS = "select email from people_names join people using (person_id) where person_id = $1 and active"
FORMER = "select person_id, email from former_addresses order by changed_at limit 100"
TOLD_OF_CHANGE = "delete from former_addresses where person_id = $1 and email = $2"


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
        await self._tell_former_addresses()
        now = datetime.now(UTC)
        for one in await mail_readers(self._store.pool):
            if is_due(one.reader, now):
                await self._tell(one)
        await forget(self._store.pool)

    async def _tell_former_addresses(self) -> None:
        """Once, in quiet hours too; one that takes no mail is not tried again."""
        pool = self._store.pool
        for person_id, email in await pool.fetch(FORMER):
            try:
                await self._mail.send(email, address_mail())
            except MailRefused as error:
                logger.warning("person %s is not told of a new address: %s", person_id, error)
            await pool.execute(TOLD_OF_CHANGE, person_id, email)

    async def _tell(self, one: MailReader) -> None:
        pool = self._store.pool
        new = await new_for(pool, one.reader)
        address = await pool.fetchval(ADDRESS, one.reader.reader_id) if new else None
        if address:
            try:
                await self._mail.send(address, waiting_mail(new, self._link))
            except MailRefused as error:
                logger.warning("person %s is not told by mail: %s", one.reader.reader_id, error)
                return await note_refused(pool, one.reader)
            await note_told(pool, one.reader, new)
        await note_looked(pool, one.reader)
