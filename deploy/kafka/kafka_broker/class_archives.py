"""Archives of the classes of Kafka's programs (JEP 350), which a start maps instead of reading each class from its jar.

With them a broker's start takes half of the processor time, which counts where tests start one after the other.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

from kafka_broker.broker import Broker
from kafka_broker.installation import Installation, alone_in

__all__ = ["archive_classes"]


def archive_classes(installation: Installation) -> None:
    """Written once, by a broker that is started and stopped for it; raises `CannotRun` when that does not start."""
    folder = installation.archives.parent
    with alone_in(folder):
        if installation.archives.exists():
            return
        with tempfile.TemporaryDirectory(dir=folder) as unfinished:
            recording = Path(unfinished, "classes")
            recording.mkdir()
            broker = Broker(replace(installation, recording=recording), Path(unfinished, "broker"))
            try:
                broker.start()
                broker.wait_until_ready()
                broker.stop()
            finally:
                broker.kill()
            recording.rename(installation.archives)
