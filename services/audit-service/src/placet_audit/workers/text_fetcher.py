"""Fetches one source's noted texts from its feed, on which texts travel also where a broker brings the events.

1. Texts that are due are asked for by their ids.
2. A text is kept only if it is the one to which the event commits,
3. and only while its row says nothing of an erasure: whatever erases it locks the row too.
4. What the source does not have, or sent otherwise, is asked for again later.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import asyncpg

from placet_shared.bus.ports import CarriedText, TextSource
from placet_shared.counted_warnings import CountedWarning
from placet_shared.event_store.texts import commits_to
from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.meters import Attributes, Meters, Record
from placet_shared.workers import Loop

__all__ = ["TEXTS_DROPPED", "TEXTS_MISSING", "TextFetcher", "texts_missing"]

logger = logging.getLogger(__name__)

TEXTS_MISSING = Instrument(
    "placet.audit.texts.missing", "gauge", "{text}", "Texts that entries commit to and that are neither here nor erased.", ("source",)
)
TEXTS_DROPPED = Instrument(
    "placet.audit.texts.dropped", "counter", "{text}", "Texts that a source did not send as its events say.", ("source", "reason")
)  # fmt: skip

EVERY_SECONDS = 30.0
PAGE = 20
MISSING = "select source, count(*) as number from source_texts where body is null and erased_at is null group by source"
DUE = """
    select text_id::text as id, hmac from source_texts
    where source = $1 and body is null and erased_at is null and due_at <= clock_timestamp()
    order by due_at limit $2
"""
KEEP = """
    update source_texts set salt = $3, body = $4
    where source = $1 and text_id = $2::uuid and hmac = $5 and body is null and erased_at is null
"""
# Twice as long each time, from a minute to a day.
LATER = """
    update source_texts
    set attempts = attempts + 1, due_at = clock_timestamp() + least(interval '1 minute' * 2 ^ least(attempts, 11), interval '1 day')
    where source = $1 and text_id = any ($2::uuid[]) and body is null and erased_at is null
"""


@dataclass(frozen=True, slots=True)
class _Due:
    """A text that is to be fetched, and the commitment to it."""

    id: str
    hmac: str


class TextFetcher:
    """Any number of processes may have one for the same source: a text is kept once."""

    def __init__(self, pool: asyncpg.Pool, source: TextSource) -> None:
        self._pool = pool
        self._source = source
        self._dropped: Record = lambda number, attributes: None
        self._warning = CountedWarning(logger, f"texts of {source.name} are not kept")
        self.loop = Loop(f"texts of {source.name}", self.work, every_seconds=EVERY_SECONDS)

    def measure(self, meters: Meters) -> None:
        """Export the number of dropped texts as a metric."""
        self._dropped = meters.counter(TEXTS_DROPPED)

    async def work(self) -> None:
        """All that is due; raises `Unavailable` while the source is away."""
        while due := await self._due():
            sent = await self._source.texts([one.id for one in due])  # 1
            failed = [one.id for one in due if not await self._keep(one, sent.get(one.id))]
            if failed:
                await self._pool.execute(LATER, self._source.name, failed)  # 4
        self._warning.tell()

    async def _due(self) -> Sequence[_Due]:
        return [_Due(row["id"], row["hmac"]) for row in await self._pool.fetch(DUE, self._source.name, PAGE)]

    async def _keep(self, due: _Due, text: CarriedText | None) -> bool:
        """Whether the source has sent the text itself; it is not kept if it is erased meanwhile."""
        if text is None or text.salt is None or text.body is None:
            self._drop(due, "absent")  # erased there, as an event will say, or of a branch that the source has lost
            return False
        if not _is_meant(due, text.salt, text.body):  # 2
            self._drop(due, "mismatch")
            return False
        await self._pool.execute(KEEP, self._source.name, due.id, text.salt, text.body, due.hmac)  # 3
        return True

    def _drop(self, due: _Due, reason: Literal["absent", "mismatch"]) -> None:
        self._dropped(1, {"source": self._source.name, "reason": reason})
        self._warning.happened(f"{due.id} ({reason})")


def _is_meant(due: _Due, salt: bytes, body: str) -> bool:
    """What is no text for PostgreSQL is none that a source could have written."""
    try:
        return "\0" not in body and commits_to(due.hmac, salt, body)
    except UnicodeEncodeError:
        return False


async def texts_missing(pool: asyncpg.Pool) -> list[tuple[float, Attributes]]:
    """By source."""
    return [(row["number"], {"source": row["source"]}) for row in await pool.fetch(MISSING)]
