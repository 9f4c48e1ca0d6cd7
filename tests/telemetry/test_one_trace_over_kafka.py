"""The same trace when a real broker brings the events: what is in the topics carries it, and what comes from there goes on in it."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from .traced import WITHIN, approving_while_a_pipeline_waits, metrics, registering, sending_to, systems

pytestmark = [pytest.mark.postgres, pytest.mark.kafka]


@pytest.fixture(scope="module")
def running(collector: Any, module_kafka_broker: Any, install: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    told = {**sending_to(collector), "PLACET_KAFKA_BOOTSTRAP_SERVERS": module_kafka_broker.address}
    with install(tmp_path_factory.mktemp("traced-over-kafka"), **told) as running:
        yield running


async def traceparents(servers: str, topic: str, span: Any) -> list[str]:
    """The `ce_traceparent` of those messages that a span appended, once there are any."""
    begun = f"00-{span.trace}-{span.id}-"
    async with asyncio.timeout(WITHIN), AIOKafkaConsumer(bootstrap_servers=servers) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.seek_to_beginning()
        while True:
            for messages in (await consumer.getmany(timeout_ms=1000)).values():
                told = [dict(message.headers).get("ce_traceparent", b"").decode() for message in messages]
                if found := [one for one in told if one.startswith(begun)]:
                    return found


def test_one_trace_from_the_request_to_the_pipeline_that_waited(
    running: Any, collector: Any, module_kafka_broker: Any, tmp_path: Path
) -> None:
    # While a client is opened, and whenever a service looks whether Kafka is late, the feed may be faster with one event.
    until = time.monotonic() + WITHIN
    for number in itertools.count():
        spans = registering(running, collector, f"traced-{number}")
        if systems(spans) == {"kafka"}:
            break
        assert time.monotonic() < until, systems(spans)

    spans = approving_while_a_pipeline_waits(running, collector, tmp_path / "awaited.onnx")
    approve = next(span for span in spans if span.name.endswith("/approve"))
    append = next(span for span in spans if span.name == "append approval" and span.parent == approve.id)
    assert asyncio.run(traceparents(module_kafka_broker.address, "placet.approval.v1", append))


@pytest.mark.parametrize("service", ["registry", "verification", "approval", "audit"])
def test_what_the_topic_lacks_is_measured(running: Any, service: str) -> None:
    shown = metrics(running, service)
    assert "\nplacet_relay_lag " in shown
    assert "\nplacet_relay_delay_seconds " in shown
