"""Reads one source's topic from a place on: messages become events; a message that is no event is skipped and counted."""

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from placet_shared.bus.kafka.clients import bounded, close_consumer, open_consumer, topic_range
from placet_shared.bus.kafka.connection import KafkaConnection
from placet_shared.bus.kafka.messages import decode
from placet_shared.bus.kafka.topics import topic_of
from placet_shared.counted_warnings import CountedWarning
from placet_shared.errors import Malformed
from placet_shared.event_store.records import RecordedEvent

__all__ = ["Reader", "open_reader"]

MOST_AT_ONCE = 500
PATIENCE_SECONDS = 5.0


class Reader:
    """An open client on partition 0."""

    def __init__(self, consumer: AIOKafkaConsumer, source: str, passed_over: CountedWarning) -> None:
        self._consumer = consumer
        self._source = source
        self._passed_over = passed_over
        self._partition = TopicPartition(topic_of(source), 0)

    async def events(self, seconds: float) -> Sequence[RecordedEvent] | None:
        """What has arrived, after waiting at most so long; None when nothing has. Raises aiokafka's `KafkaError`."""
        coming = self._consumer.getmany(self._partition, timeout_ms=int(seconds * 1000), max_records=MOST_AT_ONCE)
        found = await bounded(coming, seconds + PATIENCE_SECONDS)
        messages = found.get(self._partition, ())
        if not messages:
            return None
        return [event for message in messages if (event := self._event(message.offset, message.headers, message.value))]

    def pause(self) -> None:
        """Fetch no more for now (rule 21)."""
        self._consumer.pause(self._partition)

    def resume(self) -> None:
        """Fetch again."""
        self._consumer.resume(self._partition)

    async def close(self) -> None:
        """Close the client."""
        await close_consumer(self._consumer)

    def _event(self, offset: int, headers: Sequence[tuple[str, bytes | None]], value: bytes | None) -> RecordedEvent | None:
        try:
            event = decode(headers, value)
        except Malformed as error:
            self._passed_over.happened(f"offset {offset}: {error.detail}")
            return None
        if event.source != self._source:
            self._passed_over.happened(f"offset {offset}: it is an event of {event.source}")
            return None
        return event


async def open_reader(kafka: KafkaConnection, source: str, passed_over: CountedWarning) -> Reader:
    """A client that reads what the topic gets from now on; raises aiokafka's `KafkaError`."""
    consumer = await open_consumer(kafka, f"placet-reader-of-{source}", passed_over.happened)
    partition = TopicPartition(topic_of(source), 0)
    try:
        _, end = await topic_range(consumer, partition)
        consumer.assign([partition])
        consumer.seek(partition, end)
    except BaseException:
        await close_consumer(consumer)
        raise
    return Reader(consumer, source, passed_over)
