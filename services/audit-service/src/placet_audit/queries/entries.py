"""Entries of the log, with every envelope column and the exact bytes."""

from datetime import datetime
from typing import Any

import asyncpg
from pydantic import BaseModel, Field

from placet_shared.bus.envelope import attributes, from_row
from placet_shared.errors import NotFound

__all__ = ["LogEntry", "log_entry", "read_entry"]

ENTRY = "select *, stream_version as version, event_id as id from entries where index = $1"


class LogEntry(BaseModel):
    """One entry: its place in the log, and the event as a CloudEvent; `data_bytes` are its bytes, `datasha256` their digest."""

    index: int
    logged_at: datetime
    event: dict[str, Any] = Field(description="CloudEvents 1.0 attributes")
    data_bytes: str = Field(description="the event's data, exactly as recorded")


async def read_entry(connection: asyncpg.Pool, index: int) -> LogEntry:
    """Raises `NotFound`."""
    row = await connection.fetchrow(ENTRY, index)
    if row is None:
        raise NotFound(f"The log has no entry {index}.", code="entry_not_found")
    return log_entry(row)


def log_entry(row: asyncpg.Record) -> LogEntry:
    """From a row of `ENTRY`'s columns."""
    event = from_row(row["source"], row)
    return LogEntry(index=row["index"], logged_at=row["logged_at"], event=attributes(event), data_bytes=event.data.decode())
