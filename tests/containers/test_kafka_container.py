"""Kafka as docker-compose.yml configures it: a real broker from the image's own set-up program, its users made by the job beside it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from kafka_broker import Installation
from placet.embedded.parent_death import ending_with_parent
from placet_shared.bus.kafka import KafkaConnection, kafka_connection, topic_of
from placet_shared.bus.kafka.topics import ensure_topic
from placet_shared.free_ports import free_port
from placet_shared.processes import PORTS
from placet_shared.settings import CommonSettings

pytestmark = pytest.mark.kafka

CLUSTER_ID = "cGxhY2V0LWJyb2tlci0wMQ"


@dataclass
class Containers:
    """The environments of docker-compose.yml, with addresses and folders of this machine in place of those in containers."""

    compose: Mapping[str, Any]
    folder: Path
    port: int
    controller_port: int

    def environment(self, name: str) -> dict[str, str]:
        told = self.compose["services"][name]["environment"]
        return {variable: self.here(str(value)) for variable, value in told.items()}

    def here(self, text: str) -> str:
        text = text.replace("$$", "$").replace("/var/lib/kafka/data", f"{self.folder}/data")
        for there, port in (("0.0.0.0:9092", self.port), ("kafka:9092", self.port), ("localhost:9093", self.controller_port)):
            text = text.replace(there, f"127.0.0.1:{port}")
        for secret, declared in sorted(self.compose["secrets"].items(), reverse=True):  # the longer of two that begin alike first
            text = text.replace(f"/run/secrets/{secret}", str(self.secret(declared)))
        return text.replace("/run/secrets/{service}_kafka", f"{self.folder}/local/secrets/{{service}}.kafka")

    def secret(self, declared: Mapping[str, str]) -> Path:
        return self.folder / "local" / Path(declared["file"]).relative_to("deploy/local")


@pytest.fixture(scope="module")
def containers(
    compose: Mapping[str, Any], compose_secrets: Any, kafka_installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Containers]:
    folder = tmp_path_factory.mktemp("containers")
    compose_secrets.write_secrets(folder / "local", with_demo_people=False)
    containers = Containers(compose, folder, free_port(), free_port())
    properties = set_up(containers, kafka_installation)
    command = ending_with_parent(kafka_installation.command("kafka.Kafka", str(properties)), parent_died=signal.SIGKILL)
    with (folder / "broker.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as broker:
        try:
            yield containers
        finally:
            broker.kill()


def set_up(containers: Containers, installation: Installation) -> Path:
    """What the image's entry point does before it starts the broker."""
    final = containers.folder / "config"
    final.mkdir()
    (final / "server.properties").touch()
    nothing = str(containers.folder / "none")
    folders = ["--default-configs-dir", nothing, "--mounted-configs-dir", nothing, "--final-configs-dir", str(final)]
    command = installation.command("kafka.docker.KafkaDockerWrapper", "setup", *folders, heap="128m")
    environment = {**os.environ, **containers.environment("kafka"), "CLUSTER_ID": CLUSTER_ID}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (final / "server.properties").read_text().strip(), done.stdout + done.stderr
    assert "${file:" in (final / "server.properties").read_text()
    return final / "server.properties"


def give_access(containers: Containers) -> subprocess.CompletedProcess[str]:
    words = [containers.here(word) for word in containers.compose["services"]["kafka-access"]["command"]]
    environment = {"PATH": os.environ["PATH"], **containers.environment("kafka-access")}
    return subprocess.run([sys.executable, "-P", "-m", *words], env=environment, capture_output=True, text=True, check=False)


def connection_of(containers: Containers, name: str, monkeypatch: pytest.MonkeyPatch) -> KafkaConnection:
    for variable, value in containers.environment(name).items():
        if variable.startswith("PLACET_KAFKA_"):
            monkeypatch.setenv(variable, value)

    class Settings(CommonSettings):
        SOURCE = name

    kafka = kafka_connection(Settings.load())
    assert kafka is not None
    return kafka


async def write(kafka: KafkaConnection, topic: str) -> None:
    async with AIOKafkaProducer(**kafka.options("test"), acks="all", enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, b"written", partition=0)


def test_each_service_of_compose_writes_its_own_topic_alone(containers: Containers, monkeypatch: pytest.MonkeyPatch) -> None:
    done = give_access(containers)
    assert done.returncode == 0, done.stdout + done.stderr + (containers.folder / "broker.log").read_text()[-3000:]
    services = {name: connection_of(containers, name, monkeypatch) for name in PORTS}
    for name, kafka in services.items():
        asyncio.run(ensure_topic(kafka, topic_of(name)))
        asyncio.run(write(kafka, topic_of(name)))
    for name, kafka in services.items():
        for other in PORTS.keys() - {name}:
            with pytest.raises(TopicAuthorizationFailedError):
                asyncio.run(write(kafka, topic_of(other)))
    with pytest.raises(KafkaError):
        asyncio.run(write(KafkaConnection(f"127.0.0.1:{containers.port}"), topic_of("audit")))


def test_job_may_run_again(containers: Containers) -> None:
    assert [give_access(containers).returncode for _ in range(2)] == [0, 0]
