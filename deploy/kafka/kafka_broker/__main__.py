"""`make kafka`: one broker on 127.0.0.1:9092 in the foreground, with a user for each service, until Ctrl-C."""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from aiokafka.errors import KafkaError

from kafka_broker.broker import Broker
from kafka_broker.guarded import guarded_broker, make_users
from kafka_broker.installation import VERSION, CannotRun, install
from placet_shared.settings import default_data_dir

PORT, CONTROLLER_PORT = 9092, 9093
# Not `kafka`: an earlier release kept a broker there that had no authentication.
FOLDER = "kafka-guarded"


def main() -> int:
    """Exit code 0 when it was stopped, 1 when it could not start or ended by itself."""
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.default_int_handler)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker that is starting does not answer yet
    folder = Path(os.environ.get("PLACET_DATA_DIR") or default_data_dir()).absolute() / FOLDER
    print(f"Starting Kafka {VERSION}; the first time Maven fetches it, which takes a minute or more.", flush=True)
    try:
        broker = guarded_broker(install(), folder, PORT, CONTROLLER_PORT)
        broker.start(to_terminal=True)
        broker.wait_until_ready()
        asyncio.run(make_users(broker))
    except (CannotRun, KafkaError, TimeoutError) as error:
        print(str(error) or repr(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0  # the child ends with us
    print(f"Kafka {VERSION} on {broker.address}, data and passwords in {folder}; Ctrl-C stops it.", flush=True)
    print("Placet over it, in another terminal:", *exports(broker), "make run", sep="\n  ", flush=True)
    assert broker.process is not None
    try:
        broker.process.wait()
    except KeyboardInterrupt:
        broker.stop()
        return 0
    print("Kafka ended by itself.", file=sys.stderr)
    return 1


def exports(broker: Broker) -> list[str]:
    """The variables to export before `make run`; each service puts its own name in."""
    told = {
        "BOOTSTRAP_SERVERS": broker.address,
        "SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "SASL_USERNAME": "'placet_{service}'",
        "SASL_PASSWORD_FILE": f"'{broker.folder}/passwords/{{service}}'",
    }
    return [f"export PLACET_KAFKA_{name}={value}" for name, value in told.items()]


if __name__ == "__main__":
    sys.exit(main())
