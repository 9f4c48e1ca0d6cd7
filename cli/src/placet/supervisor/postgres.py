"""The embedded PostgreSQL as a program that the supervisor keeps running."""

import asyncio
from dataclasses import dataclass

from placet.embedded.cluster import Cluster
from placet.supervisor.terminal import Terminal
from placet_shared.log_files import put_aside

__all__ = ["EmbeddedPostgres"]

LARGEST_LOG = 10 * 1024 * 1024
KEPT_LOGS = 5


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """A cluster that reports at the terminal what it waits for when its recovery takes long."""

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
        if self.cluster.log.exists() and self.cluster.log.stat().st_size > LARGEST_LOG:
            put_aside(self.cluster.log, KEPT_LOGS)
        await self.cluster.start()

    async def ready(self) -> None:
        await self.cluster.ready(self._say_what_for)

    def _say_what_for(self) -> None:
        if by := self.cluster.recovers_by_order:
            line = f"recovers from a backup ({by}), and nothing else starts until it is promoted; see docs/operations.md"
        else:
            line = "is still starting (recovering what a crash left)"
        self.terminal.about(self.name, line)

    async def stop(self) -> None:
        await self.cluster.stop()
