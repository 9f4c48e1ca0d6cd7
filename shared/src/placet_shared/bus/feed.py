"""Serving a store's events: pages after a cursor, long-poll, the head, the epochs, and texts for those with the right to see them."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import msgspec
import orjson

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.envelope import encode, events_sha256, from_row
from placet_shared.bus.followed import FOLLOWED, Followed
from placet_shared.bus.passed_over import PassedOver
from placet_shared.bus.ports import Digest
from placet_shared.bus.watcher import StoreWatcher
from placet_shared.errors import FieldError, Malformed, OutOfRange, Unavailable
from placet_shared.event_store import EventStore
from placet_shared.event_store.records import Epoch, Position, RecordedEvent
from placet_shared.postgres.errors import DATABASE_ERRORS

__all__ = ["Feed", "FeedPage", "head_members", "open_feed"]

logger = logging.getLogger(__name__)

# Of one page, and of one request: `GET /v1/feed` takes no more.
MOST_EVENTS = 1000
LONGEST_WAIT_SECONDS = 25.0
STREAM_PAGE = 200
MOST_DIGESTED = 1000
MOST_TEXTS = 20
PAGE = "select * from events where position > $1 order by position limit $2"
# Of events of other types only what links them to their neighbours.
PAGE_OF_TYPES = """
    select e.position, e.epoch, e.id, e.prev, e.type, e.recorded_at, a.stream, a.version, a.schema_version, a.subject, a.actor,
           a.on_behalf_of, a.correlation, a.causation, a.traceparent, a.occurred_at, a.data
    from (select * from events where position > $1 order by position limit $2) e
    left join lateral (select e.*) a on e.type = any ($3::text[])
    order by e.position
"""
UP_TO = "select * from events where position > $1 and position <= $2 order by position"
ID_AT = "select id::text, epoch from events where position = $1"
HEAD = """
    select e.epoch, e.position, e.id::text, (select nonce from epochs p where p.epoch = e.epoch) as nonce
    from events e order by e.position desc limit 1
"""
# One statement for both, since it is asked with every question to the gate.
HEAD_AND_FOLLOWED = f"""
    select h.*, (select json_agg(json_build_array(f.source, f.epoch, f.position, f.id)) from ({FOLLOWED}) f) as followed
    from (values (true)) one left join lateral ({HEAD}) h on true
"""
EPOCHS = "select epoch, first_position, nonce from epochs order by epoch"
TEXT = "select id::text, position, kind, subject, author, encode(salt, 'hex') as salt, body, erased_at is not null as erased from texts"
TEXTS = f"{TEXT} where position between $1 and $2 order by position"
TEXTS_BY_ID = f"{TEXT} where id = any ($1::uuid[]) order by position"


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Some events in order, and how far the source is."""

    source: str
    events: Sequence[RecordedEvent]
    head: Position
    epochs: Sequence[Epoch]
    texts: Sequence[dict[str, Any]] = ()
    passed: Sequence[PassedOver] | None = None

    def encode(self) -> bytes:
        """JSON: `source`, `head`, `epochs`, `texts`, `events`; each event a CloudEvent with its bytes unchanged.

        Where types were asked for, `passed` has what links events of other types to their neighbours.
        """
        front = {
            "source": self.source,
            "head": head_members(self.head),
            "epochs": [msgspec.to_builtins(epoch) for epoch in self.epochs],
            "texts": self.texts,
            **({} if self.passed is None else {"passed": [msgspec.to_builtins(one) for one in self.passed]}),
        }
        events = b",".join(encode(event) for event in self.events)
        return orjson.dumps(front)[:-1] + b',"events":[' + events + b"]}"


class Feed:
    """Reads from the primary, never from memory: what a page says was true when it was asked for."""

    def __init__(self, source: str, pool: asyncpg.Pool, watcher: StoreWatcher, *, follows: bool = False) -> None:
        """`follows` is for a service that has marks of other services."""
        self.source = source
        self._follows = follows
        self.waiting = 0
        self._pool = pool
        self.watcher = watcher

    def stop(self) -> None:
        """From now on requests that wait for events end at once, so that none delays the end of the process."""
        self.watcher.stop_waiting()

    async def head(self) -> Position:
        """The last event's place and id; position 0 when there is none."""
        row = await self._pool.fetchrow(HEAD)
        return Position(self.source, *row) if row else Position(self.source, 0, 0)

    async def head_and_followed(self) -> tuple[Position, Sequence[Followed]]:
        """The head, and what this service has of the sources that it follows."""
        if not self._follows:
            return await self.head(), ()
        *head, followed = await self._pool.fetchrow(HEAD_AND_FOLLOWED)
        position = Position(self.source, *head) if head[0] is not None else Position(self.source, 0, 0)
        return position, [Followed(*one) for one in orjson.loads(followed or "[]")]

    async def page(self, after: Cursor, limit: int, wait: float, with_texts: bool, types: Sequence[str] = ()) -> FeedPage:
        """Events after the cursor; with none, waits up to `wait` seconds for one. An empty page is the heartbeat.

        With `types`, texts are not in it, and events of other types are passed over, each by its place and id: so the page says of every
        event up to its end what it is. Raises `OutOfRange` (`lost_branch`) when this source has no such event at that place.
        """
        await self.check(after)
        rows = await self._rows(after.position, limit, wait, types)
        if rows and after.event_id and str(rows[0]["prev"]) != after.event_id:
            raise self._lost(after)  # restored while this waited
        texts: Sequence[dict[str, Any]] = ()
        if with_texts and rows and not types:
            texts = [dict(row) for row in await self._pool.fetch(TEXTS, rows[0]["position"], rows[-1]["position"])]
        epochs = [Epoch(*row) for row in await self._pool.fetch(EPOCHS)]
        events = [from_row(self.source, row) for row in rows if row["data"] is not None]
        passed = [PassedOver.of(row) for row in rows if row["data"] is None] if types else None
        return FeedPage(self.source, events, await self.head(), epochs, texts, passed)

    async def texts(self, ids: Sequence[str]) -> Sequence[dict[str, Any]]:
        """Those of these texts that were ever here; of an erased one only that it was."""
        return [dict(row) for row in await self._pool.fetch(TEXTS_BY_ID, ids)]

    async def digest(self, after: Cursor, until: int) -> Digest:
        """Of the events after the cursor up to this position, read for this request.

        Raises `OutOfRange` (`lost_branch`, `beyond_head`) and `Malformed` for a range that is none or too wide.
        """
        if not after.position < until <= after.position + MOST_DIGESTED:
            allowed = f"1 to {MOST_DIGESTED} more than the position of `after`"
            raise Malformed("This range of events has no digest.", errors=[FieldError("until", until, allowed)])
        await self.check(after)
        rows = await self._pool.fetch(UP_TO, after.position, until)
        head = await self.head()
        if not rows or rows[-1]["position"] != until:
            raise OutOfRange(f"{self.source} has come to position {head.position}, not to {until}.", code="beyond_head")
        return Digest(events_sha256(from_row(self.source, row) for row in rows), head)

    async def events(self, after: Cursor, seconds: float, types: Sequence[str] = ()) -> AsyncGenerator[RecordedEvent | PassedOver, None]:
        """Each event after the cursor as soon as it is there, for so many seconds; `check` the cursor first.

        Ends early when the service stops, when the database is away, and before an event that does not name the one before
        it: the source was restored meanwhile, and a client that reconnects with the cursor gets 409.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + seconds
        position, last_id = after.position, after.event_id
        try:
            while rows := await self._rows(position, STREAM_PAGE, deadline - clock(), types):
                for event in (PassedOver.of(row) if row["data"] is None else from_row(self.source, row) for row in rows):
                    if event.prev != last_id:
                        return
                    yield event
                    position, last_id = event.position, event.id
                if clock() >= deadline or self.watcher.is_stopping:
                    return
        except Unavailable:
            return
        except DATABASE_ERRORS as error:
            logger.warning("a stream of events ends early: %s", error)

    async def _rows(self, position: int, limit: int, wait: float, types: Sequence[str] = ()) -> list[asyncpg.Record]:
        clock = asyncio.get_running_loop().time
        deadline = clock() + wait
        while True:
            generation = self.watcher.generation
            rows: list[asyncpg.Record]
            if types:
                rows = await self._pool.fetch(PAGE_OF_TYPES, position, limit, types)
            else:
                rows = await self._pool.fetch(PAGE, position, limit)
            if rows or wait <= 0:
                return rows
            if self.watcher.is_stopping:
                raise Unavailable("the service is stopping")
            if not await self._moved_since(generation, deadline - clock()) and not self.watcher.is_stopping:
                return rows

    async def _moved_since(self, generation: int, seconds: float) -> bool:
        self.waiting += 1
        try:
            return await self.watcher.moved_since(generation, seconds)
        finally:
            self.waiting -= 1

    async def check(self, after: Cursor) -> None:
        """Raises `OutOfRange` (`lost_branch`) unless this source has exactly that event at that place."""
        if after.position == 0:
            return
        row = await self._pool.fetchrow(ID_AT, after.position)
        if row is None or row["id"] != after.event_id or row["epoch"] != after.epoch:
            raise self._lost(after)

    def _lost(self, after: Cursor) -> OutOfRange:
        return OutOfRange(
            f"{self.source} has no event {after.event_id} at position {after.position} of epoch {after.epoch}.",
            code="lost_branch",
            resolve="The source was restored from a copy: read its epochs, and begin again at or before the fork.",
        )


def head_members(head: Position) -> dict[str, Any]:
    """A head as JSON: `id` and `nonce` are null when there is no event."""
    return {"epoch": head.epoch, "position": head.position, "id": head.event_id, "nonce": head.nonce}


@asynccontextmanager
async def open_feed(store: EventStore) -> AsyncIterator[Feed]:
    """The feed of a store, woken by what is appended."""
    watcher = StoreWatcher(store.url, store.schema, store.source)
    await watcher.start()
    try:
        yield Feed(store.source, store.pool, watcher, follows=True)
    finally:
        await watcher.close()
