"""Following a source over Kafka: one partition, no group; the consumer's mark is its own, and the feed has what the topic lacks."""

from collections.abc import AsyncIterator

from placet_shared.bus.cursors import Cursor
from placet_shared.bus.kafka.connection import KafkaConnection
from placet_shared.bus.kafka.following import Following, Patience
from placet_shared.bus.ports import Arrived, Source

__all__ = ["KafkaSubscription"]


class KafkaSubscription:
    """A `Subscription` to the events of `source`, whose feed is asked for gaps and for how far it is."""

    def __init__(self, source: Source, kafka: KafkaConnection, patience: Patience | None = None) -> None:
        self._source = source
        self._kafka = kafka
        self._patience = patience or Patience()

    async def follow(self, after: Cursor) -> AsyncIterator[Arrived]:
        """From a cursor on, without end, whatever becomes of the broker; raises `OutOfRange` (`lost_branch`) and `Unavailable`."""
        following = Following(self._source, self._kafka, after, self._patience)
        try:
            while True:
                yield await following.next()
        finally:
            await following.close()
