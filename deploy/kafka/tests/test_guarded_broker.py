"""A guarded broker lets each service write only its own topic, and refuses all other users."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from kafka_broker import Broker, Installation
from kafka_broker.__main__ import exports
from kafka_broker.guarded import administrator, guarded_broker, make_users
from placet_shared.bus.kafka import KafkaConnection, kafka_connection, topic_of
from placet_shared.bus.kafka.access import main, user_of
from placet_shared.bus.kafka.topics import ensure_topic
from placet_shared.free_ports import free_port
from placet_shared.processes import PORTS
from placet_shared.settings import CommonSettings

pytestmark = pytest.mark.kafka

SOURCES = tuple(PORTS)


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


def of(broker: Broker, source: str) -> KafkaConnection:
    file = broker.folder / "passwords" / source
    return KafkaConnection(broker.address, "SASL_PLAINTEXT", None, "SCRAM-SHA-512", user_of(source), file)


async def write(kafka: KafkaConnection, topic: str, **options: Any) -> None:
    async with AIOKafkaProducer(**kafka.options("test"), acks="all", enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, b"written", **options)


async def read(kafka: KafkaConnection, topic: str) -> bytes:
    async with AIOKafkaConsumer(**kafka.options("test"), auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        return bytes((await consumer.getone()).value)


@pytest.mark.parametrize("source", SOURCES)
async def test_service_makes_and_writes_its_own_topic_and_reads_all(broker: Broker, source: str) -> None:
    own = of(broker, source)
    await ensure_topic(own, topic_of(source))
    await ensure_topic(own, topic_of(source))
    await write(own, topic_of(source))
    for other in SOURCES:
        assert await read(of(broker, other), topic_of(source)) == b"written"


@pytest.mark.parametrize(("writer", "victim"), [(one, other) for one in SOURCES for other in SOURCES if one != other])
async def test_service_does_not_write_anothers_topic(broker: Broker, writer: str, victim: str) -> None:
    await ensure_topic(of(broker, victim), topic_of(victim))
    with pytest.raises(TopicAuthorizationFailedError):
        await write(of(broker, writer), topic_of(victim), partition=0)


async def test_service_neither_deletes_nor_alters_a_topic(broker: Broker) -> None:
    own = of(broker, "registry")
    await ensure_topic(own, topic_of("registry"))
    admin = AIOKafkaAdminClient(**own.options("test"))
    await admin.start()
    try:
        answer = await admin.delete_topics([topic_of("registry")])
        assert [code for _, code, *_ in answer.topic_error_codes] == [TopicAuthorizationFailedError.errno]
        assert topic_of("registry") in await admin.list_topics()
    finally:
        await admin.close()


async def test_other_users_are_refused(broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("guessed")
    own = of(broker, "audit")
    for stranger in (replace(own, sasl_password_file=tmp_path / "wrong"), replace(own, sasl_username="mallory")):
        with pytest.raises(KafkaError):
            await write(stranger, topic_of("audit"))
    for mechanism in ("PLAIN", "SCRAM-SHA-512"):
        with pytest.raises(KafkaError):
            await write(replace(administrator(broker.address, tmp_path / "wrong"), sasl_mechanism=mechanism), topic_of("audit"))
    with pytest.raises(KafkaError):
        await write(KafkaConnection(broker.address), topic_of("audit"))


def test_what_make_kafka_prints_lets_each_service_in_as_itself(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "\n".join(exports(broker)) + "\nenv"
    told = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.splitlines()
    for line in told:
        name, _, value = line.partition("=")
        if name.startswith("PLACET_KAFKA_"):
            monkeypatch.setenv(name, value)

    class Settings(CommonSettings):
        SOURCE = "verification"

    kafka = kafka_connection(Settings.load())
    assert kafka == replace(of(broker, "verification"), tls=None)
    asyncio.run(ensure_topic(kafka, topic_of("verification")))


def test_passwords_are_readable_by_their_owner_only(broker: Broker) -> None:
    folder = broker.folder / "passwords"
    assert folder.stat().st_mode & 0o077 == 0
    passwords = {file.read_text().strip() for file in folder.iterdir()}
    assert len(passwords) == len(SOURCES) + 2
    assert all(
        (folder / source).read_text().strip() not in (broker.folder / "server.properties").read_text() for source in ("admin", *SOURCES)
    )


def test_users_are_given_the_passwords_that_the_files_have_now(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {
        "BOOTSTRAP_SERVERS": broker.address,
        "SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "SASL_MECHANISM": "PLAIN",
        "SASL_USERNAME": "placet_admin",
        "SASL_PASSWORD_FILE": str(broker.folder / "passwords/admin"),
    }
    for name, value in told.items():
        monkeypatch.setenv(f"PLACET_KAFKA_{name}", value)
    (tmp_path / "registry").write_text("another password\n")
    assert main([f"registry={tmp_path / 'registry'}"]) == 0
    assert "placet_registry" in capsys.readouterr().out
    changed = replace(of(broker, "registry"), sasl_password_file=tmp_path / "registry")
    asyncio.run(ensure_topic(changed, topic_of("registry")))
    asyncio.run(make_users(broker))
    asyncio.run(ensure_topic(of(broker, "registry"), topic_of("registry")))


@pytest.mark.parametrize("arguments", [[], ["nobody=/dev/null"], ["registry=/nowhere"]])
def test_what_is_wrong_with_the_arguments_is_said(
    broker: Broker, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLACET_KAFKA_BOOTSTRAP_SERVERS", broker.address)
    assert main(arguments) == 1
    assert "could not be made" in capsys.readouterr().err


def test_module_runs_as_compose_runs_it() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "placet_shared.bus.kafka.access"], capture_output=True, text=True, check=False, env={}
    )
    assert (done.returncode, "PLACET_KAFKA_BOOTSTRAP_SERVERS is not set" in done.stderr) == (1, True)
