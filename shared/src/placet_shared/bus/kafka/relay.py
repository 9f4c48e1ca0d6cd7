"""The relay: sends a store's events to its topic, in order, one batch at a time, and records in the store what was acknowledged.

The event table is the outbox, so nothing can be lost here: what was sent and not recorded is sent again. A topic may hold an event
twice after a failure (a batch that was not recorded, another relay's last one, a refill), never one before its predecessor.
"""

import asyncio
import logging
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import RecordMetadata

from placet_shared.bus.envelope import from_row
from placet_shared.bus.kafka.backlog import Backlog, backlog_of
from placet_shared.bus.kafka.checkpoint import Place, TopicReplaced, place_to_go_on, remember, remember_to_fill_again
from placet_shared.bus.kafka.clients import bounded, close_consumer, open_consumer, producing, topic_range
from placet_shared.bus.kafka.connection import KafkaConnection
from placet_shared.bus.kafka.messages import encode
from placet_shared.bus.kafka.topics import TopicRefused, ensure_topic, mending_command, topic_of
from placet_shared.bus.watcher import StoreWatcher
from placet_shared.crash_points import passing
from placet_shared.event_store import EventStore
from placet_shared.event_store.records import RecordedEvent
from placet_shared.postgres.errors import DATABASE_ERRORS
from placet_shared.workers.leadership import LeadershipLost, leading, while_leading

__all__ = ["Relay"]

logger = logging.getLogger(__name__)

PAGE = "select * from events where position > $1 order by position limit 500"
SEND_SECONDS = 10.0
LOOK_EVERY = 5.0
RETRY_SECONDS = 0.5
REFUSED_RETRY_SECONDS = 5.0
PASSING_TROUBLE = (KafkaError, LeadershipLost, *DATABASE_ERRORS)


class Relay:
    """Of one store; `run` never ends. Any number of processes may have one: the lock decides which one works."""

    def __init__(self, store: EventStore, watcher: StoreWatcher, kafka: KafkaConnection, *, look_every: float = LOOK_EVERY) -> None:
        self._store = store
        self._watcher = watcher
        self._kafka = kafka
        self._look_every = look_every
        self.topic = topic_of(store.source)
        self.sent: int = 0
        self._in_trouble_at: int | None = None

    async def backlog(self) -> Backlog:
        """The events that are not in the topic yet, whichever process relays; raises what the database does."""
        return await backlog_of(self._store.pool, self.topic)

    async def run(self) -> None:
        """Relay whenever no other process does; errors of brokers and database are retried."""
        while True:
            pause = RETRY_SECONDS
            try:
                async with leading(self._store.url, self._store.schema, self._store.source, "relay") as connection:
                    await while_leading(connection, self._lead())
            except TopicRefused as refused:
                pause = REFUSED_RETRY_SECONDS
                logger.error("no event of %s goes to Kafka: %s", self._store.source, refused)
            except TopicReplaced as replaced:
                logger.warning("%s", replaced)
            except PASSING_TROUBLE as error:
                again = self._in_trouble_at == self.sent
                self._in_trouble_at = self.sent
                logger.log(logging.INFO if again else logging.WARNING, "the relay of %s begins again: %r", self._store.source, error)
            except Exception:
                logger.exception("the relay of %s failed by a defect and tries again", self._store.source)
            await asyncio.sleep(pause)

    async def _lead(self) -> None:
        """Relay until an error; the next try begins with new clients, from the checkpoint."""
        await ensure_topic(self._kafka, self.topic)
        consumer = await open_consumer(self._kafka, f"placet-{self._store.source}-relay")
        try:
            place = await place_to_go_on(self._store.pool, consumer, self.topic)
            logger.info("relaying %s after position %s", self._store.source, place.position)
            async with producing(self._kafka, f"placet-{self._store.source}-relay") as producer:
                await self._relay(producer, consumer, place)
        finally:
            await close_consumer(consumer)

    async def _relay(self, producer: AIOKafkaProducer, consumer: AIOKafkaConsumer, place: Place) -> None:
        while not self._watcher.is_stopping:
            generation = self._watcher.generation
            events = [from_row(self._store.source, row) for row in await self._store.pool.fetch(PAGE, place.position)]
            if events:
                place = await self._send_all(producer, events, place)
            elif not await self._watcher.moved_since(generation, self._look_every):
                await self._look(consumer, place)
        await asyncio.Event().wait()  # the process is about to stop

    async def _send_all(self, producer: AIOKafkaProducer, events: Sequence[RecordedEvent], place: Place) -> Place:
        while events:
            try:
                number, end = await self._send(producer, events)
            except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
                command = mending_command(self._kafka, self.topic, {"max.message.bytes": ""})
                refused = f"the broker does not take position {events[0].position} ({error!r}); this mends it:\n  {command}"
                raise TopicRefused(refused) from error
            if end - number < place.end:
                await remember_to_fill_again(self._store.pool, self.topic)
                raise TopicReplaced(f"{self.topic} ended at offset {end} where {place.end + number} was due: it was made again")
            passing("relay.before_checkpoint")
            await remember(self._store.pool, self.topic, events[number - 1], end)
            passing("relay.after_checkpoint")
            place = Place(events[number - 1].position, end)
            self.sent = place.position
            events = events[number:]
        return place

    async def _send(self, producer: AIOKafkaProducer, events: Sequence[RecordedEvent]) -> tuple[int, int]:
        """As many events as one batch holds, all of them or none; how many, and the offset after the last.

        One batch is on its way at a time: after a refused one nothing must be accepted that belongs behind it.
        """
        batch, number = producer.create_batch(), 0
        for event in events:
            message = encode(event)
            if batch.append(timestamp=None, key=message.key, value=message.value, headers=message.headers) is None:
                break
            number += 1
        batch.close()
        passing("relay.before_send")
        metadata = await bounded(self._deliver(producer, batch), SEND_SECONDS)
        if metadata.offset < 0:
            raise KafkaError("the broker has this batch already and does not say where")
        return number, metadata.offset + number

    async def _deliver(self, producer: AIOKafkaProducer, batch: BatchBuilder) -> RecordMetadata:
        sent = await producer.send_batch(batch, self.topic, partition=0)
        metadata: RecordMetadata = await sent
        return metadata

    async def _look(self, consumer: AIOKafkaConsumer, place: Place) -> None:
        """Without new events: check whether the topic still has what it had."""
        _, end = await topic_range(consumer, TopicPartition(self.topic, 0))
        if end < place.end:
            await remember_to_fill_again(self._store.pool, self.topic)
            raise TopicReplaced(f"{self.topic} ends at offset {end} and ended at {place.end}: it was made again")
