"""Builds the running service and its worker out of their real parts; a test puts others in place of some of them here and nowhere else."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass

import asyncpg
import httpx

from placet_shared.access import Actor, Authenticator, IntrospectingAuthenticator
from placet_shared.access.open_requests import OpenRequests
from placet_shared.bus.consumer import Consumer
from placet_shared.bus.feed import Feed
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.following import at_work, open_feed
from placet_shared.bus.kafka import Relay, relays, subscribing
from placet_shared.bus.ports import Source
from placet_shared.bus.seen import SeenGate
from placet_shared.bus.watcher import StoreWatcher
from placet_shared.errors import Unavailable
from placet_shared.event_store import EventStore, Repertoire
from placet_shared.event_store.opening import open_store
from placet_shared.postgres import Migrations
from placet_shared.rebuilding import ConsumedEvents
from placet_shared.service.authentication import knowing_who_asks, replay_of_credentials
from placet_shared.service.commands import refusal_answer
from placet_shared.service.rebuild_act import replays_of
from placet_shared.telemetry.meters import Meters
from placet_shared.telemetry.outgoing import CARRYING_THE_TRACE
from placet_verification.adapters.blob_cache import BlobCache, BlobSource
from placet_verification.adapters.job_queue import JobQueue
from placet_verification.adapters.registry_over_http import RegistryOverHttp
from placet_verification.adapters.sandbox import Sandbox
from placet_verification.incoming import Worker
from placet_verification.outgoing import PUBLISHED, SOURCE
from placet_verification.ports import Registry
from placet_verification.projections import PARTS, project
from placet_verification.queries.jobs import ATTEMPTS, JOBS, job_attempts, job_counts
from placet_verification.settings import VerificationSettings

__all__ = ["MIGRATIONS", "REPERTOIRE", "REPLAYS", "Neighbours", "Open", "Services", "open_services", "open_worker"]

MIGRATIONS = Migrations("placet_shared.event_store", "placet_shared.bus", "placet_shared.access", "placet_verification")
REPERTOIRE = Repertoire(SOURCE, PUBLISHED, project)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """The running service's parts, at `app.state.placet`."""

    settings: VerificationSettings
    store: EventStore
    authenticator: Authenticator
    registry: Registry
    feed: Feed
    consumers: Sequence[Consumer]
    seen_gate: SeenGate
    relays: Sequence[Relay]
    open_requests: OpenRequests

    @property
    def pool(self) -> asyncpg.Pool:
        """The read side."""
        return self.store.pool

    @property
    def watcher(self) -> StoreWatcher:
        """Wakes whoever waits for this store's events."""
        return self.feed.watcher

    async def seen(self, header: str) -> None:
        """Wait until this service has seen what the caller has."""
        await self.seen_gate.wait(header)

    def measured(self, meters: Meters) -> None:
        """What only this service measures."""
        meters.asked(JOBS, lambda: job_counts(self.pool))
        meters.asked(ATTEMPTS, lambda: job_attempts(self.pool))

    def stopping(self) -> None:
        """Nobody is kept waiting by a service that stops."""
        self.feed.stop()


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What approval-service and registry-service do for this one.

    `itself` is the text of this service's own token, `sources` has approval-service's events about tokens.
    """

    authenticator: Authenticator
    registry: Registry
    blobs: BlobSource
    itself: str
    sources: Sequence[Source] = ()


Open = Callable[[VerificationSettings], AbstractAsyncContextManager[Neighbours]]


@asynccontextmanager
async def open_neighbours(settings: VerificationSettings) -> AsyncIterator[Neighbours]:
    """Over HTTP, with this service's own token; raises `SettingsError` without one."""
    token = settings.service_token()
    approval = FeedClient("approval", settings.approval_url, lambda: token)
    async with httpx.AsyncClient(trust_env=False, event_hooks=CARRYING_THE_TRACE) as client, aclosing(approval):
        registry = RegistryOverHttp(client, settings.registry_url, token)
        yield Neighbours(IntrospectingAuthenticator(client, settings.approval_url, token), registry, registry, token, [approval])


@asynccontextmanager
async def open_services(settings: VerificationSettings, neighbours: Open = open_neighbours) -> AsyncIterator[Services]:
    """Everything that requests need; raises what `open_own_store` and `neighbours` raise."""
    async with neighbours(settings) as around, open_own_store(settings) as store, open_feed(store) as feed:
        who = knowing_who_asks(store, around.authenticator, around.sources, subscribe=subscribing(settings))
        to_kafka = relays(settings, store, feed)
        async with at_work(who.open_requests.run(), *[one.run() for one in who.consumers], *[one.run() for one in to_kafka]):
            yield Services(
                settings, store, who.authenticator, around.registry, feed, who.consumers, who.seen_gate, to_kafka, who.open_requests
            )


@asynccontextmanager
async def open_worker(settings: VerificationSettings, neighbours: Open = open_neighbours) -> AsyncIterator[Worker]:
    """A worker that may begin; waits for approval-service to say who it is."""
    async with neighbours(settings) as around, open_own_store(settings) as store, open_feed(store) as feed:
        yield Worker(
            store=store,
            queue=JobQueue(store.pool, feed.watcher, lease_seconds=settings.lease_seconds, attempts=settings.attempts),
            registry=around.registry,
            blobs=BlobCache(settings.cache_folder, settings.cache_limit_bytes, around.blobs),
            evaluator=Sandbox(settings.wall_clock_limit_seconds, settings.memory_limit_mib),
            actor=await _itself(around),
            lease_seconds=settings.lease_seconds,
            attempts=settings.attempts,
        )


def open_own_store(settings: VerificationSettings) -> AbstractAsyncContextManager[EventStore]:
    """The store; raises `RuntimeError` for a schema that this release does not know or a role that could rewrite history."""
    return open_store(settings.database_url.get_secret_value(), settings.database_schema, REPERTOIRE, MIGRATIONS, refusal_answer)


async def _itself(around: Neighbours) -> Actor:
    """The service's own account; events name it as the actor of every run's end."""
    while True:
        try:
            actor = await around.authenticator.authenticate(around.itself)
        except Unavailable as error:
            log.info("waiting for approval-service: %s", error.detail)
        else:
            if actor is not None:
                return actor
            log.warning("approval-service does not know this service's own token yet")
        await asyncio.sleep(0.5)


@asynccontextmanager
async def _open_credentials(settings: VerificationSettings) -> AsyncIterator[ConsumedEvents]:
    async with open_neighbours(settings) as around:
        yield replay_of_credentials(around.sources)


REPLAYS = {**replays_of(REPERTOIRE, PARTS), "credentials": _open_credentials}
