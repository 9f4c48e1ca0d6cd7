"""`make kafka`: one broker on 127.0.0.1:9092 in the foreground, until Ctrl-C."""

import os
import signal
import sys
from pathlib import Path

from kafka_broker.broker import Broker
from kafka_broker.installation import VERSION, CannotRun, install
from placet_shared.settings import default_data_dir

PORT, CONTROLLER_PORT = 9092, 9093


def main() -> int:
    """Exit code 0 when it was stopped, 1 when it could not start or ended by itself."""
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.default_int_handler)
    folder = Path(os.environ.get("PLACET_DATA_DIR") or default_data_dir()) / "kafka"
    try:
        broker = Broker(install(), folder, PORT, CONTROLLER_PORT)
        broker.start(to_terminal=True)
        broker.wait_until_ready()
    except CannotRun as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0  # the child ends with us
    print(f"Kafka {VERSION} on {broker.address}, data in {folder}; Ctrl-C stops it.", flush=True)
    print(f"Placet over it: PLACET_KAFKA_BOOTSTRAP_SERVERS={broker.address} make run", flush=True)
    assert broker.process is not None
    try:
        broker.process.wait()
    except KeyboardInterrupt:
        broker.stop()
        return 0
    print("Kafka ended by itself.", file=sys.stderr)
    return 1


sys.exit(main())
