"""The services over a guarded broker: each has a user of its own, and what the administrator's password lets in has no effect."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace

from kafka_broker import Broker, Installation
from kafka_broker.guarded import administrator, guarded_broker, make_users
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.kafka import topic_of
from placet_shared.bus.kafka.messages import encode
from placet_shared.event_store import RecordedEvent
from placet_shared.free_ports import free_port
from placet_shared.identifiers import new_id
from placet_shared.processes import SOURCES
from placet_shared.testing import eventually_blocking
from placet_shared.tokens import new_token, token_hash

pytestmark = [pytest.mark.postgres, pytest.mark.kafka]

JUNK = 20


@pytest.fixture(scope="module")
def broker(kafka_installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    broker = guarded_broker(kafka_installation, tmp_path_factory.mktemp("guarded"), free_port(), free_port())
    try:
        broker.start()
        broker.wait_until_ready()
        asyncio.run(make_users(broker))
        yield broker
    finally:
        broker.kill()


@pytest.fixture(scope="module")
def running(install: Any, broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    told = {
        "PLACET_KAFKA_BOOTSTRAP_SERVERS": broker.address,
        "PLACET_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "PLACET_KAFKA_SASL_USERNAME": "placet_{service}",
        "PLACET_KAFKA_SASL_PASSWORD_FILE": f"{broker.folder}/passwords/{{service}}",
    }
    with install(tmp_path_factory.mktemp("over-guarded-kafka"), **told) as running:
        yield running


def ask(running: Any, source: str, path: str, token: str, **headers: str) -> httpx.Response:
    url = getattr(running.addresses, source) + path
    return httpx.get(url, headers={"Authorization": f"Bearer {token}", **headers}, trust_env=False, timeout=30)


async def events_of(running: Any, source: str) -> list[RecordedEvent]:
    client = FeedClient(source, getattr(running.addresses, source), lambda: running.token("erin"))
    try:
        return list((await client.read(Cursor(), 1000)).events)
    finally:
        await client.aclose()


async def write(broker: Broker, topic: str, *events: RecordedEvent) -> None:
    """With the administrator's password, and junk behind."""
    kafka = administrator(broker.address, broker.folder / "passwords/admin")
    async with AIOKafkaProducer(**kafka.options("attacker")) as producer:
        for message in map(encode, events):
            await producer.send_and_wait(topic, message.value, message.key, headers=message.headers)
        for _ in range(JUNK):
            await producer.send_and_wait(topic, b"junk")


def next_of(event: RecordedEvent, type_: str, subject: str, **data: Any) -> RecordedEvent:
    there = {"position": event.position + 1, "prev": event.id, "id": new_id()}
    return replace(event, **there, type=type_, subject=subject, stream=subject, version=1, schema_version=1, data=orjson.dumps(data))


def test_each_service_relays_under_its_own_name(running: Any, broker: Broker) -> None:
    eventually_blocking(
        lambda: all(f"relaying {source} after position" in running.log(source) for source in SOURCES),
        state=lambda: "\n".join(running.log(source)[-2000:] for source in SOURCES),
    )
    assert not any("Authorization" in running.log(source) for source in SOURCES)


def test_forged_administrator_is_let_in_nowhere(running: Any, broker: Broker) -> None:
    forged, person = new_token(), new_id()
    last = asyncio.run(events_of(running, "approval"))[-1]
    added = next_of(last, "PersonAdded", person, person_id=person, roles=["admin"])
    issued = next_of(
        added, "TokenIssued", person, token_id=new_id(), holder_id=person, holder_kind="person", expires_at=None,
        token_sha256=token_hash(forged),
    )  # fmt: skip
    asyncio.run(write(broker, topic_of("approval"), added, issued))
    with running.client("dora") as dora:
        dora.approval.add_person("frank", None, None, [])
    events = asyncio.run(events_of(running, "approval"))
    assert [event.id for event in events].count(added.id) == 0
    seen = f"approval:{events[-1].epoch}:{events[-1].position}"
    for source, path in (("registry", "/v1/models"), ("verification", "/v1/plans"), ("audit", "/v1/timeline")):
        assert ask(running, source, path, running.token("erin"), **{"Placet-Seen": seen}).status_code == 200, running.log(source)[-3000:]
        assert ask(running, source, path, forged).status_code == 401


def test_whole_source_twice_in_its_topic_is_in_the_audit_log_once(running: Any, broker: Broker) -> None:
    with running.client("alice") as alice:
        alice.registry.register_model("before-the-copies")
    events = asyncio.run(events_of(running, "registry"))
    copies = [*events, *[replace(event, epoch=event.epoch + 1) for event in events]]
    asyncio.run(write(broker, topic_of("registry"), *copies, next_of(events[-1], "VersionRegistered", "forged")))
    with running.client("alice") as alice:
        alice.registry.register_model("after-the-copies")
    events = asyncio.run(events_of(running, "registry"))
    seen = {"Placet-Seen": f"registry:{events[-1].epoch}:{events[-1].position}"}
    assert ask(running, "audit", "/v1/timeline", running.token("erin"), **seen).status_code == 200, running.log("audit")[-3000:]
    logged = [entry["event"]["id"] for entry in entries(running) if entry["event"]["source"] == "registry"]
    assert logged == [event.id for event in events]


def entries(running: Any) -> Iterator[dict[str, Any]]:
    """All of the audit log, from the first."""
    index = 0
    while (answer := ask(running, "audit", f"/v1/entries/{index}", running.token("erin"))).status_code == 200:
        yield answer.json()
        index += 1
