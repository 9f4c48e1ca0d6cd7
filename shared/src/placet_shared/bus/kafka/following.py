"""One subscription to a source over Kafka: its place, what the feed confirms, and whether the client still delivers."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.envelope import events_sha256
from placet_shared.bus.kafka.clients import TROUBLE
from placet_shared.bus.kafka.connection import KafkaConnection
from placet_shared.bus.kafka.owed import Owed
from placet_shared.bus.kafka.reader import Reader, open_reader
from placet_shared.bus.kafka.warnings import Warnings
from placet_shared.bus.ports import Arrived, Digest, Source
from placet_shared.bus.processing_span import KAFKA
from placet_shared.errors import OutOfRange, Unavailable
from placet_shared.event_store.records import RecordedEvent

__all__ = ["Following", "Patience"]

logger = logging.getLogger(__name__)

PAGE = 500
OPENING_SECONDS = 0.2
FEED_RETRY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Patience:
    """`heartbeat_seconds`: how often the source itself is asked; `stalled_seconds`: after which a client that does not bring what the feed
    has is made anew; `retry_seconds`: between two tries to reach the broker.
    """

    heartbeat_seconds: float = 2.0
    stalled_seconds: float = 10.0
    retry_seconds: float = 2.0


class Following:
    """From a cursor on; `next` gives the arrivals, `close` closes the client.

    A writer of the topic decides nothing: what Kafka brings is handed on when the feed has confirmed it by its digest, and by
    the clock the feed is read whatever Kafka brings. Without a broker it goes on by the feed, a page every heartbeat; without the feed
    it waits for it.
    """

    def __init__(self, source: Source, kafka: KafkaConnection, after: Cursor, patience: Patience, warnings: Warnings) -> None:
        self._source = source
        self._kafka = kafka
        self._place = after
        self._patience = patience
        self._warnings = warnings
        self._clock = asyncio.get_running_loop().time
        self._reader: Reader | None = None
        self._opening: asyncio.Task[Reader] | None = None
        self._open_at = 0.0
        self._feed_has_more = True
        self._feed_is_silent = False
        self._held: list[RecordedEvent] = []
        self._feed_due_at = 0.0
        self._doubted_until = 0.0
        self._owed = Owed()

    async def next(self) -> Arrived:
        """The next arrivals, or none and the source's head; raises `OutOfRange` (`lost_branch`)."""
        while True:
            try:
                arrived = await self._step()
            except Unavailable as error:
                await self._wait_for_the_feed(error)
            else:
                self._feed_is_silent = False
                if arrived is not None:
                    return arrived

    async def close(self) -> None:
        """Close the client."""
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
            return await self._from_feed()
        if self._clock() >= self._feed_due_at:
            return await self._heartbeat()
        if self._held:
            return await self._fill()
        if self._reader is not None:
            return await self._from_kafka(self._reader)
        # A topic may not be there yet, and a broker may not be there for long.
        if self._opening is not None:
            await asyncio.wait([self._opening], timeout=OPENING_SECONDS)
        else:
            await asyncio.sleep(self._patience.heartbeat_seconds)
        return await self._from_feed()

    def _see_to_the_client(self) -> None:
        """Open a client in the background; when it is at the topic's end the feed is read once more, and later events come by Kafka."""
        if self._reader is not None:
            return
        if self._opening is None:
            if self._clock() >= self._open_at:
                self._open_at = self._clock() + self._patience.retry_seconds
                self._opening = asyncio.create_task(open_reader(self._kafka, self._source.name, self._warnings.passed_over))
        elif self._opening.done():
            opening, self._opening = self._opening, None
            try:
                self._reader = opening.result()
            except TROUBLE as error:
                logger.info("%s is followed by its feed, Kafka is out of reach: %r", self._source.name, error)
                return
            self._owed = Owed()
            self._feed_has_more = True

    async def _wait_for_the_feed(self, error: Unavailable) -> None:
        """Nothing is handed on without it; when it answers again it is read first."""
        if not self._feed_is_silent:
            logger.info("waiting for %s; nothing of it is taken from Kafka alone: %s", self._source.name, error.detail)
        self._feed_is_silent = self._feed_has_more = True
        await asyncio.sleep(FEED_RETRY_SECONDS)

    async def _from_feed(self, limit: int = PAGE) -> Arrived:
        """One page after our place."""
        arrived = await self._source.read(self._place, limit)
        self._feed_due_at = self._clock() + self._patience.heartbeat_seconds
        if arrived.events:
            self._place = _cursor(arrived.events[-1])
        self._feed_has_more = bool(arrived.events) and arrived.head is not None and self._place.position < arrived.head.position
        return arrived

    async def _heartbeat(self) -> Arrived:
        """At every heartbeat: ask the source for new events, and check whether the client should have delivered them."""
        self._warnings.tell()
        arrived = await self._from_feed()
        if self._reader is not None:
            if arrived.events:
                self._owed.should_come(arrived.events[-1], self._clock())
            if self._owed.is_overdue(self._clock() - self._patience.stalled_seconds):
                self._warnings.made_anew.happened("it does not bring what the feed has")
                await self.close()
        return arrived

    async def _from_kafka(self, reader: Reader) -> Arrived | None:
        """What the client delivers before the feed is due again."""
        try:
            events = await reader.events(max(self._feed_due_at - self._clock(), 0.0))
        except TROUBLE as error:
            self._warnings.made_anew.happened(repr(error))
            await self.close()
            return None
        if not events:
            return None
        self._owed.has_come(events)
        if self._clock() < self._doubted_until:
            return None
        if any(self._contradicts(event) for event in events):
            # The source has another history at a place that we have passed: it reports whether ours is lost.
            await self._source.read(self._place, 1)
        self._held = list(events)
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
        if events := self._following_events():
            return await self._confirmed(events)
        missing = self._held[0].position - 1 - self._place.position
        if missing == 0:
            self._doubt("another predecessor than the event at our mark")
            return None
        if self._reader is not None:
            self._reader.pause()
        try:
            arrived = await self._from_feed(min(missing, PAGE))
        finally:
            if self._reader is not None:
                self._reader.resume()
        if arrived.events:
            self._feed_has_more = False
        else:
            self._doubt(f"position {self._held[0].position}, and the feed ends at {self._place.position}")
        return arrived

    def _following_events(self) -> list[RecordedEvent]:
        """Those held that follow our place and one another."""
        first = self._held[0]
        if first.position != self._place.position + 1 or first.prev != self._place.event_id:
            return []
        pairs = pairwise(self._held)
        number = next((number for number, (one, other) in enumerate(pairs, 1) if not _follows(one, other)), len(self._held))
        return self._held[:number]

    async def _confirmed(self, events: Sequence[RecordedEvent]) -> Arrived | None:
        """These events, if the feed has exactly the same; one request, however many they are."""
        digest = await self._digest(events[-1].position)
        if digest is None or digest.sha256 != events_sha256(events):
            self._doubt(f"other events than the feed's between {self._place.position} and {events[-1].position}")
            return None
        self._held = self._held[len(events) :]
        self._place = _cursor(events[-1])
        return Arrived(events, digest.head, KAFKA)

    async def _digest(self, until: int) -> Digest | None:
        """None when the feed has not come as far."""
        try:
            return await self._source.digest(self._place, until)
        except OutOfRange as error:
            if error.code != "beyond_head":
                raise
            return None

    def _doubt(self, why: str) -> None:
        """Read the feed up to its head, and take nothing from Kafka for a heartbeat: foreign messages cost the source no more than that."""
        self._warnings.not_confirmed.happened(why)
        self._held = []
        self._feed_has_more = True
        self._doubted_until = self._clock() + self._patience.heartbeat_seconds


def _follows(one: RecordedEvent, other: RecordedEvent) -> bool:
    return other.position == one.position + 1 and other.prev == one.id


def _cursor(event: RecordedEvent) -> Cursor:
    return Cursor(event.epoch, event.position, event.id)
