"""An entry of the log as views read it."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import orjson

__all__ = ["Entry", "read_entries", "read_entries_of"]


class Entry(msgspec.Struct, frozen=True, dict=True):
    """The columns that views are built from."""

    index: int
    logged_at: datetime
    source: str
    position: int
    event_id: UUID
    type: str
    subject: str
    actor: str
    on_behalf_of: str | None
    correlation: str
    recorded_at: datetime
    traceparent: str | None
    data: bytes

    @cached_property
    def fields(self) -> dict[str, Any]:
        """The event's own fields; empty when they are no JSON object that can be read."""
        try:
            parsed = orjson.loads(self.data)
        except orjson.JSONDecodeError:
            return {}
        return parsed if isinstance(parsed, dict) else {}


# The same columns in the same order.
COLUMNS = ", ".join(Entry.__struct_fields__)
BETWEEN = f"select {COLUMNS} from entries where index > $1 and index <= $2 order by index limit $3"
OF_TYPES = f"select {COLUMNS} from entries where index > $1 and index <= $2 and type = any ($4::text[]) order by index limit $3"


async def read_entries(connection: asyncpg.Connection, after: int, until: int, limit: int) -> Sequence[Entry]:
    """In order, at most so many."""
    return [Entry(*row) for row in await connection.fetch(BETWEEN, after, until, limit)]


async def read_entries_of(connection: asyncpg.Connection, types: Sequence[str], after: int, until: int, limit: int) -> Sequence[Entry]:
    """In order, at most so many, of these types alone."""
    return [Entry(*row) for row in await connection.fetch(OF_TYPES, after, until, limit, types)]
