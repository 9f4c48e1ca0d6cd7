"""The mark: the last event of a source that has had its effect here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import asyncpg
import orjson

from placet_shared.bus.cursors import Cursor
from placet_shared.event_store.records import Position, RecordedEvent

__all__ = ["MARKS_AS_JSON", "Mark", "lock_mark", "marks_from_json", "move_mark", "read_marks", "reset_mark"]

CREATE_MARK = "insert into marks (source) values ($1) on conflict (source) do nothing"
LOCK_MARK = "select *, event_id::text as id from marks where source = $1 for update"
MOVE_MARK = """
    update marks set epoch = $2, position = $3, event_id = $4, recorded_at = $5, applied_at = clock_timestamp() where source = $1
"""
RESET_MARK = "update marks set epoch = $2, position = $3, event_id = $4, recorded_at = null, rebuild_until = $5 where source = $1"
READ_MARKS = "select *, event_id::text as id from marks order by source"
# For a statement that reads something else too: one statement sees one snapshot.
MARKS_AS_JSON = "(select json_agg(m) from (select *, event_id::text as id from marks) m)"


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one source has been applied; `recorded_at` is the time of that event at its source.

    After a restore of the source its events are read again; until `rebuild_until` is reached what is here is not whole.
    """

    source: str
    epoch: int
    position: int
    event_id: str | None
    recorded_at: datetime | None
    rebuild_until: int = 0

    @property
    def rebuilding(self) -> bool:
        """Whether the source is being read again."""
        return self.position < self.rebuild_until

    @property
    def cursor(self) -> Cursor:
        """The cursor from which to read on."""
        return Cursor(self.epoch, self.position, self.event_id)

    @property
    def reached(self) -> Position:
        """The mark as a position."""
        return Position(self.source, self.epoch, self.position, self.event_id)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a row of `marks`."""
        return cls(row["source"], row["epoch"], row["position"], row["id"], row["recorded_at"], row["rebuild_until"])


async def lock_mark(connection: asyncpg.Connection, source: str) -> Mark:
    """The mark, locked until the transaction ends: a consumer holds it while it applies events of the source (rule 21)."""
    row = await connection.fetchrow(LOCK_MARK, source)
    if row is None:
        await connection.execute(CREATE_MARK, source)
        row = await connection.fetchrow(LOCK_MARK, source)
    return Mark.of(row)


async def move_mark(connection: asyncpg.Connection, name: str, event: RecordedEvent) -> None:
    """Move the mark to this event, which has had its effect."""
    await connection.execute(MOVE_MARK, name, event.epoch, event.position, event.id, event.recorded_at)


async def reset_mark(connection: asyncpg.Connection, source: str, onward: Cursor, rebuild_until: int) -> None:
    """Reading begins again at a cursor; until the given position is reached the source counts as being rebuilt."""
    await connection.execute(RESET_MARK, source, onward.epoch, onward.position, onward.event_id, rebuild_until)


async def read_marks(connection: asyncpg.Connection | asyncpg.Pool) -> dict[str, Mark]:
    """All marks by source."""
    return {row["source"]: Mark.of(row) for row in await connection.fetch(READ_MARKS)}


def marks_from_json(text: str | None) -> dict[str, Mark]:
    """What `MARKS_AS_JSON` gave."""
    rows = orjson.loads(text) if text else ()
    return {row["source"]: Mark.of({**row, "recorded_at": _time(row["recorded_at"])}) for row in rows}


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
