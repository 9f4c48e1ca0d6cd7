"""Consuming one source: every event has its effect exactly once, in order, whatever the way it came (rules 3, 21, 22)."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress

import asyncpg

from placet_shared.bus.arrivals import arrivals
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.followed import keep_lost
from placet_shared.bus.history import contradicting, forget_after, id_at, remember
from placet_shared.bus.marks import Mark, lock_mark, move_mark, read_marks, reset_mark
from placet_shared.bus.parking import drain, is_behind, park, reason_of
from placet_shared.bus.ports import Arrived, PageProjection, Projection, Source, Subscription
from placet_shared.bus.processing_span import FEED, processing
from placet_shared.bus.progress import Progress
from placet_shared.crash_points import passing
from placet_shared.errors import OutOfRange, Unavailable
from placet_shared.event_store.records import Epoch, Position, RecordedEvent
from placet_shared.postgres.errors import is_passing

__all__ = ["Consumer", "Contradiction", "Gap"]

logger = logging.getLogger(__name__)

HAS_PARKED = "select exists (select from parked_events where source = $1)"
FORGET_PARKED = "delete from parked_events where source = $1 and position > $2"
RETRY_SECONDS = 0.5
BATCH = 200
PAGE = 1000


class Gap(Exception):
    """The event does not follow the mark: events are missing, or the source has another history."""

    def __init__(self, mark: Mark, event: RecordedEvent) -> None:
        super().__init__(f"{event.source}: position {event.position} does not follow {mark.position}")
        self.mark = mark
        self.event = event


class Contradiction(Gap):
    """The event has the position of another event that was applied here: one of the two is of a lost branch."""


class Consumer:
    """Applies one source's events through a projection; `run` never ends.

    Its mark and what it parks are kept under `name`; by default the source's, another one where two projections of a service
    follow the same source.
    """

    def __init__(
        self,
        source: Source,
        pool: asyncpg.Pool,
        projection: Projection,
        subscription: Subscription | None = None,
        moved: Callable[[], None] = lambda: None,
        name: str | None = None,
    ) -> None:
        self.source = source
        self.name = name or source.name
        self.head: Position | None = None
        self.progress = Progress()
        self._pool = pool
        self._projection = projection
        self._subscription = subscription or source
        self._woken = [moved]
        self._batch = PAGE if isinstance(projection, PageProjection) else BATCH
        self._turn = asyncio.Lock()
        self._restored = asyncio.Event()
        self._nonces: Mapping[int, str | None] = {}

    async def run(self) -> None:
        """Follow the source for ever, through its restarts and our own."""
        while True:
            try:
                await self._follow()
            except Exception as error:
                if isinstance(error, Gap | OutOfRange | Unavailable) or is_passing(error):
                    logger.info("%s is not to be followed just now: %r", self.source.name, error)
                else:
                    logger.exception("an event of %s holds up everything after it", self.source.name)
            await asyncio.sleep(RETRY_SECONDS)

    async def mark(self) -> Mark:
        """The mark as it is now."""
        marks = await read_marks(self._pool)
        return marks.get(self.name) or Mark(self.source.name, 0, 0, None, None)

    async def catch_up(self, until: int | None = None) -> None:
        """Pull from the feed up to a position, or to the source's head; for callers that must not wait for the subscription."""
        cursor = (await self.mark()).cursor
        while until is None or cursor.position < until:
            arrived = await self.source.read(cursor)
            if until is None and arrived.head is not None:
                until = arrived.head.position
            if not arrived.events:
                return
            await self.accept(arrived.events, epochs=arrived.epochs)
            cursor = _cursor(arrived.events[-1])

    async def accept(self, events: Sequence[RecordedEvent], system: str = FEED, epochs: Sequence[Epoch] = ()) -> None:
        """Apply the new ones of these events, which `system` brought; raises `Gap` when the first new one does not follow the mark.

        `epochs` are the source's, where it sent them with the events.
        """
        await self._learn(events, epochs)
        for start in range(0, len(events), self._batch):
            batch = events[start : start + self._batch]
            try:
                await self._apply_together(batch, system)
            except Gap:
                raise
            except Exception as error:
                if is_passing(error):
                    raise
                for event in batch:
                    await self._apply_alone(event, system)
        if events:
            self._wake()

    async def retry_parked(self) -> int:
        """Try parked events again; returns how many were applied."""
        async with self._transaction() as connection:
            await lock_mark(connection, self.name)
            applied = await drain(connection, self.name, self._projection)
        if applied:
            self._wake()
        return applied

    def also_wake(self, wake: Callable[[], None]) -> None:
        """Call this too whenever events may have had their effect, whichever process applied them."""
        self._woken.append(wake)

    def _wake(self) -> None:
        for wake in self._woken:
            wake()

    def look_again(self) -> None:
        """Ask the source at once whether it was restored, as another path has found, instead of waiting for its next event."""
        self._restored.set()

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """One at a time in this process: if it is stopped, it holds the mark once, and not once more for each that waited behind."""
        async with self._turn, self._pool.acquire() as connection, connection.transaction():
            yield connection

    async def id_at(self, position: int) -> str | None:
        """Which event stood there when it was applied here; None when that is not kept."""
        return await id_at(self._pool, self.name, position)

    async def is_known(self, cursor: Cursor) -> bool:
        """Whether the source has this very event at this place."""
        try:
            await self.source.read(cursor, limit=1)
        except OutOfRange:
            return False
        return True

    async def _learn(self, events: Sequence[RecordedEvent], epochs: Sequence[Epoch]) -> None:
        """The nonces of these events' epochs; a source that is away now may be asked for them another time."""
        if not epochs and any(event.epoch not in self._nonces for event in events):
            with suppress(Unavailable):
                epochs = await self.source.epochs()
        if epochs:
            self._nonces = {one.epoch: one.nonce for one in epochs}

    async def _follow(self) -> None:
        with suppress(OutOfRange):
            await self._follow_on()
            if not self._restored.is_set():
                return
        await self._begin_again()

    async def _follow_on(self) -> None:
        await self.retry_parked()
        mark = await self.mark()
        self.progress.reached(mark.position, mark.recorded_at)
        self._restored.clear()
        async with arrivals(self._subscription, mark.cursor, self._restored) as coming:
            async for arrived in coming:
                if arrived.head is not None:
                    self.head = arrived.head
                    self.progress.heard(arrived.head)
                await self._accept_all(arrived)

    async def _accept_all(self, arrived: Arrived) -> None:
        try:
            await self.accept(arrived.events, arrived.system, arrived.epochs)
        except Contradiction as other:
            if not await self.is_known((await self.mark()).cursor):
                raise OutOfRange(f"{self.source.name} does not have the events that were applied here", code="lost_branch") from other
            logger.warning("%s was brought events of a branch that %s has lost", self.name, self.source.name)
            await self.catch_up(max(event.position for event in arrived.events))
        except Gap:
            # Missing events are read from the feed; it raises `OutOfRange` if it does not know our mark.
            await self.catch_up(max(event.position for event in arrived.events))
            await self.accept(arrived.events, arrived.system, arrived.epochs)

    async def _apply_together(self, events: Sequence[RecordedEvent], system: str) -> None:
        async with self._transaction() as connection:
            mark = await lock_mark(connection, self.name)
            if new := await self._new(connection, mark, events):
                await self._apply_new(connection, mark, new, system)
        last = new[-1] if new else mark
        self.progress.reached(last.position, last.recorded_at)
        passing("consumer.after_commit")

    async def _apply_new(self, connection: asyncpg.Connection, mark: Mark, events: Sequence[RecordedEvent], system: str) -> None:
        some_parked = await connection.fetchval(HAS_PARKED, self.name)
        if isinstance(self._projection, PageProjection) and not some_parked:
            await self._move_mark(connection, mark, events)
            with ExitStack() as spans:
                for event in events:
                    spans.enter_context(processing(event, self.name, system))
                await self._projection.apply_page(connection, events)
        else:
            for event in events:
                await self._apply(connection, event, some_parked, system)
            await self._move_mark(connection, mark, events)
        passing("consumer.before_commit")

    async def _apply_alone(self, event: RecordedEvent, system: str) -> None:
        """One event in a transaction of its own; when it can't be applied it is parked, unless it must not be."""
        try:
            await self._apply_together([event], system)
        except Gap:
            raise
        except Exception as error:
            if is_passing(error) or self._projection.never_parks(event):
                raise
            logger.exception("event %s %s of %s is parked", event.position, event.type, event.source)
            await self._park(event, reason_of(error))

    async def _park(self, event: RecordedEvent, reason: str) -> None:
        async with self._transaction() as connection:
            mark = await lock_mark(connection, self.name)
            if new := await self._new(connection, mark, [event]):
                await park(connection, self.name, event, self._projection.subjects(event), reason)
                await self._move_mark(connection, mark, new)
                passing("consumer.before_commit")
        self.progress.reached(max(mark.position, event.position), event.recorded_at)
        passing("consumer.after_commit")

    async def _apply(self, connection: asyncpg.Connection, event: RecordedEvent, some_parked: bool, system: str) -> None:
        if some_parked and not self._projection.never_parks(event):
            subjects = self._projection.subjects(event)
            if await is_behind(connection, self.name, subjects):
                await park(connection, self.name, event, subjects, reason=None)
                return
        with processing(event, self.name, system):
            await self._projection.apply(connection, event)

    async def _new(self, connection: asyncpg.Connection, mark: Mark, events: Sequence[RecordedEvent]) -> Sequence[RecordedEvent]:
        if other := await contradicting(connection, self.name, mark, events):
            raise Contradiction(mark, other)
        return _following(mark, events)

    async def _move_mark(self, connection: asyncpg.Connection, mark: Mark, events: Sequence[RecordedEvent]) -> None:
        passing("consumer.before_mark")
        await remember(connection, self.name, mark, events, self._nonces)
        await move_mark(connection, self.name, events[-1])

    async def _begin_again(self) -> None:
        """The source does not know our mark, after a restore or a forged event: the projection says what it keeps and where to read on."""
        self._nonces = {}
        async with self._transaction() as connection:
            mark = await lock_mark(connection, self.name)
            if await self.is_known(mark.cursor):
                return  # another process was faster
            logger.warning("%s does not know the mark %s; was it restored? Its events are read again", self.source.name, mark.cursor)
            until = (await self.source.head()).position
            await keep_lost(connection, self.name, mark)
            onward = await self._projection.reset(connection, self.source)
            await connection.execute(FORGET_PARKED, self.name, onward.position)
            await forget_after(connection, self.name, onward.position)
            await reset_mark(connection, self.name, onward, until)


def _following(mark: Mark, events: Sequence[RecordedEvent]) -> Sequence[RecordedEvent]:
    """The events beyond the mark, each of which names the one before it; raises `Gap`."""
    new: list[RecordedEvent] = []
    position, last_id = mark.position, mark.event_id
    for event in events:
        if event.position <= position:
            continue
        if event.position != position + 1 or event.prev != last_id:
            raise Gap(mark, event)
        new.append(event)
        position, last_id = event.position, event.id
    return new


def _cursor(event: RecordedEvent) -> Cursor:
    return Cursor(event.epoch, event.position, event.id)
