"""The two clients: they send, wait and read files; `exchange` does the rest."""

import os
import time
from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import anyio
import anyio.to_thread
import httpx

from placet_client.addresses import SERVICES, Addresses, is_this_machine
from placet_client.calls import Operation, Pause, Work
from placet_client.exchange import Attempt, Caller, Outcome, steps_of
from placet_client.folders import data_folder
from placet_client.identifiers import new_id
from placet_client.positions import Positions
from placet_client.retrying import RetryPolicy
from placet_client.services import Awaiting, Blocking, Installation, ModeT
from placet_client.tokens import find_token

__all__ = ["AsyncClient", "Client"]

T = TypeVar("T")
CONNECT_WITHIN = 5.0
CHUNK = 1 << 16


class _Client(Installation[ModeT]):
    """The common part of both clients: addresses, token and the positions seen.

    `addresses` are by default those of this machine. `positions` may be shared between clients, so that each sees the others' writes.
    All acts through one client carry one correlation id.
    """

    def __init__(
        self,
        addresses: Addresses | None = None,
        token: str | None = None,
        positions: Positions | None = None,
        retries: RetryPolicy | None = None,
    ) -> None:
        super().__init__()
        self.addresses = addresses or Addresses()
        self.correlation = new_id()
        self._caller = Caller(
            self.addresses, token, positions or Positions(), self.correlation, retries or RetryPolicy(), os.environ.get("TRACEPARENT")
        )
        self._connect()

    @abstractmethod
    def _connect(self) -> None:
        """Open an HTTP client for each service."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """From `PLACET_TOKEN` (or `PLACET_TOKEN_FILE`), `PLACET_REGISTRY_URL` and its like; raises `ClientError`."""
        return cls(Addresses.from_environment(environment), find_token(None, data_folder(environment), environment))


class Client(_Client[Blocking]):
    """An installation, for a program whose threads block; several may use it at once.

    with Client.from_environment() as placet:
        model = placet.registry.model("credit-risk")
    """

    def _connect(self) -> None:
        self._http = {service: httpx.Client(**_options(self.addresses.of(service))) for service in SERVICES}

    def run(self, operation: Operation[T]) -> T:
        """The result of any operation, also of one that is made of others."""
        steps = steps_of(operation, self._caller)
        came: Any = None
        while True:
            try:
                step = steps.send(came)
            except StopIteration as ended:
                result: T = ended.value
                return result
            came = self._take(step)

    def _take(self, step: Attempt | Pause | Work[Any]) -> Any:
        if isinstance(step, Attempt):
            return self._send(step)
        return time.sleep(step.seconds) if isinstance(step, Pause) else step.function()

    def _send(self, attempt: Attempt) -> Outcome:
        content = _chunks(attempt.content) if isinstance(attempt.content, Path) else attempt.content
        try:
            return self._http[attempt.service].request(attempt.method, attempt.url, content=content, **_arguments(attempt))
        except httpx.TransportError as error:
            return error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        for http in self._http.values():
            http.close()


class AsyncClient(_Client[Awaiting]):
    """The same for a program with an event loop (asyncio or trio); it may be used by many tasks at once.

    async with AsyncClient.from_environment() as placet:
        model = await placet.registry.model("credit-risk")
    """

    def _connect(self) -> None:
        self._http = {service: httpx.AsyncClient(**_options(self.addresses.of(service))) for service in SERVICES}

    async def run(self, operation: Operation[T]) -> T:
        """The result of any operation, also of one that is made of others."""
        steps = steps_of(operation, self._caller)
        came: Any = None
        while True:
            try:
                step = steps.send(came)
            except StopIteration as ended:
                result: T = ended.value
                return result
            came = await self._take(step)

    async def _take(self, step: Attempt | Pause | Work[Any]) -> Any:
        if isinstance(step, Attempt):
            return await self._send(step)
        return await (anyio.sleep(step.seconds) if isinstance(step, Pause) else anyio.to_thread.run_sync(step.function))

    async def _send(self, attempt: Attempt) -> Outcome:
        content = _async_chunks(attempt.content) if isinstance(attempt.content, Path) else attempt.content
        try:
            return await self._http[attempt.service].request(attempt.method, attempt.url, content=content, **_arguments(attempt))
        except httpx.TransportError as error:
            return error

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        for http in self._http.values():
            await http.aclose()


def _options(url: str) -> dict[str, Any]:
    """Proxies are for other machines; the certificates are not read (it takes a while) where no server shows one."""
    return {"trust_env": not is_this_machine(url), "verify": url.startswith("https:")}


def _arguments(attempt: Attempt) -> dict[str, Any]:
    timeout = httpx.Timeout(attempt.within, connect=CONNECT_WITHIN)
    return {"params": attempt.query, "json": attempt.json, "headers": attempt.headers, "timeout": timeout}


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            yield chunk


async def _async_chunks(file: Path) -> AsyncIterator[bytes]:
    async with await anyio.open_file(file, "rb") as opened:
        while chunk := await opened.read(CHUNK):
            yield chunk
