"""A source's topic: created when it is missing, refused when its settings would lose or disorder events."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import NoError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from placet_shared.bus.kafka.clients import BATCH_BYTES, bounded
from placet_shared.bus.kafka.connection import KafkaConnection

__all__ = ["TOPIC_PREFIX", "TopicRefused", "ensure_topic", "mending_command", "topic_of"]

TOPIC_PREFIX = "placet."
LEAST_MESSAGE_BYTES = 2 * BATCH_BYTES
# A reader holds the largest batch that a topic takes in memory, from any writer.
MOST_MESSAGE_BYTES = 8 * 1024 * 1024
ENSURE_SECONDS = 30.0
DAY_MS = 24 * 60 * 60 * 1000
SETTINGS: Mapping[str, str] = {
    "cleanup.policy": "delete",
    "retention.ms": str(7 * DAY_MS),
    "max.message.bytes": str(1024 * 1024),
    "compression.type": "producer",
}


class TopicRefused(Exception):
    """The topic has settings with which events could be lost or disordered; the message holds the command that mends it."""


def topic_of(source: str) -> str:
    """The topic of a source's events."""
    return f"{TOPIC_PREFIX}{source}.v1"


async def ensure_topic(kafka: KafkaConnection, topic: str) -> None:
    """Make the topic, or look at the one that is there; raises `TopicRefused` and aiokafka's `KafkaError`."""
    await bounded(_ensure(kafka, topic), ENSURE_SECONDS)


async def _ensure(kafka: KafkaConnection, topic: str) -> None:
    async with _admin(kafka) as admin:
        partitions = await _partitions(admin, topic)
        if partitions is None:
            await _create(admin, kafka, topic)  # with our settings; a topic that another process created first is checked the next time
            return
        if partitions != 1:
            command = f"kafka-topics.sh --bootstrap-server {kafka.servers} --delete --topic {topic}"
            says = f"{topic} has {partitions} partitions, and order needs one; this takes it away, then it is made anew and filled"
            raise TopicRefused(f"{says}:\n  {command}")
        wrong = _wrong(await _settings(admin, topic))
        if wrong:
            raise TopicRefused(f"{topic} has {', '.join(wrong.values())}; this mends it:\n  {mending_command(kafka, topic, wrong)}")


def mending_command(kafka: KafkaConnection, topic: str, names: Mapping[str, str]) -> str:
    """What an operator types to give these settings of a topic our values."""
    ours = ",".join(f"{name}={SETTINGS[name]}" for name in names)
    return f"kafka-configs.sh --bootstrap-server {kafka.servers} --alter --entity-type topics --entity-name {topic} --add-config {ours}"


def _wrong(has: Mapping[str, str]) -> dict[str, str]:
    """The settings that would lose or disorder events, each with its present value."""
    retention = int(has["retention.ms"])
    found = {
        "cleanup.policy": has["cleanup.policy"] != "delete",
        "retention.ms": 0 <= retention < DAY_MS,
        "max.message.bytes": not LEAST_MESSAGE_BYTES <= int(has["max.message.bytes"]) <= MOST_MESSAGE_BYTES,
        "compression.type": has["compression.type"] not in ("producer", "uncompressed"),  # readers skip compressed batches
    }
    return {name: f"{name}={has[name]}" for name, is_wrong in found.items() if is_wrong}


@asynccontextmanager
async def _admin(kafka: KafkaConnection) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**kafka.options("placet-topics"))
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def _partitions(admin: AIOKafkaAdminClient, topic: str) -> int | None:
    """How many there are; None without a topic."""
    [described] = await admin.describe_topics([topic])
    error = for_code(described["error_code"])
    if error is UnknownTopicOrPartitionError:
        return None
    if error is not NoError:
        raise error(topic)
    return len(described["partitions"])


async def _create(admin: AIOKafkaAdminClient, kafka: KafkaConnection, topic: str) -> None:
    copies = kafka.replication_factor
    settings = {**SETTINGS, **({"min.insync.replicas": "2"} if copies > 2 else {})}
    answer = await admin.create_topics([NewTopic(topic, 1, copies, topic_configs=settings)])
    for _, code, *message in answer.topic_errors:
        error = for_code(code)
        if error not in (NoError, TopicAlreadyExistsError):
            raise error(*message)


async def _settings(admin: AIOKafkaAdminClient, topic: str) -> dict[str, str]:
    """The settings that we ask about, as they are now."""
    asked = ConfigResource(ConfigResourceType.TOPIC, topic, dict.fromkeys(SETTINGS, ""))
    [answer] = await admin.describe_configs([asked])
    [(code, message, _, _, entries)] = answer.resources
    if for_code(code) is not NoError:
        raise for_code(code)(message)
    return {entry[0]: entry[1] for entry in entries}
