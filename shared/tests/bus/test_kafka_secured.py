"""Brokers that ask who is there: TLS with certificates of both sides, and a login over TLS, by settings, against real listeners."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from aiokafka.errors import KafkaError
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from kafka_broker import Broker, Installation
from placet_shared.bus.kafka import KafkaSubscription, Relay, kafka_connection
from placet_shared.bus.kafka.topics import ensure_topic
from placet_shared.free_ports import free_port
from placet_shared.settings import CommonSettings, SettingsError
from placet_shared.workers import in_background

from .conftest import Counters, MakeReader
from .over_kafka import PATIENCE, TOPIC, delete_topic, until_relayed, with_checkpoints

pytestmark = [pytest.mark.postgres, pytest.mark.kafka]

WAYS = ["certificates", "SCRAM-SHA-512", "PLAIN"]
PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_placet="secret";'
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


@dataclass
class Secured:
    """A broker with a listener for certificates and one for logins, and the files that a client needs."""

    broker: Broker
    folder: Path
    certificates_port: int
    login_port: int

    def settings(self, way: str, **otherwise: object) -> CommonSettings:
        told: dict[str, object] = {"kafka_ca_file": self.folder / "ca.pem"}
        if way == "certificates":
            told |= {"kafka_bootstrap_servers": f"127.0.0.1:{self.certificates_port}", "kafka_security_protocol": "SSL"}
            told |= {"kafka_certificate_file": self.folder / "client.pem", "kafka_key_file": self.folder / "client.key"}
        else:
            told |= {"kafka_bootstrap_servers": f"127.0.0.1:{self.login_port}", "kafka_security_protocol": "SASL_SSL"}
            told |= {"kafka_sasl_mechanism": way, "kafka_sasl_username": "placet", "kafka_sasl_password_file": self.folder / "password"}
        return CommonSettings.load(**{**told, **otherwise})


def write_certificates(folder: Path) -> None:
    """The broker's key and chain in one file as Kafka reads PEM (PKCS #8), and what a client needs."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    broker, client = authority.issue_cert("127.0.0.1"), authority.issue_cert("placet@example.org")
    key = load_pem_private_key(broker.private_key_pem.bytes(), None)
    chain = b"".join(blob.bytes() for blob in broker.cert_chain_pems)
    (folder / "broker.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + chain)
    client.private_key_pem.write_to_path(folder / "client.key")
    client.cert_chain_pems[0].write_to_path(folder / "client.pem")
    (folder / "password").write_text("secret\n")


@pytest.fixture(scope="module")
def secured(kafka_installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("secured")
    write_certificates(folder)
    ports = {name: free_port() for name in ("PLAINTEXT", "CONTROLLER", "CERTIFICATES", "LOGIN")}
    listeners = {name: f"{name}://127.0.0.1:{port}" for name, port in ports.items()}
    settings: dict[str, str | None] = {
        "listeners": ",".join(listeners.values()),
        "advertised.listeners": ",".join(address for name, address in listeners.items() if name != "CONTROLLER"),
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CERTIFICATES:SSL,LOGIN:SASL_SSL",
        "listener.name.certificates.ssl.client.auth": "required",
        "listener.name.login.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
        "listener.name.login.plain.sasl.jaas.config": PLAIN,
        "listener.name.login.scram-sha-512.sasl.jaas.config": SCRAM,
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(folder / "broker.pem"),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(folder / "ca.pem"),
    }
    broker = Broker(kafka_installation, folder / "kafka", ports["PLAINTEXT"], ports["CONTROLLER"], settings)
    try:
        broker.start()
        broker.wait_until_ready()
        add_user(broker)
        yield Secured(broker, folder, ports["CERTIFICATES"], ports["LOGIN"])
    finally:
        broker.kill()


def add_user(broker: Broker) -> None:
    words = ["--alter", "--entity-type", "users", "--entity-name", "placet", "--add-config", "SCRAM-SHA-512=[password=secret]"]
    command = broker.installation.command("kafka.admin.ConfigCommand", "--bootstrap-server", broker.address, *words, heap="128m")
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize("way", WAYS)
async def test_events_are_relayed_and_followed(secured: Secured, counters: Counters, make_reader: MakeReader, way: str) -> None:
    kafka = kafka_connection(secured.settings(way))
    assert kafka is not None
    await delete_topic(kafka)
    await with_checkpoints(counters)
    reader = await make_reader()
    assert reader.source
    follower = await make_reader(KafkaSubscription(reader.source, kafka, PATIENCE))
    async with in_background(Relay(counters.store, counters.watcher, kafka).run()), follower.running():
        await counters.raise_("a", "b")
        await until_relayed(kafka, 4)
        await follower.until(4)
    assert await follower.positions() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("way", "otherwise"),
    [
        ("certificates", {"kafka_ca_file": None}),
        ("certificates", {"kafka_certificate_file": None}),
        ("SCRAM-SHA-512", {"kafka_sasl_username": "somebody"}),
        ("PLAIN", {"kafka_sasl_username": "somebody"}),
    ],
)
async def test_unknown_user_is_refused(secured: Secured, way: str, otherwise: dict[str, object]) -> None:
    kafka = kafka_connection(secured.settings(way, **otherwise))
    assert kafka is not None
    with pytest.raises(KafkaError):
        await ensure_topic(kafka, TOPIC)


@pytest.mark.parametrize(
    ("otherwise", "says"),
    [
        ({"kafka_sasl_username": None}, "PLACET_KAFKA_SASL_USERNAME"),
        ({"kafka_sasl_password_file": Path("nowhere")}, "PLACET_KAFKA_SASL_PASSWORD_FILE: nowhere can't be read"),
        ({"kafka_ca_file": Path("nowhere")}, "PLACET_KAFKA_CA_FILE"),
    ],
)
def test_settings_that_do_not_fit_name_their_variables(tmp_path: Path, otherwise: dict[str, object], says: str) -> None:
    write_certificates(tmp_path)
    told = Secured(None, tmp_path, 1, 1).settings("PLAIN", **otherwise)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=says):
        kafka_connection(told)
