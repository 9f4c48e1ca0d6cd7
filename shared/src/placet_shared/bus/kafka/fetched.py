"""Checks what a consumer has fetched before aiokafka unpacks it: batches that no relay makes are skipped unread.

aiokafka 0.14 unpacks a batch in `PartitionRecords._unpack_records`, where it decompresses all of it at once, however large that gets
(700 MiB fit behind gzip into the megabyte that a topic takes), and where a header name that is no UTF-8 raises; the offset then stays, and
the same batch raises for ever. So its iterator is replaced by one that decompresses nothing, since a relay compresses nothing, and that
skips a whole batch which can't be read. What a foreign batch may hold besides is bounded by its own size: `topics` sees to that.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.consumer.fetcher import FetchResult, PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatch

__all__ = ["MOST_RECORDS", "PassedOver", "pass_over_what_no_relay_sends"]

# A relay reads so many events at a time, and a batch holds some of them.
MOST_RECORDS = 500

# Why, and how many messages.
PassedOver = Callable[[str, int], None]


def pass_over_what_no_relay_sends(consumer: AIOKafkaConsumer, passed_over: PassedOver) -> None:
    """From now on; call it before the consumer is given a partition."""
    consumer._fetcher._records = _Fetched(passed_over)


class _Fetched(OrderedDict[TopicPartition, Any]):
    """The fetcher's store of what it has fetched and not handed out."""

    def __init__(self, passed_over: PassedOver) -> None:
        super().__init__()
        self._passed_over = passed_over

    def __setitem__(self, partition: TopicPartition, fetched: Any) -> None:
        if isinstance(fetched, FetchResult):
            records = fetched._partition_records
            records._records_iterator = _messages(records, self._passed_over)
        super().__setitem__(partition, fetched)


def _messages(records: PartitionRecords, passed_over: PassedOver) -> Iterator[ConsumerRecord]:
    """As `PartitionRecords._unpack_records`; `next_fetch_offset` says how far it has come, whatever the batches were."""
    while records._records.has_next():
        batch = records._records.next_batch()
        if not isinstance(batch, DefaultRecordBatch):
            raise CorruptRecordException("a batch of a format from before Kafka 0.11")
        if not batch.is_control_batch:
            for record in _records_of(batch, passed_over):
                if record.offset >= records.next_fetch_offset:
                    message = records._consumer_record(records._tp, record)
                    records.next_fetch_offset = record.offset + 1
                    yield message
        records.next_fetch_offset = max(records.next_fetch_offset, batch.next_offset)


def _records_of(batch: Any, passed_over: PassedOver) -> list[Any]:
    """All of a batch or nothing: what a relay sends is readable as a whole."""
    number = batch.next_offset - batch.base_offset
    why = None
    if batch.compression_type:
        why = "its batch is compressed"
    elif number > MOST_RECORDS:
        why = f"its batch holds {number} messages, and no more than {MOST_RECORDS} are sent together"
    else:
        try:
            if batch.validate_crc():
                return list(batch)
            why = "its batch does not have the checksum that it names"
        except Exception as error:  # foreign bytes may raise anything
            why = f"its batch can't be read: {error!r}"
    passed_over(f"offset {batch.base_offset}: {why}", number)
    return []
