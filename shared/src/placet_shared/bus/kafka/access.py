"""Users and rights in Kafka: one user for each service, which reads all topics of Placet and writes only its own.

    PLACET_KAFKA_…  python -P -m placet_shared.bus.kafka.access registry=/run/secrets/registry_kafka approval=…

The variables name the brokers and an administrator of theirs; each argument is a service and the file with its user's password. It may be
run again, which gives the users the passwords that the files have then. `make kafka` and docker-compose.yml run it.
"""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, NoError, for_code
from aiokafka.protocol.admin import CreateAclsRequest
from aiokafka.protocol.api import Request

from placet_shared.bus.kafka.clients import TROUBLE, bounded
from placet_shared.bus.kafka.connection import KafkaConnection, kafka_connection
from placet_shared.bus.kafka.scram_users import SetPassword
from placet_shared.bus.kafka.topics import TOPIC_PREFIX, topic_of
from placet_shared.processes import PORTS
from placet_shared.settings import CommonSettings, SettingsError

__all__ = ["give_access", "user_of"]

WITHIN_SECONDS = 90.0
TRY_SECONDS = 20.0
RETRY_SECONDS = 1.0

# Numbers of the protocol: ResourceType, PatternType, AclOperation, AclPermissionType.
TOPIC, LITERAL, PREFIXED, ALLOW = 2, 3, 4, 3
READ, WRITE, CREATE, DESCRIBE, DESCRIBE_CONFIGS = 3, 4, 5, 8, 10
READERS = (READ, DESCRIBE)
# To make the topic when it is missing, to look at its settings, and to write.
RELAY = (CREATE, DESCRIBE, DESCRIBE_CONFIGS, WRITE)


def user_of(source: str) -> str:
    """The user of a service; `PLACET_KAFKA_SASL_USERNAME=placet_{service}` names it to all services."""
    return f"placet_{source}"


async def give_access(kafka: KafkaConnection, passwords: Mapping[str, str]) -> None:
    """Passwords by service; waits a while for a broker that is starting. Raises aiokafka's `KafkaError`, `OSError` and `TimeoutError`."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + WITHIN_SECONDS
    while True:
        try:
            return await bounded(_give_access(kafka, passwords), TRY_SECONDS)
        except TROUBLE as error:
            if clock() >= deadline or (isinstance(error, KafkaError) and not error.retriable):
                raise
        await asyncio.sleep(RETRY_SECONDS)


async def _give_access(kafka: KafkaConnection, passwords: Mapping[str, str]) -> None:
    admin = AIOKafkaAdminClient(**kafka.options("placet-access"))
    try:
        await admin.start()
        for source, password in passwords.items():
            answer = await _send(admin, SetPassword(user_of(source), password))
            _check([(code, message) for _, code, message, _ in answer.results])
            for request in _rights(source):
                _check((await _send(admin, request)).creation_responses)
    finally:
        await admin.close()


async def _send(admin: AIOKafkaAdminClient, request: Request[Any]) -> Any:
    """Send the request to any broker, which forwards it to the controller."""
    return await admin._send_request(request)


def _rights(source: str) -> list[Request[Any]]:
    readers = [(TOPIC_PREFIX, PREFIXED, operation) for operation in READERS]
    relay = [(topic_of(source), LITERAL, operation) for operation in RELAY]
    who = f"User:{user_of(source)}"
    return [CreateAclsRequest(TOPIC, name, pattern, who, "*", operation, ALLOW) for name, pattern, operation in (*readers, *relay)]


def _check(results: Sequence[tuple[int, str | None]]) -> None:
    for code, message in results:
        if for_code(code) is not NoError:
            raise for_code(code)(message)


def main(arguments: Sequence[str]) -> int:
    """0 when all users have their passwords and rights; else the reason on stderr."""
    try:
        kafka = kafka_connection(CommonSettings.load())
        if kafka is None:
            raise SettingsError("PLACET_KAFKA_BOOTSTRAP_SERVERS is not set.")
        files = {source: Path(file) for source, _, file in (argument.partition("=") for argument in arguments)}
        if not files or not files.keys() <= PORTS.keys():
            raise SettingsError(f"arguments are SERVICE=FILE, with a service of {', '.join(PORTS)}")
        asyncio.run(give_access(kafka, {source: file.read_text().strip() for source, file in files.items()}))
    except (SettingsError, *TROUBLE) as error:
        print(f"the users of Kafka could not be made: {str(error) or repr(error)}", file=sys.stderr)
        return 1
    print(f"Users of Kafka: {', '.join(map(user_of, files))}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
