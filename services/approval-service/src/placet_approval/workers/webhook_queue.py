"""Queues what webhooks are to be sent: of each source the events since the last time, for each webhook that asks for them.

An event is queued when this service has applied it, in one transaction with the cursor of its source: once, whatever is killed.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence

import asyncpg

from placet_approval.domain.webhook_types import selects
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.envelope import encode
from placet_shared.bus.marks import read_marks
from placet_shared.bus.ports import Source
from placet_shared.errors import OutOfRange
from placet_shared.event_store import RecordedEvent

__all__ = ["WebhookQueue"]

logger = logging.getLogger(__name__)

PAGE = 500
OWN_HEAD = "select epoch, position, id::text as event_id from events order by position desc limit 1"
CURSORS = "select source, epoch, position, event_id::text, queue_from from webhook_cursors"
BEGIN = "insert into webhook_cursors (source, epoch, position, event_id) values ($1, $2, $3, $4) on conflict do nothing"
# Only from where it stood: a process that lost the lead queues nothing a second time.
MOVE = """
    update webhook_cursors set epoch = $2, position = $3, event_id = $4 where source = $1 and position = $5 and epoch = $6 returning 1
"""
START_OVER = "update webhook_cursors set epoch = 0, position = 0, event_id = null, queue_from = $2 where source = $1"
ENABLED = "select webhook_id, types from webhooks where enabled"
QUEUE_EVENTS = """
    insert into webhook_events (event_id, source, type, subject, payload)
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[]) on conflict do nothing
"""
QUEUE_DELIVERIES = """
    insert into webhook_deliveries (webhook_id, event_id)
    select w, e from unnest($1::text[], $2::uuid[]) with ordinality d(w, e, place) order by place on conflict do nothing
"""
FORGET = "delete from webhook_events where queued_at < clock_timestamp() - interval '30 days'"

Wanted = Sequence[tuple[str, Sequence[str]]]


class WebhookQueue:
    """`own` is this service's own feed; `others` are the sources that it follows."""

    def __init__(self, pool: asyncpg.Pool, own: Source, others: Sequence[Source]) -> None:
        self._pool = pool
        self._own = own
        self._others = others

    async def fill(self) -> None:
        """Everything that has been applied here since the last time."""
        reached = await self._reached()
        cursors = {row["source"]: row for row in await self._pool.fetch(CURSORS)}
        for source in (self._own, *self._others):
            end = reached.get(source.name)
            if end is not None and source.name not in cursors:
                await self._pool.execute(BEGIN, source.name, end.epoch, end.position, end.event_id)
            elif end is not None:
                await self._catch_up(source, cursors[source.name], end)

    async def forget(self) -> None:
        """What is older than the queue keeps, with its deliveries and attempts."""
        await self._pool.execute(FORGET)

    async def _reached(self) -> Mapping[str, Cursor]:
        """Read before the webhooks are: what was appended after one was added is beyond it."""
        head = await self._pool.fetchrow(OWN_HEAD)
        marks = {name: mark.cursor for name, mark in (await read_marks(self._pool)).items()}
        return {**marks, self._own.name: Cursor(**head) if head else Cursor()}

    async def _catch_up(self, source: Source, row: asyncpg.Record, end: Cursor) -> None:
        at, queue_from = Cursor(row["epoch"], row["position"], row["event_id"]), row["queue_from"]
        try:
            while at != end:
                if at.position < end.position and not await self._pool.fetch(ENABLED):
                    await self._move(self._pool, source.name, at, end)
                    return
                arrived = await source.read(at, PAGE)
                if not arrived.events:
                    return
                last = arrived.events[-1]
                then = Cursor(last.epoch, last.position, last.id)
                if not await self._queue(source.name, [event for event in arrived.events if event.position >= queue_from], at, then):
                    return
                at = then
                if at.position >= end.position:
                    return
        except OutOfRange:
            await self._start_over(source, at)

    async def _queue(self, source: str, events: Sequence[RecordedEvent], at: Cursor, then: Cursor) -> bool:
        """Whether the cursor was where it should be."""
        async with self._pool.acquire() as connection, connection.transaction():
            wanted = [(row["webhook_id"], row["types"]) for row in await connection.fetch(ENABLED)]
            deliveries = list(_deliveries(events, wanted))
            queued = {event_id for _, event_id in deliveries}
            rows = [(event.id, source, event.type, event.subject, encode(event)) for event in events if event.id in queued]
            await connection.execute(QUEUE_EVENTS, *[[row[place] for row in rows] for place in range(5)])
            await connection.execute(QUEUE_DELIVERIES, [webhook for webhook, _ in deliveries], [event for _, event in deliveries])
            return await self._move(connection, source, at, then)

    async def _move(self, connection: asyncpg.Pool | asyncpg.Connection, source: str, at: Cursor, then: Cursor) -> bool:
        row = await connection.fetchval(MOVE, source, then.epoch, then.position, then.event_id, at.position, at.epoch)
        return row is not None

    async def _start_over(self, source: Source, at: Cursor) -> None:
        """The source was restored: what is on its newest branch was not queued yet, and what is before it was."""
        newer = [epoch.first_position for epoch in await source.epochs() if epoch.epoch > at.epoch]
        queue_from = min(newer, default=at.position + 1)
        logger.warning("%s was restored: webhooks are sent its events from position %s on", source.name, queue_from)
        await self._pool.execute(START_OVER, source.name, queue_from)


def _deliveries(events: Sequence[RecordedEvent], wanted: Wanted) -> Iterator[tuple[str, str]]:
    """Webhook and event, in the order of the events; a ping is for the webhook that it is about."""
    for event in events:
        pinged = event.subject if event.type == "WebhookPinged" else None
        for webhook_id, types in wanted:
            if pinged == webhook_id or (pinged is None and selects(types, event.type)):
                yield webhook_id, event.id
