"""Rows made from other services' events by a consumer: replayed from their feeds, never from a broker.

Events that the consumer has parked are left out here too, and skipped events stay skipped. An event that was parked when
the replay reached it, and has been applied since, is applied here as well before the new rows serve.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

import asyncpg

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.envelope import decode, encode
from placet_shared.bus.marks import lock_mark, read_marks
from placet_shared.bus.ports import PageProjection, Projection, Source
from placet_shared.event_store import RecordedEvent
from placet_shared.postgres.errors import DATABASE_ERRORS, is_passing
from placet_shared.rebuilding.generations import Generation
from placet_shared.rebuilding.rebuild import CannotRebuild, Reached

__all__ = ["ConsumedEvents", "Followed"]

# Of this session alone, so that it is undone with a transaction that is undone.
REMEMBER_LEFT_OUT = """
    create temporary table left_out (consumer text, position bigint, event bytea not null, primary key (consumer, position))
"""
LEAVE_OUT = "insert into left_out values ($1, $2, $3)"
NO_LONGER_PARKED = """
    delete from left_out l
    where consumer = $1 and not exists (select from parked_events p where p.source = l.consumer and p.position = l.position)
    returning position, event
"""
PARKED = "select position from parked_events where source = $1"
CANT_BE_APPLIED = (*DATABASE_ERRORS, ValueError, LookupError, TypeError, AttributeError)
# The record of each decision to go on without an event; its stream is the consumer's.
SKIPPED = """
    select convert_from(data, 'UTF8')::json ->> 'event_id' as id from events
    where stream = 'parked-' || $1 and type = 'ParkedEventSkipped'
"""


@dataclass(frozen=True, slots=True)
class Followed:
    """A source that a consumer of the service follows, under the name of its mark."""

    consumer: str
    source: Source
    projection: Projection


class ConsumedEvents:
    """Some tables, and all whose events make their rows."""

    def __init__(self, tables: Sequence[str], followed: Sequence[Followed]) -> None:
        self.tables = tables
        self._followed = followed

    async def reached(self, connection: asyncpg.Connection) -> Reached:
        """The marks."""
        marks = await read_marks(connection)
        return {one.consumer: marks[one.consumer].cursor if one.consumer in marks else Cursor() for one in self._followed}

    async def lock(self, connection: asyncpg.Connection) -> Reached:
        """The marks' rows, as consumers lock theirs."""
        return {one.consumer: (await lock_mark(connection, one.consumer)).cursor for one in self._followed}

    async def fill(
        self, connection: asyncpg.Connection, generation: Generation, until: Reached, progress: Callable[[Reached], None]
    ) -> None:
        """A page a transaction, one source after the other."""
        await generation.add_indexes(connection)
        await connection.execute(REMEMBER_LEFT_OUT)
        done = dict.fromkeys(until, Cursor())
        for one in self._followed:
            async for events in _pages(one, Cursor(), until[one.consumer]):
                async with connection.transaction():
                    await self._apply(connection, one, events)
                done[one.consumer] = _cursor(events[-1])
                progress(done)

    async def follow(self, connection: asyncpg.Connection, after: Reached, until: Reached) -> None:
        """First what is no longer parked, then what is new."""
        for one in self._followed:
            rows = await connection.fetch(NO_LONGER_PARKED, one.consumer)
            await self._apply(connection, one, [decode(row["event"]) for row in sorted(rows, key=lambda row: row["position"])])
            async for events in _pages(one, after[one.consumer], until[one.consumer]):
                await self._apply(connection, one, events)

    async def _apply(self, connection: asyncpg.Connection, one: Followed, events: Sequence[RecordedEvent]) -> None:
        # In this order: an event that is skipped between the two queries is in both answers.
        parked = {row["position"] for row in await connection.fetch(PARKED, one.consumer)}
        skipped = {row["id"] for row in await connection.fetch(SKIPPED, one.consumer)}
        left_out = [event for event in events if event.position in parked]
        await connection.executemany(LEAVE_OUT, [(one.consumer, event.position, encode(event)) for event in left_out])
        await _apply_all(connection, one, [event for event in events if event.position not in parked and event.id not in skipped])


async def _apply_all(connection: asyncpg.Connection, one: Followed, events: Sequence[RecordedEvent]) -> None:
    """In one call where the projection takes pages; of a page that fails, the event that does is found."""
    if isinstance(one.projection, PageProjection):
        try:
            async with connection.transaction():
                await one.projection.apply_page(connection, events)
            return
        except CANT_BE_APPLIED as error:
            if is_passing(error):
                raise
    for event in events:
        await _apply_one(connection, one, event)


async def _apply_one(connection: asyncpg.Connection, one: Followed, event: RecordedEvent) -> None:
    try:
        await one.projection.apply(connection, event)
    except CANT_BE_APPLIED as error:
        if is_passing(error):
            raise
        raise CannotRebuild(f"{event.source}'s event at position {event.position} ({event.type}) can't be applied: {error!r}") from error


async def _pages(one: Followed, after: Cursor, until: Cursor) -> AsyncIterator[Sequence[RecordedEvent]]:
    """The events from here up to there, by the feed; raises `CannotRebuild` when the source has another history by now."""
    last = after
    while last.position < until.position:
        arrived = await one.source.read(last)
        events = [event for event in arrived.events if event.position <= until.position]
        if not events:
            break
        last = _cursor(events[-1])
        yield events
    if last != until:
        raise CannotRebuild(f"{one.source.name} has no event {until} any more; rebuild when its events have been read again here")


def _cursor(event: RecordedEvent) -> Cursor:
    return Cursor(event.epoch, event.position, event.id)
