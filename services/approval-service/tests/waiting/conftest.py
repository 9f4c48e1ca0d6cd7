"""Two processes' worth of approval-service on one database: people act at the one, others wait at the other, over real sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from placet_approval.app import approval_app
from placet_approval.queries.waiting import Waiting
from placet_shared.testing import Served, eventually, served

from ..conftest import Caller, no_sources
from ..decisions.conftest import Bank, bank, bank_database

__all__ = ["Elsewhere", "bank", "bank_database"]


@dataclass
class Elsewhere:
    """The other one, as alice asks it."""

    served: Served
    waiting: Waiting
    alice: Caller

    async def until_waiting(self, number: int) -> None:
        async def so_many() -> bool:
            return self.waiting.waiters.count == number

        await eventually(so_many)

    async def until_asleep(self, number: int) -> None:
        """So many waiters have read once, so that the connection of the reader is made and idle."""

        async def so_many() -> bool:
            return self.waiting.waiters.asleep == number

        await eventually(so_many)

    async def wait(self, path: str, seconds: float = 25) -> httpx.Response:
        return await self.alice.get(f"{path}/wait", params={"timeout": seconds}, timeout=60)

    @asynccontextmanager
    async def follow(self, path: str, last_event_id: str | None = None) -> AsyncIterator[AsyncIterator[dict[str, str]]]:
        """The events of a stream, each as its fields."""
        headers = {"Authorization": f"Bearer {self.alice.token}", **({"Last-Event-ID": last_event_id} if last_event_id else {})}
        async with self.alice.client.stream("GET", f"{path}/events", headers=headers, timeout=60) as response:
            assert (response.status_code, response.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
            yield _events(response)


async def _events(response: httpx.Response) -> AsyncIterator[dict[str, str]]:
    event: dict[str, str] = {}
    async for line in response.aiter_lines():
        if not line and event:
            yield event
            event = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value


@pytest.fixture
async def elsewhere(bank: Bank) -> AsyncIterator[Elsewhere]:
    app = approval_app(bank.service.site.settings(), no_sources)
    async with (
        served(app) as server,
        httpx.AsyncClient(base_url=server.url, trust_env=False, limits=httpx.Limits(max_connections=None)) as client,
    ):
        yield Elsewhere(server, app.state.service.waiting, Caller(client, bank.alice.token, bank.alice.id))
