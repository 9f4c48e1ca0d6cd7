"""How to reach the brokers, from the settings: addresses, TLS, SASL."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from placet_shared.settings import CommonSettings, SettingsError

__all__ = ["KafkaConnection", "kafka_connection"]

REQUEST_TIMEOUT_MS = 5_000
METADATA_MAX_AGE_MS = 30_000
RETRY_BACKOFF_MS = 200
SERVICE = "{service}"


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """The arguments of every client; the password is read when a client is made, so that a rotated file is noticed."""

    servers: str
    security_protocol: str = "PLAINTEXT"
    tls: ssl.SSLContext | None = None
    sasl_mechanism: str = "PLAIN"
    sasl_username: str | None = None
    sasl_password_file: Path | None = field(default=None, repr=False)
    replication_factor: int = 1

    def options(self, client_id: str) -> dict[str, Any]:
        """Arguments of an aiokafka client; raises `OSError` when the password can't be read."""
        told: dict[str, Any] = {
            "bootstrap_servers": self.servers.split(","),
            "client_id": client_id,
            "request_timeout_ms": REQUEST_TIMEOUT_MS,
            "metadata_max_age_ms": METADATA_MAX_AGE_MS,
            "retry_backoff_ms": RETRY_BACKOFF_MS,
            "security_protocol": self.security_protocol,
            "ssl_context": self.tls,
        }
        if self.sasl_password_file is not None:
            told["sasl_mechanism"] = self.sasl_mechanism
            told["sasl_plain_username"] = self.sasl_username
            told["sasl_plain_password"] = self.sasl_password_file.read_text().strip()
        return told


def kafka_connection(settings: CommonSettings) -> KafkaConnection | None:
    """None when Kafka is not configured; raises `SettingsError` for settings that contradict each other or can't be read."""
    if settings.kafka_bootstrap_servers is None:
        return None
    protocol = settings.kafka_security_protocol
    with_login = protocol.startswith("SASL_")
    if with_login and not (settings.kafka_sasl_username and settings.kafka_sasl_password_file):
        needed = "PLACET_KAFKA_SASL_USERNAME and PLACET_KAFKA_SASL_PASSWORD_FILE"
        raise SettingsError(f"PLACET_KAFKA_SECURITY_PROTOCOL = {protocol} needs {needed}.")
    connection = KafkaConnection(
        servers=settings.kafka_bootstrap_servers,
        security_protocol=protocol,
        tls=_tls(settings) if protocol.endswith("SSL") else None,
        sasl_mechanism=settings.kafka_sasl_mechanism,
        sasl_username=_of_the_service(settings.kafka_sasl_username, settings.SOURCE) if with_login else None,
        sasl_password_file=Path(_of_the_service(str(settings.kafka_sasl_password_file), settings.SOURCE)) if with_login else None,
        replication_factor=settings.kafka_replication_factor,
    )
    try:
        connection.options("")
    except OSError as error:
        raise SettingsError(f"PLACET_KAFKA_SASL_PASSWORD_FILE: {error.filename} can't be read ({error.strerror}).") from error
    return connection


def _of_the_service(text: str | None, source: str) -> str:
    """Services that share one setting log in as different users: so each may write only its own topic."""
    return (text or "").replace(SERVICE, source)


def _tls(settings: CommonSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ca_file)
        if settings.kafka_certificate_file is not None:
            context.load_cert_chain(settings.kafka_certificate_file, settings.kafka_key_file)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"PLACET_KAFKA_CA_FILE, PLACET_KAFKA_CERTIFICATE_FILE, PLACET_KAFKA_KEY_FILE: not usable ({error}).") from error
    return context
