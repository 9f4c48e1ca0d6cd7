"""A bank whose webhooks go to receivers on this machine, which its settings allow."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from placet_shared.testing import ServedApp, eventually

from ..decisions.conftest import Bank, bank, bank_database

__all__ = ["bank", "bank_database"]

NETWORKS = "PLACET_APPROVAL_WEBHOOK_NETWORKS"


@dataclass
class Received:
    """A request as it came."""

    headers: Mapping[str, str]
    body: bytes
    path: str

    @property
    def event(self) -> Any:
        return orjson.loads(self.body)


Answering = Callable[[Received], Awaitable[int]]


@dataclass
class ReceiverApp:
    """Answers each request with what `answering` says; `received` has those that were answered with 2xx."""

    status: int = 204
    answering: Answering | None = None
    attempts: list[Received] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        came = Received({name.decode(): value.decode() for name, value in scope["headers"]}, body, scope["path"])
        self.attempts.append(came)
        status = await self.answering(came) if self.answering else self.status
        if 200 <= status < 300:
            self.received.append(came)
        await send({"type": "http.response.start", "status": status, "headers": [(b"location", b"http://127.0.0.1:9/elsewhere")]})
        await send({"type": "http.response.body", "body": b"said \x1b[2J so"})


@dataclass
class Receiver:
    """A receiver, and the webhook that leads to it."""

    app: ReceiverApp
    url: str
    webhook_id: str = ""
    secret: str = ""

    async def gets(self, number: int) -> list[Received]:
        """So many, when they are there."""
        await eventually(lambda: len(self.app.received) >= number, state=lambda: [one.event["type"] for one in self.app.attempts])
        return self.app.received


@asynccontextmanager
async def receiving(app: ReceiverApp | None = None) -> AsyncIterator[Receiver]:
    chosen = app or ReceiverApp()
    served = ServedApp(chosen)
    await served.serve()
    try:
        yield Receiver(chosen, f"{served.url}/hook?key=k")
    finally:
        await served.stop()


async def subscribed(bank: Bank, receiver: Receiver, *types: str) -> Receiver:
    """The receiver, with a webhook for these types."""
    answer = await bank.dora.post("/v1/webhooks", {"url": receiver.url, "types": types or ["*"]})
    assert answer.status_code == 201, answer.text
    receiver.webhook_id, receiver.secret = answer.json()["webhook_id"], answer.json()["secret"]
    return receiver


async def is_tried_now(bank: Bank) -> None:
    """Pauses between attempts are over."""
    await bank.connection.execute("update webhook_deliveries set next_attempt_at = clock_timestamp() where state = 'pending'")


async def deliveries(bank: Bank, receiver: Receiver, **query: Any) -> list[dict[str, Any]]:
    answer = await bank.dora.get(f"/v1/webhooks/{receiver.webhook_id}/deliveries", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.fixture(autouse=True)
def allowed_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NETWORKS, "127.0.0.0/8")


@pytest.fixture
async def receiver(allowed_networks: None) -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def hang(_: Received) -> int:
    """Never answers."""
    await asyncio.Event().wait()
    return 500
