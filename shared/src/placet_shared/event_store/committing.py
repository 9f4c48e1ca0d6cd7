"""Commits batches over one connection, through its failures.

A batch that the database refuses because of one command's values is replayed one by one, so that the culprit fails alone
(rule 10). A connection lost in the middle is made again, and the outcome of the batch is looked up (rule 13).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from placet_shared.errors import Unavailable
from placet_shared.event_store.appending import append_batch, find_committed
from placet_shared.event_store.disk import Disk
from placet_shared.event_store.event_registry import EventRegistry
from placet_shared.event_store.records import Append, AppendResult
from placet_shared.postgres.connections import close
from placet_shared.postgres.errors import (
    DATABASE_ERRORS,
    Meaning,
    disk_full,
    is_disk_full,
    is_passing,
    leaves_connection_unusable,
    meaning_of,
)

__all__ = ["BRIEF_TRANSACTIONS", "STEADY_PLANS", "Committer", "Connect"]

logger = logging.getLogger(__name__)

Connect = Callable[[], Awaitable[asyncpg.Connection]]

# For the sessions of writer and loader. A plan is made when the tables are still empty and kept when they have millions of
# rows: left to choice it would read whole tables then, or be made anew for each batch because batches differ in size.
STEADY_PLANS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
# For the sessions of the writer. Of a process that is stopped in the middle of a batch, one lane holds the append lock until the
# server ends its session, and then the other lane gets it, which waited behind it: together they have five seconds (rule 12).
BRIEF_TRANSACTIONS = {"idle_in_transaction_session_timeout": "2s"}
RECONNECT_DELAYS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0)


class Committer:
    """One connection, made for the first batch; one batch at a time."""

    def __init__(self, connect: Connect, event_registry: EventRegistry, disk: Disk) -> None:
        self._connect = connect
        self._event_registry = event_registry
        self._disk = disk
        self._connection: asyncpg.Connection | None = None

    async def close(self) -> None:
        """Disconnect."""
        if self._connection:
            await close(self._connection)

    async def commit(self, batch: Sequence[Append]) -> Sequence[AppendResult | Exception]:
        """The result of each command, an error for one that is to blame; raises errors that concern all of them."""
        try:
            return await self._commit_together(batch)
        except Exception as error:
            if not _names_a_culprit(error):
                raise
            if len(batch) == 1:
                return [error]
        logger.info("a batch of %s was refused and is replayed one by one", len(batch))
        return [(await self.commit([append]))[0] for append in batch]

    async def _commit_together(self, batch: Sequence[Append]) -> list[AppendResult]:
        """Commit, through lost connections and passing errors of the server, or raise."""
        unknown = False
        for delay in RECONNECT_DELAYS:
            await asyncio.sleep(delay)
            try:
                connection = await self._live_connection()
                if unknown and (found := await find_committed(connection, batch)):
                    return found
                unknown = True
                return await self._append(connection, batch)
            except DATABASE_ERRORS as error:
                if not is_passing(error):
                    raise
                self._drop_if_stuck(error)
                logger.warning("the event store is out of reach: %s", error)
        raise Unavailable("the event store can't be reached; whether the command took effect is not known", code="store_unreachable")

    async def _append(self, connection: asyncpg.Connection, batch: Sequence[Append]) -> list[AppendResult]:
        """Raises `Unavailable` at once when the disk is full: a second later it will be so too, and nothing was written."""
        try:
            results = await append_batch(connection, self._event_registry, batch)
        except DATABASE_ERRORS as error:
            if not is_disk_full(error):
                raise
            self._disk.full = True
            logger.error("the disk of the event store is full: %s", error)
            raise disk_full() from error
        self._disk.full = False
        return results

    def _drop_if_stuck(self, error: Exception) -> None:
        """After a time-out, or an answer that the driver does not understand, the next answer may be of an earlier statement."""
        if leaves_connection_unusable(error) and self._connection:
            self._connection.terminate()

    async def _live_connection(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connect()
        return self._connection


def _names_a_culprit(error: Exception) -> bool:
    """Whether one command's own values are to blame: refused by the database, by the driver, or by the code that projects its events."""
    return meaning_of(error) in (Meaning.VALUES, Meaning.FOREIGN) and not isinstance(error, Unavailable)
