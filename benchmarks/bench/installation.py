"""A whole installation of its own, started by `placet up` on free ports and stopped as Ctrl-C does it."""

import asyncio
import os
import re
import signal
import sys
import tempfile
import time
from asyncio import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from placet_shared.processes import SOURCES

__all__ = ["Installed", "data_folder", "until_ready", "up"]

ADDRESS = re.compile(r"^\s+(\S+)\s+(http://\S+)\s+ready")
PLACET_UP = (sys.executable, "-m", "placet", "up")
DEADLINE = 600.0


@dataclass(frozen=True, slots=True)
class Installed:
    """The supervisor's process, the addresses that it printed, and the seconds until it was ready."""

    process_id: int
    folder: Path
    addresses: dict[str, str]
    seconds: float

    def token(self, name: str) -> str:
        """The token of a demo person or pipeline."""
        return (self.folder / f"tokens/{name}.token").read_text().strip()


@contextmanager
def data_folder() -> Iterator[Path]:
    """Empty, and deleted afterwards; started by root, the server runs as another user, who must be able to enter."""
    with tempfile.TemporaryDirectory(prefix="placet-bench-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder, "data")


@asynccontextmanager
async def up(
    folder: Path, command: Sequence[str] = (sys.executable, "-m", "placet", "up"), cwd: Path | None = None
) -> AsyncIterator[Installed]:
    """Ready; ended when the block ends."""
    own = {"PLACET_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1", **{f"PLACET_{source.upper()}_PORT": "0" for source in SOURCES}}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PLACET_")}
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command, env={**inherited, **own}, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, process_group=0
    )
    try:
        async with asyncio.timeout(DEADLINE):
            addresses = await until_ready(process)
        yield Installed(process.pid, folder, addresses, time.perf_counter() - began)
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does: `make` does not forward it
        await process.communicate()


async def until_ready(process: subprocess.Process) -> dict[str, str]:
    """The addresses by name; raises `RuntimeError` when it ends instead."""
    assert process.stdout
    addresses: dict[str, str] = {}
    said = []
    while line := (await process.stdout.readline()).decode():
        said.append(line)
        if found := ADDRESS.match(line):
            addresses[found[1]] = found[2]
        if line.startswith("Ready in"):
            return addresses
    raise RuntimeError("".join(said[-20:]))
