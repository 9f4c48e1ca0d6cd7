"""How far a service has followed its sources: its marks, and marks on branches that a source has lost (rule 28).

They are sent with its head, so that a source that was restored from a copy learns from its followers which events it has lost.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import asyncpg
import msgspec

from placet_shared.bus.marks import Mark

__all__ = ["FOLLOWED", "Followed", "Follower", "keep_lost"]

# The name of a consumer begins with its source's.
FOLLOWED = """
    select split_part(source, '/', 1) as source, epoch, position, event_id::text as id from marks where position > 0
    union
    select split_part(source, '/', 1), epoch, position, event_id::text from lost_marks
"""
KEEP_LOST = "insert into lost_marks (source, epoch, position, event_id) values ($1, $2, $3, $4) on conflict do nothing"


class Followed(msgspec.Struct, frozen=True):
    """An event of a source that a follower has, or had before the source was found restored."""

    source: str
    epoch: int
    position: int
    id: str


@runtime_checkable
class Follower(Protocol):
    """A source that follows other sources itself."""

    @property
    def followed(self) -> Sequence[Followed]:
        """What it sent with its last head."""


async def keep_lost(connection: asyncpg.Connection, name: str, mark: Mark) -> None:
    """Record that the source does not have this mark's event any more."""
    if mark.event_id is not None:
        await connection.execute(KEEP_LOST, name, mark.epoch, mark.position, mark.event_id)
