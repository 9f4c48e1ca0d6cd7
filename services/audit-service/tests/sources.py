"""The other services as sources: real stores and feeds whose events are whatever a test records."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import asyncpg

from placet_shared.access import Actor
from placet_shared.bus.feed_client import FeedClient
from placet_shared.contracts import EventData
from placet_shared.event_store import Answer, Metadata, UnitOfWork
from placet_shared.event_store.erasing import EraseText, erase_text
from placet_shared.testing import STORE_TABLES, DatabaseSite, KnownTokens, ServedSource, open_source, prepare_schema
from placet_shared.tokens import new_token

SERVICE_TOKEN, ERIN, ALICE = new_token(), new_token(), new_token()
CALLERS = KnownTokens(
    {
        SERVICE_TOKEN: Actor("account-audit", "service_account", frozenset({"service"}), "token-1"),
        ERIN: Actor("erin", "person", frozenset({"auditor"}), "token-2"),
        ALICE: Actor("alice", "person", frozenset({"developer"}), "token-3"),
    }
)


@dataclass(frozen=True)
class Act:
    """One event to be recorded; `data` is a contract's model or any JSON object."""

    type: str
    subject: str
    data: dict[str, Any]
    actor: str = "alice"
    on_behalf_of: str | None = None
    correlation: str = "request-1"


def act(data: EventData, subject: str, **who: Any) -> Act:
    """An event as its contract has it."""
    return Act(type(data).__name__, subject, data.model_dump(mode="json"), **who)


class Neighbour(ServedSource):
    """One other service; `position` is the last one that it was made to record."""

    position: str = ""

    @property
    def name(self) -> str:
        return self.store.source

    async def events(self) -> list[asyncpg.Record]:
        return await self.site.events()

    def client(self) -> FeedClient:
        return FeedClient(self.name, self.url, lambda: SERVICE_TOKEN, long_poll_seconds=0.2)

    async def record(self, *acts: Act) -> str:
        """Each in an append of its own; gives the position as `Placet-Seen` wants it."""
        position = ""
        for one in acts:
            metadata = Metadata(one.actor, one.correlation, one.on_behalf_of)
            position = str((await self.store.run(_recording([one]), metadata, None, action="record")).position)
        return position

    async def say(self, body: str, field: str = "rationale", type_: str = "ApprovalGranted") -> str:
        """An event that commits to a text; gives the text's id. What else such an event has does not matter here."""

        async def handler(uow: UnitOfWork) -> Answer:
            said = uow.text(body, kind=field, subject="model-churn")
            uow.record(type_, stream="act-model-churn", subject="model-churn", data={"model_id": "model-churn", field: said})
            return Answer(200, said)

        committed = await self.store.run(handler, Metadata("alice", "request-1"), None, action="say")
        self.position = str(committed.position)
        return str(committed.json["id"])

    async def erase(self, text_id: str) -> None:
        self.position = str((await self.store.run(_erasing(text_id), Metadata("dora", "request-1"), None, action="erase_text")).position)

    async def record_at_once(self, *acts: Act) -> None:
        """All in one append."""
        await self.store.run(_recording(acts), Metadata("alice", "request-1"), None, action="record")


def _recording(acts: Sequence[Act]) -> Callable[[UnitOfWork], Awaitable[Answer]]:
    async def handler(uow: UnitOfWork) -> Answer:
        for one in acts:
            uow.record(one.type, stream=f"act-{one.subject}", subject=one.subject, data=one.data)
        return Answer(200, {})

    return handler


def _erasing(text_id: str) -> Callable[[UnitOfWork], Awaitable[Answer]]:
    async def handler(uow: UnitOfWork) -> Answer:
        await erase_text(EraseText(text_id), uow)
        return Answer(200, {})

    return handler


async def prepare_neighbours(url: str) -> None:
    """A schema for each, with a store's tables."""
    for name in ("registry", "verification", "approval"):
        await prepare_schema(url, name, STORE_TABLES)


def neighbour(name: str, superuser_url: str) -> AbstractAsyncContextManager[Neighbour]:
    """A service's store in a schema of its own, which `prepare_neighbours` made, served."""
    return open_source(Neighbour, DatabaseSite(superuser_url, name), CALLERS)
