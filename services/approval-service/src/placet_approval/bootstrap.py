"""Builds the running service out of its real parts, and gives an empty installation its first people and policies."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import asyncpg
import httpx

from placet_approval.adapters.bootstrap_file import BootstrapFileError, read_bootstrap_file
from placet_approval.adapters.first_people import FirstPeople
from placet_approval.adapters.gate_count import DECISIONS, GateCount
from placet_approval.adapters.local_authenticator import LocalAuthenticator
from placet_approval.adapters.log_over_http import LogOverHttp
from placet_approval.commands.define_default_policies import define_default_policies
from placet_approval.commands.in_office import in_office
from placet_approval.commands.invalidate_sign_off import invalidate_outdated
from placet_approval.domain.upcasting import UPCASTERS
from placet_approval.incoming.known import FromRegistry, FromVerification
from placet_approval.incoming.lost_branches import LostBranches
from placet_approval.incoming.outdating import Outdating
from placet_approval.outgoing import PUBLISHED, SOURCE
from placet_approval.ports import EverythingArrived, LogAsked
from placet_approval.projections import PARTS, project
from placet_approval.queries.progress import progress_reader
from placet_approval.queries.waiting import WAITERS, Waiting
from placet_approval.settings import ApprovalSettings
from placet_shared.access import Actor, Authenticator
from placet_shared.access.open_requests import OpenRequests
from placet_shared.bus.barrier import PATIENCE_SECONDS, Barrier
from placet_shared.bus.consumer import Consumer
from placet_shared.bus.feed import Feed
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.following import at_work, open_feed
from placet_shared.bus.kafka import Relay, relays, subscribing
from placet_shared.bus.marks import read_marks
from placet_shared.bus.ports import Projection, Source
from placet_shared.bus.seen import SeenGate
from placet_shared.event_store import EventStore, Repertoire, UnitOfWork
from placet_shared.event_store.opening import open_store
from placet_shared.postgres import Migrations
from placet_shared.rebuilding import ConsumedEvents, Followed
from placet_shared.service.commands import refusal_answer
from placet_shared.service.rebuild_act import replays_of
from placet_shared.telemetry.meters import Meters
from placet_shared.telemetry.outgoing import CARRYING_THE_TRACE

__all__ = ["MIGRATIONS", "REPERTOIRE", "REPLAYS", "OpenSources", "Services", "open_own_store", "open_services", "open_sources"]

log = logging.getLogger(__name__)

MIGRATIONS = Migrations("placet_shared.event_store", "placet_shared.bus", "placet_approval")
REPERTOIRE = Repertoire(SOURCE, PUBLISHED, project, UPCASTERS)
KNOWN_TABLES = ("known_models", "known_versions", "known_involvements", "known_environments", "known_plans", "known_runs")
KNOWN: Mapping[str, Projection] = {"registry": FromRegistry(), "verification": FromVerification()}


@dataclass(frozen=True, slots=True)
class Services:
    """The running service's parts, at `app.state.placet`."""

    settings: ApprovalSettings
    store: EventStore
    authenticator: Authenticator
    feed: Feed
    consumers: Sequence[Consumer]
    barrier: EverythingArrived
    waiting: Waiting
    gate_count: GateCount
    seen_gate: SeenGate
    relays: Sequence[Relay]
    open_requests: OpenRequests

    @property
    def pool(self) -> asyncpg.Pool:
        """The read side."""
        return self.store.pool

    def measured(self, meters: Meters) -> None:
        """What only this service measures."""
        self.gate_count.measured = meters.counter(DECISIONS)
        meters.gauge(WAITERS, lambda: [(self.waiting.waiters, {})])

    def stopping(self) -> None:
        """The server begins to stop: whoever waits for people or events is let go."""
        self.waiting.stop()
        self.feed.stop()

    async def in_office(self, uow: UnitOfWork) -> Actor:
        """Who acts, with what is left of their rights when the command is written."""
        return await in_office(uow)

    async def seen(self, header: str) -> None:
        """Wait until this service has seen what the caller has."""
        await self.seen_gate.wait(header)


OpenSources = Callable[[ApprovalSettings], AbstractAsyncContextManager[Sequence[Source]]]


@asynccontextmanager
async def open_sources(settings: ApprovalSettings) -> AsyncIterator[Sequence[Source]]:
    """Registry and verification over HTTP, with this service's own token; raises `SettingsError` without one."""
    token = settings.service_token()
    urls = {"registry": settings.registry_url, "verification": settings.verification_url}
    sources = [FeedClient(name, url, lambda: token) for name, url in urls.items()]
    try:
        yield sources
    finally:
        await asyncio.gather(*[source.aclose() for source in sources])


OpenLog = Callable[[ApprovalSettings], AbstractAsyncContextManager[LogAsked]]


@asynccontextmanager
async def open_log(settings: ApprovalSettings) -> AsyncIterator[LogAsked]:
    """The audit log over HTTP; without a token of this service's own it answers nothing."""
    token = settings.service_token() if settings.service_token_file else ""
    async with httpx.AsyncClient(trust_env=False, event_hooks=CARRYING_THE_TRACE) as client:
        yield LogOverHttp(client, str(settings.audit_url), token)


def open_own_store(settings: ApprovalSettings) -> AbstractAsyncContextManager[EventStore]:
    """The store alone; raises `RuntimeError` for a schema that this release does not know or a role that could rewrite history."""
    return open_store(settings.database_url.get_secret_value(), settings.database_schema, REPERTOIRE, MIGRATIONS, refusal_answer)


@asynccontextmanager
async def open_services(
    settings: ApprovalSettings,
    sources: OpenSources = open_sources,
    *,
    patience_seconds: float = PATIENCE_SECONDS,
    log_asked: OpenLog | None = None,
) -> AsyncIterator[Services]:
    """Everything that requests need; raises `BootstrapFileError`, and what `open_store` raises.

    `patience_seconds` is what the gate gives the sources to answer and to arrive.
    """
    open_asked = log_asked or open_log
    async with (
        open_own_store(settings) as store,
        sources(settings) as around,
        open_asked(settings) as asked,
        open_feed(store) as feed,
    ):
        await _begin(settings, FirstPeople(store))
        await define_default_policies(store)
        await invalidate_outdated(store)
        outdating, count = Outdating(store), GateCount(store)
        waiting = Waiting(store.pool, feed.watcher, progress_reader(store.url, store.schema))
        subscribe = subscribing(settings)
        consumers = [Consumer(source, store.pool, KNOWN[source.name], subscribe(source), moved=outdating.wake) for source in around]
        arrived = Barrier(consumers, lambda: read_marks(store.pool), patience_seconds=patience_seconds)
        barrier = LostBranches(store.pool, arrived, around, asked)
        to_kafka = relays(settings, store, feed)
        authenticator = LocalAuthenticator(store.pool)
        open_requests = OpenRequests(authenticator.over)
        streams = (open_requests.run(), open_requests.wake_with(feed.watcher))
        own = (outdating.run(), waiting.run(), count.run(), barrier.run(), *streams)
        async with at_work(*own, *[one.run() for one in consumers], *[one.run() for one in to_kafka]):
            seen = SeenGate(SOURCE, consumers, store.pool)
            try:
                yield Services(settings, store, authenticator, feed, consumers, barrier, waiting, count, seen, to_kafka, open_requests)
            finally:
                waiting.stop()


async def _begin(settings: ApprovalSettings, first: FirstPeople) -> None:
    if path := settings.bootstrap_file:
        try:
            await first.apply(path, read_bootstrap_file(path))
        except BootstrapFileError as error:
            log.error("the bootstrap file can't be used: %s", error)
            raise
    if not await first.has_admin():
        log.warning("there is no admin yet, so nobody can add people: run `python -m placet_approval add-admin NAME`")


@asynccontextmanager
async def _open_known(settings: ApprovalSettings) -> AsyncIterator[ConsumedEvents]:
    async with open_sources(settings) as around:
        yield ConsumedEvents(KNOWN_TABLES, [Followed(source.name, source, KNOWN[source.name]) for source in around])


REPLAYS = {**replays_of(REPERTOIRE, PARTS), "known": _open_known}
