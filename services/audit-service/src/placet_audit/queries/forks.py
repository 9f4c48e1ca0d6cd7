"""Forks: a source was restored and continued with another history; both branches are in the log."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from pydantic import BaseModel, Field

__all__ = ["Fork", "read_forks"]

FORKS = "select *, lost_id::text as lost_event_id, kept_id::text as kept_event_id from forks order by number"


class Fork(BaseModel):
    """A source lost its events after `kept_position`, up to `lost_position`; the log has them before `found_at_index`."""

    source: str
    found_at: datetime
    found_at_index: int = Field(description="the last entry when the fork was found; the source's later events come after it")
    lost_epoch: int
    lost_position: int
    lost_event_id: str | None = Field(description="the last event that the source lost; null for a fork found by an older release")
    kept_epoch: int
    kept_position: int
    kept_event_id: str | None = Field(description="the last event that both branches have; null when they have none")


async def read_forks(connection: asyncpg.Connection) -> Sequence[Fork]:
    """In the order in which they were found."""
    return [Fork.model_validate(dict(row)) for row in await connection.fetch(FORKS)]
