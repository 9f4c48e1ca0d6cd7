"""One broker on one folder: formatted once, started as a child that ends with its parent, killed and started again."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from kafka_broker.installation import FILES, CannotRun, Installation
from placet.embedded.parent_death import ending_with_parent
from placet_shared.free_ports import free_port

__all__ = ["Broker"]

CLUSTER_ID = "cGxhY2V0LWJyb2tlci0wMQ"
READY_WITHIN = 90.0
ENDS_WITHIN = 30.0
LOOK_EVERY = 0.1


@dataclass
class Broker:
    """A broker with its controller; `settings` are more lines of server.properties, None takes one away; `login` is what a client
    of aiokafka needs where the broker has authentication.

    Start it from a thread that lives on: the child ends with the thread that started it.
    """

    installation: Installation
    folder: Path
    port: int = field(default_factory=free_port)
    controller_port: int = field(default_factory=free_port)
    settings: Mapping[str, str | None] = field(default_factory=dict)
    login: Mapping[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def address(self) -> str:
        """For `bootstrap.servers`."""
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """The file of its log."""
        return self.folder / "broker.log"

    def start(self, *, to_terminal: bool = False) -> None:
        """Start it, formatted before when it is new; `wait_until_ready` says when it answers. Raises `CannotRun`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write_properties()
        if not (self.folder / "data/meta.properties").exists():
            self._format()
        command = ending_with_parent(self.installation.command("kafka.Kafka", str(self._properties)), parent_died=signal.SIGKILL)
        with self.log.open("ab") as log:
            out = None if to_terminal else log
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, process_group=0)

    def wait_until_ready(self, seconds: float = READY_WITHIN) -> None:
        """Until it answers; raises `CannotRun` when it ends or takes longer."""
        until = time.monotonic() + seconds
        while not asyncio.run(_answers(self.address, self.login)):
            if self.process is None or self.process.poll() is not None:
                raise CannotRun(f"the broker ended while it started:\n{self._said()}")
            if time.monotonic() > until:
                raise CannotRun(f"the broker did not answer within {seconds:.0f} seconds:\n{self._said()}")
            time.sleep(LOOK_EVERY)

    def stop(self) -> None:
        """Terminate it; after a while kill it."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """As `kill -9` does it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    def _write_properties(self) -> None:
        names = {"port": self.port, "controller_port": self.controller_port, "folder": self.folder / "data"}
        text = Template((FILES / "server.properties").read_text()).substitute(names)
        lines = dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))
        told = {**lines, **self.settings}
        self._properties.write_text("".join(f"{name}={value}\n" for name, value in told.items() if value is not None))

    def _format(self) -> None:
        alone = [] if self.settings.get("controller.quorum.voters") else ["--standalone"]
        arguments = ["format", *alone, "-t", CLUSTER_ID, "-c", str(self._properties)]
        command = self.installation.command("kafka.tools.StorageTool", *arguments, heap="128m")
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=READY_WITHIN)
        if done.returncode != 0:
            raise CannotRun(f"the broker's folder could not be made:\n{done.stdout}{done.stderr}")

    def _said(self) -> str:
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""


async def _answers(address: str, login: Mapping[str, Any]) -> bool:
    client = AIOKafkaClient(bootstrap_servers=address, request_timeout_ms=2000, **login)
    try:
        await client.bootstrap()
    except (KafkaError, OSError):
        return False
    finally:
        await client.close()
    return True
