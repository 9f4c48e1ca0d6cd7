"""Toxiproxy: connections that can be cut, delayed and made to hang, between a client and a server of this machine."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from kafka_broker.installation import CannotRun, cache
from placet.embedded.parent_death import ending_with_parent
from placet_shared.free_ports import free_port

__all__ = ["Toxiproxy", "running_toxiproxy"]

PROGRAM = "github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0"
READY_WITHIN = 30.0
FETCHED_WITHIN = 240.0


@dataclass(frozen=True, slots=True)
class Toxiproxy:
    """A running server, spoken to over its API."""

    api: httpx.Client

    def between(self, name: str, upstream_port: int) -> int:
        """The port at which `upstream_port` is reached through the proxy of this name."""
        port = free_port()
        proxy = {"name": name, "listen": f"127.0.0.1:{port}", "upstream": f"127.0.0.1:{upstream_port}", "enabled": True}
        self.api.post("/proxies", json=proxy).raise_for_status()
        return port

    def cut(self, name: str) -> None:
        """Every connection ends, and no new one begins."""
        self.api.post(f"/proxies/{name}", json={"enabled": False}).raise_for_status()

    def hang(self, name: str) -> None:
        """Connections stay open, and nothing comes back."""
        self._add(name, {"type": "timeout", "stream": "downstream", "attributes": {"timeout": 0}})

    def delay(self, name: str, milliseconds: int) -> None:
        """Every answer arrives later."""
        self._add(name, {"type": "latency", "stream": "downstream", "attributes": {"latency": milliseconds}})

    def heal(self) -> None:
        """Connections work normally again."""
        self.api.post("/reset").raise_for_status()

    def _add(self, name: str, toxic: dict[str, object]) -> None:
        self.api.post(f"/proxies/{name}/toxics", json=toxic).raise_for_status()


@contextmanager
def running_toxiproxy() -> Iterator[Toxiproxy]:
    """Until the end of the block; raises `CannotRun` without Go and without a program from earlier."""
    port = free_port()
    command = [str(_program()), "-host", "127.0.0.1", "-port", str(port)]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(ending_with_parent(command, parent_died=signal.SIGKILL), stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as api:
            _wait_until_ready(api)
            yield Toxiproxy(api)
    finally:
        process.kill()
        process.wait()


def _program() -> Path:
    folder = cache() / "toxiproxy-2.5.0"
    program = folder / "server"
    if not program.exists():
        go = shutil.which("go")
        if go is None:
            raise CannotRun("Toxiproxy is built with Go, and there is no `go` (Debian: golang)")
        environment = {**os.environ, "GOBIN": str(folder)}
        subprocess.run([go, "install", PROGRAM], env=environment, check=True, capture_output=True, timeout=FETCHED_WITHIN)
    return program


def _wait_until_ready(api: httpx.Client) -> None:
    until = time.monotonic() + READY_WITHIN
    while True:
        try:
            api.get("/version").raise_for_status()
        except httpx.TransportError as error:
            if time.monotonic() > until:
                raise CannotRun("Toxiproxy does not answer") from error
            time.sleep(0.05)
        else:
            return
