"""Of two replicas one brings the events to Kafka, and the other goes on when it is killed."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from placet_shared.processes import SOURCES
from placet_shared.testing import eventually_blocking

from ..conftest import installed
from .conftest import A, B, Replicated

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.slow]

WITHIN = 120.0
LEADS = "relaying {} after position"
MODELS = 12


@pytest.fixture
def replicas_over_kafka(postgres_server: Any, own_kafka_broker: Any, tmp_path: Path) -> Iterator[Replicated]:
    with installed(postgres_server, tmp_path, Replicated, PLACET_KAFKA_BOOTSTRAP_SERVERS=own_kafka_broker.address) as running:
        assert isinstance(running, Replicated)
        try:
            yield running
        finally:
            for front in running.fronts.values():
                front.close()


def leaders(replicas: Replicated, source: str) -> list[str]:
    """The replicas that said that they lead, the first one first."""
    return [name for name in (f"{source}-{replica}" for replica in (A, B)) if LEADS.format(source) in replicas.log(name)]


def until_one_leads(replicas: Replicated, source: str, others: tuple[str, ...] = ()) -> str:
    def new_leaders() -> list[str]:
        return [name for name in leaders(replicas, source) if name not in others]

    return eventually_blocking(new_leaders)[0]


def register_models(replicas: Replicated, prefix: str, *names: str) -> None:
    """Some models, through these replicas in turn."""
    for number in range(MODELS):
        at = names[number % len(names)]
        answer = replicas.call(at, "alice", "POST", "/v1/models", json={"name": f"{prefix}-{number}"})
        assert answer.status_code == 201, answer.text


async def positions_in(topic: str, servers: str, head: int) -> list[int]:
    """Of all messages, as soon as the one at the head is among them."""
    positions: list[int] = []
    until = time.monotonic() + WITHIN
    partition = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest") as kafka:
        kafka.assign([partition])
        while head not in positions:
            assert time.monotonic() < until, f"{topic} ends before position {head}: {positions[-5:]}"
            records = (await kafka.getmany(timeout_ms=500)).get(partition, [])
            positions += [int(dict(record.headers)["ce_position"]) for record in records]
    return positions


def head_of(replicas: Replicated, name: str) -> int:
    answer: httpx.Response = replicas.call(name, "erin", "GET", "/v1/feed/head")
    return int(answer.raise_for_status().json()["position"])


def test_relay_is_elected_once_and_taken_over(replicas_over_kafka: Replicated, own_kafka_broker: Any) -> None:
    replicas = replicas_over_kafka
    for source in SOURCES:
        until_one_leads(replicas, source)
    register_models(replicas, "both", "registry-a", "registry-b")
    assert {source: len(leaders(replicas, source)) for source in SOURCES} == dict.fromkeys(SOURCES, 1)

    first = until_one_leads(replicas, "registry")
    (left,) = {"registry-a", "registry-b"} - {first}
    replicas.kill(first)
    register_models(replicas, "one", left)
    assert until_one_leads(replicas, "registry", (first,)) == left

    head = head_of(replicas, left)
    positions = asyncio.run(positions_in("placet.registry.v1", own_kafka_broker.address, head))
    assert list(dict.fromkeys(positions)) == list(range(1, head + 1))
