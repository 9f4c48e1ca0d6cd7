"""One machine with Placet on it, started by `placet up`: its processes are killed and stopped, its data folder is copied and restored."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree

import httpx
import psutil

from placet_shared.free_ports import free_port
from placet_shared.processes import PORTS
from placet_shared.testing import clean_environment, eventually_blocking

__all__ = ["SOURCES", "Machine"]

SERVICES = tuple(PORTS)
# Whose events the judge reads; the audit log is read by itself.
SOURCES = tuple(name for name in SERVICES if name != "audit")
READY_WITHIN = 180.0
TELLS = {"postgres": ("postgres", "-D"), **{service: ("-m", f"placet_{service}") for service in SERVICES}}


@dataclass
class Machine:
    """`folder` is the data folder, in one that other users may traverse; ports stay the same over every start."""

    folder: Path
    ports: dict[str, int] = field(default_factory=lambda: {service: free_port() for service in SERVICES})
    up: subprocess.Popen[bytes] | None = None

    def url(self, service: str) -> str:
        """The address of a service."""
        return f"http://127.0.0.1:{self.ports[service]}"

    def token(self, name: str) -> str:
        """The token of a demo person or pipeline."""
        return (self.folder / "tokens" / f"{name}.token").read_text().strip()

    @property
    def log(self) -> Path:
        """The output of `placet up`, over all its starts."""
        return self.folder.parent / "up.log"

    def start(self) -> None:
        """Ready, or an `AssertionError` that shows the log."""
        ports = {f"PLACET_{service.upper()}_PORT": str(port) for service, port in self.ports.items()}
        own = {"PLACET_DATA_DIR": str(self.folder), "PYTHONUNBUFFERED": "1", "XDG_STATE_HOME": str(self.folder / "state")}
        with self.log.open("ab") as log:
            self.up = subprocess.Popen(
                [sys.executable, "-m", "placet", "up"], env=clean_environment(**ports, **own), stdout=log, stderr=log, process_group=0
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Every service answers that it can serve."""
        eventually_blocking(self._are_all_ready, deadline=READY_WITHIN, state=self._end_of_log)

    def stop(self) -> None:
        """As Ctrl-C does it."""
        if self.up and self.up.poll() is None:
            self.up.send_signal(signal.SIGINT)
            try:
                self.up.wait(60)
            except subprocess.TimeoutExpired:
                self.up.kill()
                self.up.wait()

    def kill_everything(self) -> None:
        """A power cut: all processes are killed at once."""
        assert self.up
        everything = [psutil.Process(self.up.pid), *psutil.Process(self.up.pid).children(recursive=True)]
        for process in everything:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.up.wait()
        psutil.wait_procs(everything, timeout=30)

    def processes(self, what: str) -> list[psutil.Process]:
        """Those of a service, or of PostgreSQL with all its sessions; none while it is being started again."""
        if self.up is None or self.up.poll() is not None:
            return []
        found = [child for child in psutil.Process(self.up.pid).children(recursive=True) if _is(child, TELLS[what])]
        with suppress(psutil.NoSuchProcess):
            found += [one for child in found for one in child.children(recursive=True) if one not in found]
        return found

    def send(self, what: str, sent: signal.Signals) -> None:
        """Send a signal to all of its processes that still run."""
        for process in self.processes(what):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(sent)

    def copy_to(self, copy: Path) -> None:
        """Copy the data folder of a stopped machine, with owners; an earlier copy is deleted."""
        rmtree(copy, ignore_errors=True)
        subprocess.run(["cp", "-a", str(self.folder), str(copy)], check=True)

    def put_back(self, copy: Path) -> None:
        """Restore as an operator does after the loss of the folder."""
        rmtree(self.folder)
        subprocess.run(["cp", "-a", str(copy), str(self.folder)], check=True)

    def _are_all_ready(self) -> bool:
        if self.up is None or self.up.poll() is not None:
            raise RuntimeError(f"Placet has ended: {self._end_of_log()}")
        return all(self._is_ready(service) for service in SERVICES)

    def _end_of_log(self) -> str:
        return self.log.read_text()[-4000:]

    def _is_ready(self, service: str) -> bool:
        try:
            return httpx.get(f"{self.url(service)}/health/ready", trust_env=False, verify=False).is_success
        except httpx.TransportError:
            return False


def _is(process: psutil.Process, tells: Sequence[str]) -> bool:
    try:
        words = process.cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return False
    return all(any(tell in word for word in words) for tell in tells)
