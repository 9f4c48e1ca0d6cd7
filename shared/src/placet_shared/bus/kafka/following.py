"""One act of following a source over Kafka: where it is, what it holds back for a gap, and whether the client still brings anything."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.kafka.clients import TROUBLE
from placet_shared.bus.kafka.connection import KafkaConnection
from placet_shared.bus.kafka.reader import Reader, open_reader
from placet_shared.bus.ports import Arrived, Source
from placet_shared.errors import Unavailable
from placet_shared.event_store.records import Position, RecordedEvent
from placet_shared.telemetry.messaging import KAFKA

__all__ = ["Following", "Patience"]

logger = logging.getLogger(__name__)

PAGE = 500
OPENING_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Patience:
    """`heartbeat_seconds`: how often the source itself is heard; `stalled_seconds`: after which a client that does not bring what the feed
    has is made anew; `retry_seconds`: between two tries to reach the broker.
    """

    heartbeat_seconds: float = 2.0
    stalled_seconds: float = 10.0
    retry_seconds: float = 2.0


class Following:
    """From a cursor on; `next` gives what comes, `close` lets the client go.

    Without a broker it goes on by the feed, a page every heartbeat; without the feed it goes on by Kafka.
    """

    def __init__(self, source: Source, kafka: KafkaConnection, after: Cursor, patience: Patience) -> None:
        self._source = source
        self._kafka = kafka
        self._place = after
        self._patience = patience
        self._clock = asyncio.get_running_loop().time
        self._reader: Reader | None = None
        self._opening: asyncio.Task[Reader] | None = None
        self._open_at = 0.0
        self._feed_has_more = True
        self._held: list[RecordedEvent] = []
        self._heard_at = 0.0
        self._owed = _Owed()

    async def next(self) -> Arrived:
        """The next arrivals, or none and the source's head; raises `OutOfRange` and `Unavailable`."""
        while True:
            arrived = await self._step()
            if arrived is not None:
                return arrived

    async def close(self) -> None:
        """Let the client go."""
        opening, self._opening = self._opening, None
        if opening is not None:
            opening.cancel()
            [opened] = await asyncio.gather(opening, return_exceptions=True)
            if isinstance(opened, Reader):
                await opened.close()
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()

    async def _step(self) -> Arrived | None:
        self._see_to_the_client()
        if self._feed_has_more:
            return await self._catch_up()
        if self._held:
            return await self._fill()
        if self._reader is not None:
            return await self._from_kafka(self._reader)
        # A topic may not be there yet, and a broker may not be there for long.
        if self._opening is not None:
            await asyncio.wait([self._opening], timeout=OPENING_SECONDS)
        else:
            await asyncio.sleep(self._patience.heartbeat_seconds)
        return await self._catch_up()

    def _see_to_the_client(self) -> None:
        """Open one beside all else; when it stands at the topic's end the feed is read once more: what it lacks then comes by Kafka."""
        if self._reader is not None:
            return
        if self._opening is None:
            if self._clock() >= self._open_at:
                self._open_at = self._clock() + self._patience.retry_seconds
                self._opening = asyncio.create_task(open_reader(self._kafka, self._source.name))
        elif self._opening.done():
            opening, self._opening = self._opening, None
            try:
                self._reader = opening.result()
            except TROUBLE as error:
                logger.info("%s is followed by its feed, Kafka is out of reach: %r", self._source.name, error)
                return
            self._owed = _Owed()
            self._feed_has_more = True

    async def _catch_up(self) -> Arrived | None:
        """By the feed; when it does not answer, the client reads all that the topic still has."""
        try:
            return await self._from_feed()
        except Unavailable:
            if self._reader is not None:
                self._feed_has_more = False
                self._reader.begin_again()
            elif self._opening is not None:
                await asyncio.wait([self._opening])
            else:
                raise
        return None

    async def _from_feed(self, limit: int = PAGE) -> Arrived:
        """One page after our place."""
        arrived = await self._source.read(self._place, limit)
        self._heard_at = self._clock()
        if arrived.events:
            self._place = _cursor(arrived.events[-1])
        self._feed_has_more = bool(arrived.events) and arrived.head is not None and self._place.position < arrived.head.position
        return arrived

    async def _from_kafka(self, reader: Reader) -> Arrived | None:
        try:
            events = await reader.events(self._patience.heartbeat_seconds)
        except TROUBLE as error:
            logger.warning("the client that reads %s is made anew: %r", self._source.name, error)
            await self.close()
            return None
        if events is None:
            return await self._heartbeat()
        self._owed.has_come(events)
        self._held = [event for event in events if event.position > self._place.position]
        if any(self._contradicts(event) for event in events):
            # The source has another history at a place that we have passed: if ours is lost it says so.
            await self._source.read(self._place, 1)
        return await self._fill()

    def _contradicts(self, event: RecordedEvent) -> bool:
        """Whether another event stands where we are, or one of a later epoch where we have been."""
        place = self._place
        if event.position == place.position:
            return event.id != place.event_id
        return event.position < place.position and event.epoch > place.epoch

    async def _fill(self) -> Arrived | None:
        """What is held, as far as it follows; a gap before it is read from the feed while the partition is paused (rule 21)."""
        self._held = [event for event in self._held if event.position > self._place.position]
        if not self._held:
            return None
        first = self._held[0]
        missing = first.position - 1 - self._place.position
        if missing == 0 and first.prev == self._place.event_id:
            return await self._hand_on()
        if self._reader is not None:
            self._reader.pause()
        try:
            arrived = await self._from_feed(max(min(missing, PAGE), 1))
            self._feed_has_more = False
            if not arrived.events:
                self._held = []  # of a branch that the source has lost
            return arrived
        finally:
            if self._reader is not None:
                self._reader.resume()

    async def _hand_on(self) -> Arrived:
        """The held events up to the next gap."""
        number = 1
        while number < len(self._held) and _follows(self._held[number - 1], self._held[number]):
            number += 1
        events, self._held = self._held[:number], self._held[number:]
        head = await self._head_when_due()
        self._place = _cursor(events[-1])
        return Arrived(events, head, KAFKA)

    async def _head_when_due(self) -> Position | None:
        """How far the source is, asked before what has come is handed on, no more often than a heartbeat."""
        if self._clock() - self._heard_at < self._patience.heartbeat_seconds:
            return None
        self._heard_at = self._clock()
        try:
            return await self._source.head()
        except Unavailable:
            return None

    async def _heartbeat(self) -> Arrived | None:
        """Nothing came: hear from the source whether there is anything, and whether the client should have brought it."""
        try:
            arrived = await self._from_feed()
        except Unavailable as error:
            logger.info("%s is followed by Kafka alone: %s", self._source.name, error.detail)
            return None
        if arrived.events:
            self._owed.should_come(arrived.events[-1].position, self._clock())
        if self._owed.is_overdue(self._clock() - self._patience.stalled_seconds):
            logger.warning("Kafka does not bring what %s has at %s; the client is made anew", self._source.name, self._owed.position)
            await self.close()
        return arrived


class _Owed:
    """The watchdog's memory: what the feed had and Kafka has not brought since."""

    def __init__(self) -> None:
        self.position = 0
        self._since: float | None = None

    def should_come(self, position: int, now: float) -> None:
        """The feed had it first."""
        if self._since is None:
            self.position, self._since = position, now

    def has_come(self, events: Sequence[RecordedEvent]) -> None:
        """By Kafka."""
        if any(event.position >= self.position for event in events):
            self._since = None

    def is_overdue(self, since: float) -> bool:
        """Whether it is owed for longer."""
        return self._since is not None and self._since <= since


def _follows(one: RecordedEvent, other: RecordedEvent) -> bool:
    return other.position == one.position + 1 and other.prev == one.id


def _cursor(event: RecordedEvent) -> Cursor:
    return Cursor(event.epoch, event.position, event.id)
