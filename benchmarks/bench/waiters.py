"""Clients that wait for an approval, each on a connection of its own; they only look for the bytes of the approval."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import httpx

from bench.measuring import Figure

__all__ = ["Approves", "Way", "wait_for_approvals"]

DEADLINE = 60.0


class Approves(Protocol):
    """Gives last signatures."""

    async def approve(self, number: int) -> None:
        """The sign-off of this number; returns when it is durable."""

    async def committed_at(self) -> float:
        """When the last one was committed, in seconds of the Unix epoch."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to wait: the request (`{id}` is the sign-off's), the bytes that confirm the wait, and the bytes of the approval.

    Without `waiting` the server is asked for its number of waiters.
    """

    port: int
    request: str
    waiting: bytes | None
    approved: bytes


class _Waiter(asyncio.Protocol):
    def __init__(self, way: Way) -> None:
        loop = asyncio.get_running_loop()
        self._way = way
        self._received = b""
        self.waiting: asyncio.Future[None] = loop.create_future()
        self.approved: asyncio.Future[float] = loop.create_future()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._way.waiting and not self.waiting.done() and self._way.waiting in self._received:
            self.waiting.set_result(None)
        if not self.approved.done() and self._way.approved in self._received:
            self.approved.set_result(time.time())


async def wait_for_approvals(way: Way, sign_offs: Sequence[tuple[int, str]], waiters: int, approver: Approves) -> Figure:
    """Of one sign-off after the other (number, id): all wait for the same one; from the commit to the answer of each."""
    taken: list[float] = []
    slowest: list[float] = []
    for number, id_ in sign_offs:
        answered = await _one_approval(way, number, id_, waiters, approver)
        taken += answered
        slowest.append(max(answered))
    if len(taken) == 1:
        return Figure(1000 / max(taken[0], 0.001), taken[0], taken[0], 1)
    percentiles = statistics.quantiles(taken, n=100, method="inclusive")
    return Figure(waiters * 1000 / max(statistics.median(slowest), 0.001), percentiles[49], percentiles[98], len(taken))


async def _one_approval(way: Way, number: int, id_: str, waiters: int, approver: Approves) -> list[float]:
    """Milliseconds for each."""
    loop = asyncio.get_running_loop()
    request = way.request.replace("{id}", id_).encode()
    connections = []
    try:
        async with asyncio.timeout(DEADLINE):
            for _ in range(waiters):
                transport, waiter = await loop.create_connection(lambda: _Waiter(way), "127.0.0.1", way.port)
                transport.write(request)
                connections.append((transport, waiter))
            await _all_wait(way, [waiter for _, waiter in connections])
            await approver.approve(number)
            answered = await asyncio.gather(*[waiter.approved for _, waiter in connections])
            committed = await approver.committed_at()
    finally:
        for transport, _ in connections:
            transport.close()
    return [(at - committed) * 1000 for at in answered]


async def _all_wait(way: Way, waiters: Sequence[_Waiter]) -> None:
    if way.waiting:
        await asyncio.gather(*[waiter.waiting for waiter in waiters])
        return
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{way.port}", trust_env=False) as client:
        while True:
            if (await client.get("/v1/waiters")).json()["waiters"] == len(waiters):
                return
            await asyncio.sleep(0.01)
