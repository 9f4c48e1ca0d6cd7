"""A broker with authentication: an administrator by password, the services by SCRAM, each with the rights of `placet_shared`'s `access`.

The same settings as those of docker-compose.yml, which a test compares. Passwords lie in files; Kafka reads them itself.
"""

from collections.abc import Mapping
from pathlib import Path

from kafka_broker.broker import Broker
from kafka_broker.installation import Installation
from placet.embedded.secret_files import keep_secret
from placet_shared.bus.kafka.access import give_access
from placet_shared.bus.kafka.connection import KafkaConnection
from placet_shared.processes import PORTS

__all__ = ["ADMIN", "administrator", "guarded_broker", "guarded_settings", "make_users"]

ADMIN = "placet_admin"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


def guarded_settings(secret: Path, address: str, listen: str, controller: str) -> dict[str, str]:
    """Lines of server.properties; `secret` is a file that holds the administrator's password as a property."""
    password = f"${{file:{secret}:password}}"
    admin = f'{PLAIN} username="{ADMIN}" password="{password}" user_{ADMIN}="{password}";'
    return {
        "listeners": f"CLIENTS://{listen},CONTROLLER://{controller}",
        "advertised.listeners": f"CLIENTS://{address}",
        "listener.security.protocol.map": "CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
        "inter.broker.listener.name": "CLIENTS",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.clients.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
        "listener.name.clients.plain.sasl.jaas.config": admin,
        "listener.name.clients.scram-sha-512.sasl.jaas.config": SCRAM,
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": admin,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{ADMIN}",
        "config.providers": "file",
        "config.providers.file.class": "org.apache.kafka.common.config.provider.FileConfigProvider",
    }


def guarded_broker(installation: Installation, folder: Path, port: int, controller_port: int) -> Broker:
    """One on loopback; its passwords, in `folder`, are made when they are not there."""
    passwords = folder / "passwords"
    passwords.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("admin", *PORTS):
        keep_secret(passwords / name)
    keep_secret(passwords / "admin.properties", lambda: f"password={(passwords / 'admin').read_text().strip()}")
    address, controller = f"127.0.0.1:{port}", f"127.0.0.1:{controller_port}"
    settings: Mapping[str, str] = guarded_settings(passwords / "admin.properties", address, address, controller)
    kafka = administrator(address, passwords / "admin")
    names = ("security_protocol", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password")
    return Broker(installation, folder, port, controller_port, settings, {name: kafka.options("")[name] for name in names})


def administrator(address: str, password_file: Path) -> KafkaConnection:
    """The connection of the administrator, with all rights."""
    return KafkaConnection(address, "SASL_PLAINTEXT", None, "PLAIN", ADMIN, password_file)


async def make_users(broker: Broker) -> None:
    """A user for each service, when the broker is ready; raises aiokafka's `KafkaError`."""
    passwords = broker.folder / "passwords"
    users = {source: (passwords / source).read_text().strip() for source in PORTS}
    await give_access(administrator(broker.address, passwords / "admin"), users)
