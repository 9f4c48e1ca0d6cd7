"""Following a source over Kafka: one partition, no group; the consumer's mark is its own, and the feed confirms what Kafka brings."""

from collections.abc import AsyncIterator

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.kafka.connection import KafkaConnection
from placet_shared.bus.kafka.following import Following, Patience
from placet_shared.bus.kafka.warnings import Warnings
from placet_shared.bus.ports import Arrived, Source

__all__ = ["KafkaSubscription"]


class KafkaSubscription:
    """A `Subscription` to the events of `source`, whose feed is asked to confirm all arrivals, and for its head."""

    def __init__(self, source: Source, kafka: KafkaConnection, patience: Patience | None = None) -> None:
        self._source = source
        self._kafka = kafka
        self._patience = patience or Patience()
        self._warnings = Warnings.about(source.name)

    async def follow(self, after: Cursor) -> AsyncIterator[Arrived]:
        """From a cursor on, without end, through outages of broker and feed; raises `OutOfRange` (`lost_branch`)."""
        following = Following(self._source, self._kafka, after, self._patience, self._warnings)
        try:
            while True:
                yield await following.next()
        finally:
            await following.close()
