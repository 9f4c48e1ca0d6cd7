"""One Kafka broker for a run, from its official jars, gone afterwards."""

import importlib
import logging
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["kafka_broker"]

PACKAGE = Path(__file__).parents[2] / "deploy/kafka"


@contextmanager
def kafka_broker() -> Iterator[str]:
    """Its address; a machine without Java 17 or Maven has none, and the error says so. Outside of any event loop."""
    sys.path.append(str(PACKAGE))  # for development, so it is not installed
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it logs an error at every attempt until the broker is ready
    package = importlib.import_module("kafka_broker")
    folder = Path(tempfile.mkdtemp(prefix="placet-bench-kafka-"))
    broker = package.Broker(package.install(), folder)
    try:
        broker.start()
        broker.wait_until_ready()
        yield broker.address
    finally:
        broker.kill()
        shutil.rmtree(folder)
