"""One process of Placet as a child of the supervisor: started, ready by its health check, stopped with a time-out."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from placet.embedded.problems import ProgramFailed
from placet.supervisor.programs import Programs, Running

__all__ = ["Child", "run_to_end"]


@dataclass(slots=True)
class Child:
    """A service, or a worker (which has no `url` and is ready once it runs)."""

    name: str
    programs: Programs
    words: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    url: str | None = None
    process: Running | None = field(default=None, init=False)

    @property
    def where(self) -> str:
        return self.url or ""

    async def start(self) -> None:
        self.process = await self.programs.start(self.words, {**self.environment, "PLACET_LOG_FILE": str(self.log)}, self.log)

    async def ready(self) -> None:
        """Wait until `/health/ready` answers 200; raises ProgramFailed when the process ends before."""
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=5) as client:
            while True:
                if await self._is_ready(client):
                    return
                await asyncio.sleep(0.05)

    async def stop(self, patience: float) -> None:
        """SIGTERM, and after `patience` seconds SIGKILL for it and all processes that it started."""
        if self.process is None or self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), patience)
        except TimeoutError:
            self.kill()
            await self.process.wait()

    def kill(self) -> bool:
        """Kill it and all processes that it started; False when it had ended already."""
        if self.process is None or self.process.returncode is not None:
            return False
        self.process.kill()
        return True

    async def _is_ready(self, client: httpx.AsyncClient) -> bool:
        if self.process is None or self.process.returncode is not None:
            raise ProgramFailed(self.name, "ended before it was ready", self.log)
        if self.url is None:
            return True
        try:
            return (await client.get(f"{self.url}/health/ready")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


async def run_to_end(name: str, programs: Programs, words: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    """Run a program to its end; raises ProgramFailed for an exit code other than 0."""
    process = await programs.start(words, environment, log)
    try:
        if await process.wait() != 0:
            raise ProgramFailed(name, "failed", log)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
