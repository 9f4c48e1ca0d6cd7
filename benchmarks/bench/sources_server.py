"""Registry and verification as approval-service sees them: their real feeds over HTTP from real stores, and nothing else.

Run as a module it prints two ports.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from dataclasses import dataclass

import uvloop
from fastapi import FastAPI

from placet_shared.access import Actor, Roles
from placet_shared.bus.feed import open_feed
from placet_shared.event_store import Answer, EventRegistry, EventStore, Metadata, UnitOfWork
from placet_shared.identifiers import new_id
from placet_shared.service.application import create_app
from placet_shared.service.feed_routes import router
from placet_shared.testing import partial_service
from placet_shared.tokens import token_hash
from placet_shared.web.server import listen, server_for, spare_the_collector

__all__ = ["ENVIRONMENT", "SOURCES", "Sources"]

SOURCES = ("registry", "verification")
ENVIRONMENT = "prod"


@dataclass(frozen=True, slots=True)
class Sources:
    """JSON in the only argument; the schemas are named like the sources."""

    database_url: str
    token: str


class OneService:
    """Callers with the token are a service."""

    def __init__(self, token: str) -> None:
        self._known = {token_hash(token): Actor("service:approval", "service_account", frozenset({Roles.SERVICE}), "token-1")}

    async def authenticate(self, token: str) -> Actor | None:
        """The service, or None for another token."""
        return self._known.get(token_hash(token))


def source_app(source: str, sources: Sources) -> FastAPI:
    """Its feed, and one event in it."""
    return create_app(
        title=source, source=source, version="0", description=source, lifespan=_lifespan(source, sources), routers=[router], ready={}
    )


def _lifespan(source: str, sources: Sources) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store = EventStore(sources.database_url, source, EventRegistry(source, ()))
        await store.start()
        try:
            await store.run(_said, Metadata(actor="bench", correlation=new_id()), None, action="say")
            async with open_feed(store) as feed:
                app.state.service = partial_service(authenticator=OneService(sources.token), store=store, feed=feed, ends_feed=True)
                yield
        finally:
            await store.close()

    return lifespan


async def _said(uow: UnitOfWork) -> Answer:
    uow.record("EnvironmentDefined", stream="environments", subject=ENVIRONMENT, data={"name": ENVIRONMENT, "after": None})
    return Answer(200, {})


async def _serve(sources: Sources) -> None:
    with ExitStack() as stack:
        listeners = [stack.enter_context(listen("127.0.0.1", 0)) for _ in SOURCES]
        print(json.dumps([listener.getsockname()[1] for listener in listeners]), flush=True)
        servers = [server_for(source_app(source, sources), loop="none") for source in SOURCES]
        spare_the_collector()
        await asyncio.gather(*[server.serve(sockets=[listener]) for server, listener in zip(servers, listeners, strict=True)])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(Sources(**json.loads(sys.argv[1]))))
