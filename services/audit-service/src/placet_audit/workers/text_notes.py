"""Reads the log for texts: notes those that its entries commit to, and erases those that an entry says are erased (rule 24).

It waits for no source: an erasure has its effect when it is in the log, whether or not the text has arrived.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson

from placet_audit.domain import marks
from placet_audit.domain.commitments import TEXT_ID, commitments_in
from placet_audit.projections.marks import lock_mark, move_mark
from placet_audit.queries.views import log_head
from placet_shared.workers import Loop

__all__ = ["TextNotes"]

POLL_SECONDS = 1.0
BATCH = 5_000
ERASURE = "TextErased"
# A commitment's member is looked for in the bytes: few entries commit to a text, and only those are read.
SAYING = f"""
    select source, type, data from entries
    where index > $1 and index <= $2 and (type = '{ERASURE}' or position('"hmac"'::bytea in data) > 0)
    order by index
"""
NOTE = """
    insert into source_texts (source, text_id, hmac)
    select * from unnest($1::text[], $2::uuid[], $3::text[])
    on conflict (source, text_id) do nothing
"""
# A row is made where there is none, so that a text that arrives later is not kept. One time for all rows: one that comes twice is one.
ERASE = """
    insert into source_texts (source, text_id, erased_at)
    select distinct source, text_id, statement_timestamp() from unnest($1::text[], $2::uuid[]) e(source, text_id)
    on conflict (source, text_id) do update set salt = null, body = null, erased_at = excluded.erased_at
    where source_texts.erased_at is null
"""


@dataclass(frozen=True, slots=True)
class _Said:
    """What some entries say about texts."""

    noted: list[tuple[str, str, str]] = field(default_factory=list)
    erased: list[tuple[str, str]] = field(default_factory=list)

    def take(self, source: str, type_: str, data: bytes) -> None:
        """One entry; passes over what can't be read."""
        fields = _fields(data)
        if type_ == ERASURE:
            text_id = fields.get("text_id")
            if isinstance(text_id, str) and TEXT_ID.fullmatch(text_id):
                self.erased.append((source, text_id))
        self.noted.extend((source, said.text_id, said.hmac) for said in commitments_in(fields).values())


class TextNotes:
    """Of one process; of several, the mark's row lock lets one work at a time.

    `level` names the sources of which no event is known to be missing here; `noted` is called when there may be texts to fetch.
    """

    def __init__(self, pool: asyncpg.Pool, level: Callable[[], Collection[str]], noted: Callable[[], None] = lambda: None) -> None:
        self._pool = pool
        self._level = level
        self._noted = noted
        self.settled: frozenset[str] = frozenset()
        """Sources whose erasures, up to some moment after this process's start, have all had their effect here.

        Before, a text of the source may have been erased since the copy was made from which this database was restored.
        """
        self.loop = Loop("notes of texts", self.work, every_seconds=POLL_SECONDS)

    async def work(self) -> None:
        """Up to the end of the log."""
        level = frozenset(self._level())
        while await self._note_some():
            pass
        self.settled |= level

    async def _note_some(self) -> bool:
        """One batch; returns whether there may be more."""
        async with self._pool.acquire() as connection, connection.transaction():
            mark = await lock_mark(connection, marks.TEXTS)
            until = min(await log_head(connection), mark + BATCH)
            if until <= mark:
                return False
            said = _Said()
            for row in await connection.fetch(SAYING, mark, until):
                said.take(row["source"], row["type"], row["data"])
            await _write(connection, NOTE, said.noted)
            await _write(connection, ERASE, said.erased)
            await move_mark(connection, marks.TEXTS, until)
        if said.noted:
            self._noted()
        return True


async def _write(connection: asyncpg.Connection, sql: str, rows: Sequence[tuple[str, ...]]) -> None:
    if rows:
        await connection.execute(sql, *[list(column) for column in zip(*rows, strict=True)])


def _fields(data: bytes) -> Mapping[str, Any]:
    try:
        parsed = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
