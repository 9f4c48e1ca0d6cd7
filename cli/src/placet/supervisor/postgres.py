"""The embedded PostgreSQL as a program that the supervisor keeps running."""

import asyncio
from dataclasses import dataclass

from placet.embedded.cluster import Cluster
from placet.supervisor.log_files import rotate
from placet.supervisor.terminal import Terminal

__all__ = ["EmbeddedPostgres"]


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """A cluster that tells the person at the terminal when its crash recovery takes long."""

    cluster: Cluster
    terminal: Terminal
    name: str = "postgres"

    @property
    def process(self) -> asyncio.subprocess.Process | None:
        return self.cluster.process

    @property
    def where(self) -> str:
        return str(self.cluster.sockets)

    async def start(self) -> None:
        rotate(self.cluster.log)
        await self.cluster.start()

    async def ready(self) -> None:
        await self.cluster.ready(lambda: self.terminal.about(self.name, "is still starting (recovering what a crash left)"))

    async def stop(self) -> None:
        await self.cluster.stop()
