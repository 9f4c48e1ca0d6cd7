"""The two clients: they send, wait and read files; `exchange` does the rest."""

import os
import time
from abc import abstractmethod
from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import anyio
import anyio.to_thread
import httpx

from placet_client.addresses import SERVICES, Addresses, is_this_machine
from placet_client.calls import Operation, Pause, Reading, Work
from placet_client.exchange import Attempt, Caller, Outcome, steps_of
from placet_client.folders import data_folder
from placet_client.identifiers import new_id
from placet_client.positions import Positions
from placet_client.progress import OnProgress, counting
from placet_client.retrying import RetryPolicy
from placet_client.sent_files import SentFile
from placet_client.services import Awaiting, Blocking, Installation, ModeT
from placet_client.tokens import find_token

__all__ = ["AsyncClient", "Client"]

T = TypeVar("T")
CONNECT_WITHIN = 5.0
NO_MORE: Mapping[str, str] = {}


class _Client(Installation[ModeT]):
    """The common part of both clients: addresses, token and the positions seen.

    `addresses` are by default those of this machine. `positions` may be shared between clients, so that each sees the others' writes.
    All acts through one client carry one correlation id. `on_progress` is called while files are read, hashed and sent.
    """

    def __init__(
        self,
        addresses: Addresses | None = None,
        token: str | None = None,
        positions: Positions | None = None,
        retries: RetryPolicy | None = None,
        on_progress: OnProgress | None = None,
    ) -> None:
        super().__init__()
        self.on_progress = on_progress
        self.addresses = addresses or Addresses()
        self.correlation = new_id()
        self._caller = Caller(
            self.addresses, token, positions or Positions(), self.correlation, retries or RetryPolicy(), os.environ.get("TRACEPARENT")
        )
        self._connect()

    @abstractmethod
    def _connect(self) -> None:
        """Open an HTTP client for each service."""

    def _work(self, step: Work[Any] | Reading[Any]) -> Callable[[], Any]:
        if isinstance(step, Work):
            return step.function
        return partial(step.function, counting(step.stage, step.file, self.on_progress))

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

    def _take(self, step: Attempt | Pause | Work[Any] | Reading[Any]) -> Any:
        if isinstance(step, Attempt):
            return self._send(step)
        return time.sleep(step.seconds) if isinstance(step, Pause) else self._work(step)()

    def _send(self, attempt: Attempt) -> Outcome:
        if isinstance(attempt.content, Path):
            sent = SentFile(attempt.content, self.on_progress)
            return sent.answered(self._request(attempt, sent.parts(), sent.headers))
        return self._request(attempt, attempt.content)

    def _request(self, attempt: Attempt, content: Iterable[bytes] | bytes | None, headers: Mapping[str, str] = NO_MORE) -> Outcome:
        try:
            return self._http[attempt.service].request(attempt.method, attempt.url, content=content, **_arguments(attempt, headers))
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

    async def _take(self, step: Attempt | Pause | Work[Any] | Reading[Any]) -> Any:
        if isinstance(step, Attempt):
            return await self._send(step)
        return await (anyio.sleep(step.seconds) if isinstance(step, Pause) else anyio.to_thread.run_sync(self._work(step)))

    async def _send(self, attempt: Attempt) -> Outcome:
        if isinstance(attempt.content, Path):
            sent = SentFile(attempt.content, self.on_progress)
            return sent.answered(await self._request(attempt, sent.parts_awaited(), sent.headers))
        return await self._request(attempt, attempt.content)

    async def _request(
        self, attempt: Attempt, content: AsyncIterable[bytes] | bytes | None, headers: Mapping[str, str] = NO_MORE
    ) -> Outcome:
        try:
            return await self._http[attempt.service].request(attempt.method, attempt.url, content=content, **_arguments(attempt, headers))
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


def _arguments(attempt: Attempt, headers: Mapping[str, str]) -> dict[str, Any]:
    timeout = httpx.Timeout(attempt.within, connect=CONNECT_WITHIN)
    return {"params": attempt.query, "json": attempt.json, "headers": {**attempt.headers, **headers}, "timeout": timeout}
