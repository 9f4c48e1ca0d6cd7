"""The other services as sources: real stores and feeds whose events are whatever a test records."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from fastapi import FastAPI

from placet_shared.access import Actor
from placet_shared.bus.feed import Feed
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.watcher import StoreWatcher
from placet_shared.contracts import EventData
from placet_shared.event_store import Answer, EventRegistry, EventStore, Metadata, UnitOfWork
from placet_shared.event_store.erasing import EraseText, erase_text
from placet_shared.postgres import Migrations, connect, migrate
from placet_shared.service.application import create_app
from placet_shared.service.feed_routes import router
from placet_shared.testing import eventually, partial_service
from placet_shared.tokens import new_token
from placet_shared.web.server import listen, server_for

SOURCE_ROLE = "placet_sources"
SERVICE_TOKEN, ERIN, ALICE = new_token(), new_token(), new_token()
FORGET_EVENTS = """
    set session_replication_role = replica;
    delete from events where position > {0};
    delete from epochs where first_position > {0};
    update store set epoch = (select max(epoch) from epochs), timeline = 'another';
"""


class KnownTokens:
    """A service, an auditor, and a developer."""

    actors = {  # noqa: RUF012
        SERVICE_TOKEN: Actor("account-audit", "service_account", frozenset({"service"}), "token-1"),
        ERIN: Actor("erin", "person", frozenset({"auditor"}), "token-2"),
        ALICE: Actor("alice", "person", frozenset({"developer"}), "token-3"),
    }

    async def authenticate(self, token: str) -> Actor | None:
        return self.actors.get(token)


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


@dataclass
class Neighbour:
    """One other service: its store, and its feed on a port of its own that can be stopped and started."""

    name: str
    superuser_url: str
    store: EventStore
    feed: Feed
    port: int = 0
    stop: Callable[[], Awaitable[None]] | None = None
    position: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

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

    async def events(self) -> list[asyncpg.Record]:
        connection = await connect(self.superuser_url, self.name)
        try:
            rows: list[asyncpg.Record] = await connection.fetch("select * from events order by position")
            return rows
        finally:
            await connection.close()

    async def forget(self, after: int) -> None:
        """As a restore from a copy leaves it: what came after is gone, and the next append opens a new epoch."""
        connection = await connect(self.superuser_url, self.name)
        await connection.execute(FORGET_EVENTS.format(after))
        await connection.close()

    async def serve(self) -> None:
        listener = listen("127.0.0.1", self.port)
        self.port = listener.getsockname()[1]
        server = server_for(_app(self))
        running = asyncio.create_task(server.serve(sockets=[listener]))

        async def started() -> bool:
            return server.started

        async def stop() -> None:
            server.should_exit = server.force_exit = True
            await running
            for connection in list(server.server_state.connections):
                connection.transport.close()
            for task in list(server.server_state.tasks):
                task.cancel()
            await asyncio.gather(*server.server_state.tasks, return_exceptions=True)
            await server.lifespan.shutdown()
            self.stop = None

        await eventually(started)
        self.stop = stop


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


def _app(neighbour: Neighbour) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield

    app = create_app(title=neighbour.name, source=neighbour.name, version="1", description="", lifespan=lifespan, routers=[router])
    app.state.service = partial_service(authenticator=KnownTokens(), store=neighbour.store, feed=neighbour.feed)
    return app


async def prepare_neighbours(url: str) -> None:
    """A schema for each, with a store's tables."""
    for name in ("registry", "verification", "approval"):
        await migrate(url, name, Migrations("placet_shared.event_store"), service_role=SOURCE_ROLE)


@asynccontextmanager
async def neighbour(name: str, superuser_url: str, url: str) -> AsyncIterator[Neighbour]:
    """A service's store in a schema of its own, which `prepare_neighbours` made, served."""
    async with AsyncExitStack() as stack:
        store = EventStore(url, name, EventRegistry(name, ()))
        await store.start()
        stack.push_async_callback(store.close)
        watcher = StoreWatcher(url, name, name)
        await watcher.start()
        stack.push_async_callback(watcher.close)
        one = Neighbour(name, superuser_url, store, Feed(name, store.pool, watcher))
        await one.serve()
        try:
            yield one
        finally:
            if one.stop:
                await one.stop()
