"""What can be written to a topic by a program that may write there: forged events, junk, names that are no UTF-8, bombs."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from msgspec.structs import replace

from placet_shared.bus.kafka import KafkaConnection
from placet_shared.bus.kafka.messages import encode
from placet_shared.event_store import RecordedEvent
from placet_shared.identifiers import new_id

from .over_kafka import TOPIC

MIB = 1024 * 1024


class _NoUtf8(str):
    """A header's name that goes out as bytes which are no UTF-8."""

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"\xff\xfe"


class Attacker:
    """Has a producer of its own, and no relay."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    async def send(self, *events: RecordedEvent) -> None:
        for message in map(encode, events):
            await self._producer.send_and_wait(TOPIC, message.value, message.key, headers=message.headers)

    async def send_batch(self, events: Sequence[RecordedEvent]) -> None:
        """All together, so that a reader has them together."""
        batch = self._producer.create_batch()
        for message in map(encode, events):
            assert batch.append(timestamp=None, key=message.key, value=message.value, headers=message.headers)
        await (await self._producer.send_batch(batch, TOPIC, partition=0))

    async def send_headers(self, event: RecordedEvent, **changed: bytes) -> None:
        """An event with some headers as no event has them."""
        message = encode(event)
        headers = {**dict(message.headers), **changed}
        await self._producer.send_and_wait(TOPIC, message.value, message.key, headers=list(headers.items()))

    async def send_junk(self, value: bytes = b"junk") -> None:
        await self._producer.send_and_wait(TOPIC, value)

    async def send_name_that_is_no_utf8(self) -> None:
        batch = self._producer.create_batch()
        batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, -1, 16_384)
        assert batch.append(timestamp=None, key=None, value=b"junk", headers=[(_NoUtf8("x"), b"")])
        await (await self._producer.send_batch(batch, TOPIC, partition=0))


@asynccontextmanager
async def attacking(kafka: KafkaConnection, **options: Any) -> AsyncIterator[Attacker]:
    async with AIOKafkaProducer(**kafka.options("attacker"), **options) as producer:
        yield Attacker(producer)


def forged_after(event: RecordedEvent, type_: str, **data: Any) -> RecordedEvent:
    """The next event, as it would have to look: its position and its predecessor are right."""
    return replace(event, position=event.position + 1, prev=event.id, id=new_id(), type=type_, data=orjson.dumps(data))
