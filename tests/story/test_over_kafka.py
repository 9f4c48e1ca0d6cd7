"""The services as real processes over a real broker: an event reaches the audit log whichever process is dead meanwhile."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from kafka_broker import Broker
from placet_shared.testing import eventually_blocking

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.slow]


@pytest.fixture
def running(install: Callable[..., AbstractContextManager[Any]], own_kafka_broker: Broker, tmp_path: Path) -> Iterator[Any]:
    with install(tmp_path, PLACET_KAFKA_BOOTSTRAP_SERVERS=own_kafka_broker.address) as running:
        yield running


def is_in_the_log(running: Any, model: str) -> Callable[[], bool]:
    def look() -> bool:
        with running.client("erin") as erin:
            return model in str(erin.audit.timeline(limit=200))

    return look


def is_in_the_topic(broker: Broker, model: str) -> Callable[[], bool]:
    return lambda: any(model.encode() in value for value in asyncio.run(values(broker, "placet.registry.v1")))


async def values(broker: Broker, topic: str) -> list[bytes]:
    partition = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(bootstrap_servers=broker.address) as consumer:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        found: list[bytes] = []
        while await consumer.position(partition) < end:
            for messages in (await consumer.getmany(partition, timeout_ms=1000)).values():
                found += [message.value for message in messages]
        return found


def register(running: Any, model: str) -> None:
    with running.client("alice") as alice:
        alice.registry.register_model(model)


def test_event_reaches_the_audit_log_whichever_process_is_dead_meanwhile(running: Any, own_kafka_broker: Broker) -> None:
    register(running, "while-all-live")
    log = partial(running.log, "audit")
    eventually_blocking(is_in_the_log(running, "while-all-live"), state=log)

    running.kill("audit")
    register(running, "while-audit-is-dead")
    eventually_blocking(is_in_the_topic(own_kafka_broker, "while-audit-is-dead"), state=log)
    running.kill("registry")
    running.start("audit")
    running.wait_until_ready("audit")
    eventually_blocking(lambda: "waiting for registry" in log(), state=log)  # what Kafka alone says is not believed
    assert not is_in_the_log(running, "while-audit-is-dead")()

    own_kafka_broker.kill()
    running.start("registry")
    running.wait_until_ready("registry")
    eventually_blocking(is_in_the_log(running, "while-audit-is-dead"), state=log)
    register(running, "while-kafka-is-dead")
    eventually_blocking(is_in_the_log(running, "while-kafka-is-dead"), state=log)

    own_kafka_broker.start()
    own_kafka_broker.wait_until_ready()
    register(running, "after-all-that")
    eventually_blocking(is_in_the_log(running, "after-all-that"), state=log)
    eventually_blocking(is_in_the_topic(own_kafka_broker, "after-all-that"), state=log)
    assert is_in_the_topic(own_kafka_broker, "while-kafka-is-dead")()
