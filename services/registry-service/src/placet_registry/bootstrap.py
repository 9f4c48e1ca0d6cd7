"""Builds the running service out of its real parts; a test puts others in place of some of them here and nowhere else."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass

import asyncpg
import httpx

from placet_registry.adapters.blob_folder import BlobFolder
from placet_registry.adapters.people_over_http import PeopleOverHttp
from placet_registry.commands.define_environment import DefineEnvironment, begin_environment
from placet_registry.domain.environments import DEFAULT_ENVIRONMENTS
from placet_registry.outgoing import PUBLISHED, SOURCE
from placet_registry.ports import BlobStore, People
from placet_registry.projections import COMMUTING, PARTS, project
from placet_registry.settings import RegistrySettings
from placet_shared.access import Actor, Authenticator, IntrospectingAuthenticator
from placet_shared.access.open_requests import OpenRequests
from placet_shared.bus.consumer import Consumer
from placet_shared.bus.feed import Feed
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.following import at_work, open_feed
from placet_shared.bus.kafka import Relay, relays, subscribing
from placet_shared.bus.ports import Source
from placet_shared.bus.seen import SeenGate
from placet_shared.event_store import Answer, EventStore, Metadata, Repertoire, UnitOfWork
from placet_shared.event_store.opening import open_store
from placet_shared.identifiers import new_id
from placet_shared.postgres import Migrations
from placet_shared.rebuilding import ConsumedEvents
from placet_shared.service.authentication import knowing_who_asks, replay_of_credentials
from placet_shared.service.commands import refusal_answer
from placet_shared.service.rebuild_act import replays_of
from placet_shared.telemetry.outgoing import CARRYING_THE_TRACE

__all__ = ["MIGRATIONS", "REPERTOIRE", "REPLAYS", "Neighbours", "OpenNeighbours", "Services", "open_neighbours", "open_services"]

MIGRATIONS = Migrations("placet_shared.event_store", "placet_shared.bus", "placet_shared.access", "placet_registry")
REPERTOIRE = Repertoire(SOURCE, PUBLISHED, project, commuting=COMMUTING)
ITSELF = Actor("system:registry", "service_account", frozenset(), token_id="")


@dataclass(frozen=True, slots=True)
class Services:
    """The running service's parts, at `app.state.placet`."""

    settings: RegistrySettings
    store: EventStore
    authenticator: Authenticator
    people: People
    blobs: BlobStore
    feed: Feed
    consumers: Sequence[Consumer]
    seen_gate: SeenGate
    relays: Sequence[Relay]
    open_requests: OpenRequests

    @property
    def pool(self) -> asyncpg.Pool:
        """The read side."""
        return self.store.pool

    async def seen(self, header: str) -> None:
        """Wait until this service has seen what the caller has."""
        await self.seen_gate.wait(header)

    def stopping(self) -> None:
        """Nobody is kept waiting by a service that stops."""
        self.feed.stop()


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What approval-service does for this one: it tells who asks, and who somebody is; `sources` has its events about tokens."""

    authenticator: Authenticator
    people: People
    sources: Sequence[Source] = ()


OpenNeighbours = Callable[[RegistrySettings], AbstractAsyncContextManager[Neighbours]]


@asynccontextmanager
async def open_neighbours(settings: RegistrySettings) -> AsyncIterator[Neighbours]:
    """Over HTTP, with this service's own token; raises `SettingsError` without one."""
    token = settings.service_token()
    approval = FeedClient("approval", settings.approval_url, lambda: token)
    async with httpx.AsyncClient(trust_env=False, event_hooks=CARRYING_THE_TRACE) as client, aclosing(approval):
        yield Neighbours(
            IntrospectingAuthenticator(client, settings.approval_url, token),
            PeopleOverHttp(client, settings.approval_url, token),
            [approval],
        )


@asynccontextmanager
async def open_services(settings: RegistrySettings, neighbours: OpenNeighbours = open_neighbours) -> AsyncIterator[Services]:
    """Everything that requests need; raises what `open_store` and `neighbours` raise."""
    url, schema = settings.database_url.get_secret_value(), settings.database_schema
    async with (
        neighbours(settings) as approval,
        open_store(url, schema, REPERTOIRE, MIGRATIONS, refusal_answer) as store,
        open_feed(store) as feed,
        open_blobs(settings) as blobs,
    ):
        await _define_default_environments(store)
        who = knowing_who_asks(store, approval.authenticator, approval.sources, subscribe=subscribing(settings))
        to_kafka = relays(settings, store, feed)
        async with at_work(who.open_requests.run(), *[one.run() for one in who.consumers], *[one.run() for one in to_kafka]):
            yield Services(
                settings, store, who.authenticator, approval.people, blobs, feed, who.consumers, who.seen_gate, to_kafka, who.open_requests
            )


@asynccontextmanager
async def open_blobs(settings: RegistrySettings) -> AsyncIterator[BlobFolder]:
    """The folder, swept of what a crash left."""
    blobs = BlobFolder(settings.blob_folder, settings.blob_limit_bytes)
    blobs.open()
    try:
        yield blobs
    finally:
        blobs.close()


async def _define_default_environments(store: EventStore) -> None:
    """The first start defines them; later ones find them."""
    for name, after in zip(DEFAULT_ENVIRONMENTS, (None, *DEFAULT_ENVIRONMENTS), strict=False):
        command = DefineEnvironment(name, after)

        async def handler(uow: UnitOfWork, command: DefineEnvironment = command) -> Answer:
            return await begin_environment(command, uow)

        await store.run(handler, Metadata(actor=ITSELF.id, correlation=new_id()), ITSELF, action="define_environment")


@asynccontextmanager
async def _open_credentials(settings: RegistrySettings) -> AsyncIterator[ConsumedEvents]:
    async with open_neighbours(settings) as around:
        yield replay_of_credentials(around.sources)


REPLAYS = {**replays_of(REPERTOIRE, PARTS), "credentials": _open_credentials}
