"""Sets aside events that can't be applied, with later events on the same subjects, while all other events go on (rule 22)."""

from collections.abc import Sequence

import asyncpg

from placet_shared.bus.envelope import decode, encode
from placet_shared.bus.ports import Projection
from placet_shared.event_store.records import RecordedEvent
from placet_shared.postgres.errors import is_passing

__all__ = ["count_parked", "drain", "is_behind", "park", "parked_subjects", "reason_of"]

IS_BEHIND = "select exists (select from parked_events where source = $1 and subjects && $2::text[])"
PARK = """
    insert into parked_events (source, position, epoch, event_id, type, subjects, event, reason)
    values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (source, position) do nothing
"""
PARKED = "select position, subjects, event from parked_events where source = $1 order by position"
UNPARK = "delete from parked_events where source = $1 and position = $2 returning position"
FAILED_AGAIN = "update parked_events set attempts = attempts + 1, reason = coalesce($3, reason) where source = $1 and position = $2"
COUNT = """
    select source, count(distinct position) as events, count(distinct subject) as subjects
    from parked_events left join lateral unnest(subjects) subject on true group by source
"""
SUBJECTS = "select distinct unnest(subjects) as subject from parked_events"


def reason_of(error: Exception) -> str:
    """The reason as operators read it."""
    return f"{type(error).__name__}: {error}"[:500]


async def is_behind(connection: asyncpg.Connection, name: str, subjects: Sequence[str]) -> bool:
    """Whether something that an event touches is parked under this consumer's name."""
    return bool(await connection.fetchval(IS_BEHIND, name, list(subjects)))


async def park(connection: asyncpg.Connection, name: str, event: RecordedEvent, subjects: Sequence[str], reason: str | None) -> None:
    """Set the event aside; `reason` is None for one that only queues."""
    values = (name, event.position, event.epoch, event.id, event.type, list(subjects), encode(event), reason)
    await connection.execute(PARK, *values)


async def parked_subjects(connection: asyncpg.Connection | asyncpg.Pool) -> set[str]:
    """All subjects of events that wait for repair."""
    return {row["subject"] for row in await connection.fetch(SUBJECTS)}


async def count_parked(connection: asyncpg.Connection | asyncpg.Pool) -> dict[str, tuple[int, int]]:
    """For each consumer with parked events: how many, and how many subjects they touch."""
    return {row["source"]: (row["events"], row["subjects"]) for row in await connection.fetch(COUNT)}


async def drain(connection: asyncpg.Connection, source: str, projection: Projection) -> int:
    """Try the parked events again, in order, under the mark's lock (the caller holds it); returns how many were applied."""
    stuck: set[str] = set()
    applied = 0
    for row in await connection.fetch(PARKED, source):
        subjects = set(row["subjects"])
        if stuck & subjects:
            stuck |= subjects
            continue
        try:
            event = decode(row["event"])  # one that an earlier release took may be beyond the bounds of now
            async with connection.transaction():
                # First, since it may be gone: a skip does not wait for the mark's lock.
                if await connection.fetchval(UNPARK, source, row["position"]):
                    await projection.apply(connection, event)
                    applied += 1
        except Exception as error:
            if is_passing(error):
                raise
            stuck |= subjects
            await connection.execute(FAILED_AGAIN, source, row["position"], reason_of(error))
    return applied
