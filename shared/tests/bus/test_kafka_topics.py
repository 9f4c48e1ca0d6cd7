"""A topic is made as order and completeness need it; one that is otherwise is refused with the command that mends it."""

import asyncio
import subprocess
from typing import Any

import pytest
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from kafka_broker import Broker
from placet_shared.bus.kafka import KafkaConnection
from placet_shared.bus.kafka.topics import TopicRefused, ensure_topic
from placet_shared.testing import eventually

from .over_kafka import TOPIC, administering, delete_topic, has_topic

pytestmark = pytest.mark.kafka

PROGRAMS = {"kafka-configs.sh": "kafka.admin.ConfigCommand", "kafka-topics.sh": "org.apache.kafka.tools.TopicCommand"}


async def make(kafka: KafkaConnection, partitions: int = 1, **settings: str) -> None:
    named = {name.replace("_", "."): value for name, value in settings.items()}
    async with administering(kafka) as admin:
        await admin.create_topics([NewTopic(TOPIC, partitions, 1, topic_configs=named)])

        async def has_settings() -> bool:
            """A broker under load may know a topic before its settings."""
            [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, TOPIC, {"cleanup.policy": ""})])
            return bool(answer.resources[0][0] == 0)

        await eventually(has_settings)


async def settings_of(kafka: KafkaConnection, *names: str) -> list[Any]:
    async with administering(kafka) as admin:
        [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, TOPIC, dict.fromkeys(names, ""))])
        found = {entry[0]: entry[1] for entry in answer.resources[0][4]}
        return [found[name] for name in names]


async def type_command(broker: Broker, refused: TopicRefused) -> None:
    """What the message tells an operator to type, typed."""
    program, *words = str(refused).splitlines()[-1].split()
    command = broker.installation.command(PROGRAMS[program], *words, heap="128m")
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


async def test_missing_topic_is_made(kafka: KafkaConnection) -> None:
    await ensure_topic(kafka, TOPIC)
    assert await settings_of(kafka, "cleanup.policy", "retention.ms", "max.message.bytes") == ["delete", "604800000", "1048576"]
    await ensure_topic(kafka, TOPIC)


@pytest.mark.parametrize("settings", [{"retention_ms": "-1"}, {"retention_ms": "86400000", "max_message_bytes": "524288"}])
async def test_topic_that_an_operator_made_otherwise_will_do(kafka: KafkaConnection, settings: dict[str, Any]) -> None:
    await make(kafka, **settings)
    await ensure_topic(kafka, TOPIC)


async def test_topic_with_settings_that_lose_events_is_refused_with_its_remedy(kafka: KafkaConnection, kafka_broker: Broker) -> None:
    await make(kafka, cleanup_policy="compact", retention_ms="1000", max_message_bytes="65536", compression_type="gzip")
    with pytest.raises(TopicRefused) as refused:
        await ensure_topic(kafka, TOPIC)
    for wrong in ("cleanup.policy=compact", "retention.ms=1000", "max.message.bytes=65536", "compression.type=gzip"):
        assert wrong in str(refused.value)
    await type_command(kafka_broker, refused.value)
    await ensure_topic(kafka, TOPIC)


async def test_topic_that_takes_more_than_a_reader_should_hold_is_refused(kafka: KafkaConnection) -> None:
    await make(kafka, max_message_bytes=str(8 * 1024 * 1024 + 1))
    with pytest.raises(TopicRefused, match=r"max\.message\.bytes=8388609"):
        await ensure_topic(kafka, TOPIC)


async def test_topic_with_several_partitions_is_refused_with_the_command_that_mends_it(
    kafka: KafkaConnection, kafka_broker: Broker
) -> None:
    await make(kafka, partitions=3)
    with pytest.raises(TopicRefused, match="has 3 partitions") as refused:
        await ensure_topic(kafka, TOPIC)
    await type_command(kafka_broker, refused.value)
    await delete_topic(kafka)
    assert not await has_topic(kafka)
    await ensure_topic(kafka, TOPIC)
