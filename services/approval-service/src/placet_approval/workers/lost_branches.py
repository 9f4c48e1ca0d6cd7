"""Finds events that followers have and this service lost when it was restored from a copy (rule 28).

1. Registry and verification report with their heads which events of this service they have, or had before it was restored.
2. One that this store does not have is on a lost branch. That is recorded, and from then on every decision is denied.
3. The audit log is asked what was on it. From then on only what concerns a lost event is denied, until an admin has reviewed it.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import asyncpg
import orjson

from placet_approval.ports import EverythingArrived, LogAsked, LostEvent
from placet_shared.bus.followed import Followed, Follower
from placet_shared.bus.ports import Source
from placet_shared.errors import PlacetError
from placet_shared.event_store import Position
from placet_shared.workers import Loop

__all__ = ["LostBranches"]

logger = logging.getLogger(__name__)

OWN = "approval"
LOOK_EVERY_SECONDS = 1.0
KEEP_BRANCH = """
    insert into lost_branches (event_id, epoch, position, told_by)
    select t.id, t.epoch, t.position, $1 from unnest($2::uuid[], $3::integer[], $4::bigint[]) t(id, epoch, position)
    where not exists (select from events e where e.position = t.position and e.id = t.id)
    on conflict do nothing returning event_id::text as id, position
"""
UNLISTED = "select event_id::text as id from lost_branches where listed_at is null and reviewed_at is null"
KEEP_EVENT = """
    insert into lost_events (event_id, epoch, position, type, subject, model_id, actor, recorded_at, data)
    select $1, $2, $3, $4, $5, $6, $7, $8, $9 where not exists (select from events e where e.id = $1)
    on conflict do nothing
"""
LISTED = "update lost_branches set listed_at = clock_timestamp() where event_id = any ($1::uuid[])"


class LostBranches:
    """Beside the barrier: `wait` checks what the followers reported with their heads, before anything is decided on them."""

    def __init__(self, pool: asyncpg.Pool, barrier: EverythingArrived, sources: Sequence[Source], log: LogAsked) -> None:
        self._pool = pool
        self._barrier = barrier
        self._sources = sources
        self._followers = [(source.name, source) for source in sources if isinstance(source, Follower)]
        self._log = log
        self._looked_at: dict[str, Sequence[Followed]] = {}
        self.loop = Loop("finding of lost branches", self.find, every_seconds=LOOK_EVERY_SECONDS)

    async def heads(self) -> Mapping[str, Position] | None:
        """Those of the barrier; None when followers reported what was not checked yet: a snapshot of before the check may lack it."""
        heads = await self._barrier.heads()
        return None if await self.look() else heads

    async def wait(self, since: float | None = None) -> Mapping[str, Position]:
        """Waits as the barrier does."""
        heads = await self._barrier.wait(since)
        await self.look()
        return heads

    async def find(self) -> None:
        """Find lost branches soon after a start, without a gate question; then ask the log until it has listed what was lost."""
        for source in self._sources:
            with suppress(PlacetError, TimeoutError):
                await asyncio.wait_for(source.head(), LOOK_EVERY_SECONDS)
        await self.look()
        await self.list_lost()

    async def look(self) -> bool:
        """1, 2. Whether there was something to check. What was checked once is not checked again: this store only grows while it runs."""
        checked = False
        for name, follower in self._followers:
            own = [one for one in follower.followed if one.source == OWN]
            if own and own != self._looked_at.get(name):
                await self._keep(name, own)
                self._looked_at[name] = own
                checked = True
        return checked

    async def list_lost(self) -> None:
        """3."""
        unlisted = {row["id"] for row in await self._pool.fetch(UNLISTED)}
        if not unlisted:
            return
        lost = await self._log.lost_events()
        known = unlisted & {event.event_id for event in lost}
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.executemany(KEEP_EVENT, [_row(event) for event in lost])
            await connection.execute(LISTED, list(known))
        if unlisted - known:
            logger.warning("the audit log does not have all that was lost in a restore yet")

    async def _keep(self, follower: str, followed: Sequence[Followed]) -> None:
        columns = [[one.id for one in followed], [one.epoch for one in followed], [one.position for one in followed]]
        for row in await self._pool.fetch(KEEP_BRANCH, follower, *columns):
            logger.error("%s has event %s at position %s, this store does not: it was restored", follower, row["id"], row["position"])


def _row(event: LostEvent) -> tuple[Any, ...]:
    model_id = event.data.get("model_id")
    about = model_id if isinstance(model_id, str) else None
    data = orjson.dumps(event.data).decode()
    return event.event_id, event.epoch, event.position, event.type, event.subject, about, event.actor, event.recorded_at, data
