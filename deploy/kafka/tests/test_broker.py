"""The harness itself: a broker answers, keeps its messages through a `kill -9`, and is skipped only where it can't run."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from kafka_broker import Broker, Installation

ROOT = Path(__file__).resolve().parents[3]
TEST = """
import pytest

@pytest.mark.kafka
def test_something(kafka_installation):
    pass
"""


async def keep(broker: Broker, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker.address, acks="all") as producer:
        for value in values:
            await producer.send_and_wait("kept", value)


async def kept(broker: Broker, number: int) -> list[bytes]:
    async with AIOKafkaConsumer(bootstrap_servers=broker.address) as consumer:
        consumer.assign([TopicPartition("kept", 0)])
        await consumer.seek_to_beginning()
        return [(await consumer.getone()).value for _ in range(number)]


@pytest.mark.kafka
async def test_broker_keeps_its_messages_through_a_kill(own_kafka_broker: Broker) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=own_kafka_broker.address)
    await admin.start()
    await admin.create_topics([NewTopic("kept", 1, 1)])
    await admin.close()
    await keep(own_kafka_broker, b"one", b"two")
    own_kafka_broker.kill()
    own_kafka_broker.start()
    await asyncio.to_thread(own_kafka_broker.wait_until_ready)
    await keep(own_kafka_broker, b"three")
    assert await kept(own_kafka_broker, 3) == [b"one", b"two", b"three"]


@pytest.mark.kafka
@pytest.mark.parametrize("main", ["kafka.Kafka", "kafka.tools.StorageTool"])
def test_programs_map_their_classes_instead_of_reading_them(kafka_installation: Installation, main: str) -> None:
    java, *options = kafka_installation.command(main, "--help")
    told = subprocess.run([java, "-Xlog:class+load", *options], capture_output=True, text=True, check=False, timeout=60).stdout
    loaded = [line for line in told.splitlines() if " org.apache.kafka." in line]
    assert sum("shared objects file (top)" in line for line in loaded) > 0.8 * len(loaded) > 0


@pytest.mark.parametrize(("required", "outcome"), [("0", "1 skipped"), ("1", "1 error")])
def test_without_java_its_tests_say_why_they_did_not_run(tmp_path: Path, required: str, outcome: str) -> None:
    test = tmp_path / "test_something.py"
    test.write_text(TEST)
    environment = {**os.environ, "PATH": str(tmp_path), "PLACET_REQUIRE_KAFKA": required}
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--confcutdir", str(ROOT), "-p", "no:cacheprovider"]
    told = subprocess.run(
        [*command, "-p", "conftest", str(test)],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome in told.stdout, told.stdout + told.stderr
    assert "Kafka needs Java 17 or newer" in told.stdout
