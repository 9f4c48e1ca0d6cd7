"""What a real broker delivers is what the AsyncAPI document says, also for a CloudEvents library that is not ours."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat

from placet_shared.bus.envelope import attributes, decode
from placet_shared.contracts.catalogue import CATALOGUE

from .asyncapi_checker import Checker
from .everything import tell_everything
from .sample_files import events_of
from .test_real_events import pages_of

pytestmark = [pytest.mark.postgres, pytest.mark.kafka]

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/asyncapi.yaml"
WITHIN = 120.0

Records = Sequence[ConsumerRecord]


@pytest.fixture(scope="module")
def document() -> Any:
    return yaml.safe_load(DOCUMENT.read_text())


@pytest.fixture(scope="module")
def delivered(installation_over_kafka: Any, module_kafka_broker: Any, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Records]:
    """Source → every message of its topic, after a story in which everything happened."""
    tell_everything(installation_over_kafka, tmp_path_factory.mktemp("story"))
    return {source: asyncio.run(messages_of(source, installation_over_kafka, module_kafka_broker.address)) for source in CATALOGUE}


async def messages_of(source: str, installation: Any, servers: str) -> Records:
    """All of a topic, as soon as it holds the position that the source is at."""
    topic = TopicPartition(f"placet.{source}.v1", 0)
    head = head_of(source, installation)
    records: list[ConsumerRecord] = []
    until = time.monotonic() + WITHIN
    async with AIOKafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest") as kafka:
        kafka.assign([topic])
        while not any(int(headers_of(record)["ce_position"]) >= head for record in records):
            assert time.monotonic() < until, f"{topic.topic} has not got what {source} has recorded"
            records += (await kafka.getmany(timeout_ms=500)).get(topic, [])
    return records


def head_of(source: str, installation: Any) -> int:
    headers = {"Authorization": f"Bearer {installation.token('erin')}"}
    url = f"{getattr(installation.addresses, source)}/v1/feed/head"
    return int(httpx.get(url, headers=headers, trust_env=False).raise_for_status().json()["position"])


def headers_of(record: ConsumerRecord) -> dict[str, bytes]:
    return dict(record.headers)


def test_every_kind_of_message_was_delivered(delivered: Mapping[str, Records], document: Any) -> None:
    kinds = {headers_of(record)["ce_type"].decode() for records in delivered.values() for record in records}
    documented = {message["name"] for message in document["components"]["messages"].values() if "headers" in message}
    written = {f"placet.{name}.v{one.schema_version}" for events in CATALOGUE.values() for name, one in events.items()}
    assert kinds == written
    assert written <= documented, "older versions are documented too, and written no more"


@pytest.mark.parametrize("source", CATALOGUE)
def test_messages_are_as_the_document_says(delivered: Mapping[str, Records], document: Any, source: str) -> None:
    checker = Checker(document)
    assert delivered[source]
    for record in delivered[source]:
        assert checker.message(record.topic, record.headers, record.value) == [], headers_of(record)["ce_type"]
        assert record.key == headers_of(record)["ce_subject"]


def test_texts_reach_the_audit_trail_and_no_topic(delivered: Mapping[str, Records], installation_over_kafka: Any) -> None:
    """The comment of the story, which audit-service asked the feed for, and the reason that was erased."""
    comment, erased = "What of new customers?", "It was applied before."
    assert comment in until_said(installation_over_kafka, comment)
    messages = b"".join(record.value for records in delivered.values() for record in records).decode()
    assert (comment in messages, erased in messages) == (False, False)


def until_said(installation: Any, text: str) -> set[str | None]:
    """The rationales and comments of the timeline, as soon as this one is among them."""
    end = time.monotonic() + WITHIN
    with installation.client("erin") as erin:
        while text not in (said := {entry.said.text for entry in erin.audit.timeline(limit=200).items if entry.said}):
            assert time.monotonic() < end, f"the timeline has {said}"
    return said


@pytest.mark.parametrize("source", CATALOGUE)
def test_topic_has_one_partition_and_all_that_the_feed_has(
    delivered: Mapping[str, Records], installation_over_kafka: Any, source: str
) -> None:
    assert {record.partition for record in delivered[source]} == {0}
    by_id = {headers_of(record)["ce_id"].decode(): record.value for record in delivered[source]}
    events = [decode(event) for page in pages_of(installation_over_kafka, source) for event in events_of(page)]
    assert [event.position for event in events if by_id.get(event.id, event.data) != event.data] == []
    assert by_id.keys() <= {event.id for event in events}
    assert {event.id for event in events if event.position <= len(by_id)} == by_id.keys()


@pytest.mark.parametrize("source", CATALOGUE)
def test_messages_are_events_for_the_cloudevents_library(
    delivered: Mapping[str, Records], installation_over_kafka: Any, source: str
) -> None:
    ours = {event.id: event for page in pages_of(installation_over_kafka, source) for event in map(decode, events_of(page))}
    for record in delivered[source]:
        theirs = from_binary(KafkaMessage(headers_of(record), None, record.value), JSONFormat())
        event = ours[theirs.get_id()]
        assert theirs.get_data() == json.loads(event.data)
        assert theirs.get_time() == event.recorded_at
        known = theirs.get_attributes()
        assert {name: str(known[name]) for name in attributes(event) if name != "time"} == {
            name: str(value) for name, value in attributes(event).items() if name != "time"
        }
