"""Builds the running service out of its real parts; a test puts others in place of some of them here and nowhere else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass

import asyncpg
import httpx

from placet_audit.adapters.audit_log import PostgresAuditLog
from placet_audit.adapters.heard_sources import PATIENCE_SECONDS, HeardSource, HeardSources
from placet_audit.incoming.ingest import Ingest
from placet_audit.outgoing import SOURCE
from placet_audit.projections.projector import Projector
from placet_audit.projections.rebuilding import all_but_the_timeline, all_views
from placet_audit.queries.views import VIEWS_LAG, log_head, views_lag, views_reach
from placet_audit.settings import AuditSettings
from placet_shared.access import Authenticator, IntrospectingAuthenticator
from placet_shared.access.open_requests import OpenRequests
from placet_shared.bus.consumer import Consumer
from placet_shared.bus.feed import Feed
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.following import at_work, open_feed
from placet_shared.bus.kafka import Relay, relays, subscribing
from placet_shared.bus.local import LocalSource
from placet_shared.bus.ports import Source
from placet_shared.bus.seen import SeenGate
from placet_shared.errors import Unavailable
from placet_shared.event_store import EventStore, Repertoire
from placet_shared.event_store.opening import open_store
from placet_shared.postgres import Migrations
from placet_shared.rebuilding import ConsumedEvents
from placet_shared.service.authentication import knowing_who_asks, replay_of_credentials
from placet_shared.service.commands import refusal_answer
from placet_shared.service.rebuild_act import OpenReplay
from placet_shared.telemetry.meters import Meters
from placet_shared.telemetry.outgoing import CARRYING_THE_TRACE

__all__ = ["MIGRATIONS", "REPERTOIRE", "REPLAYS", "Neighbours", "Open", "RunningServices", "open_neighbours", "open_services"]

MIGRATIONS = Migrations("placet_shared.event_store", "placet_shared.bus", "placet_shared.access", "placet_audit")
REPERTOIRE = Repertoire(SOURCE, ())
SHOWN_WITHIN_SECONDS = 5.0
# Approval-service's events are followed twice, to log them and to know who asks: the log must not wait for an event that is parked.
CREDENTIALS = "approval/credentials"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The other services: who says who asks, and whose events are logged."""

    authenticator: Authenticator
    sources: Sequence[Source]


@dataclass(frozen=True, slots=True)
class RunningServices:
    """The running service's parts, at `app.state.placet`."""

    settings: AuditSettings
    store: EventStore
    authenticator: Authenticator
    feed: Feed
    consumers: Sequence[Consumer]
    heads: HeardSources
    seen_gate: SeenGate
    relays: Sequence[Relay]
    open_requests: OpenRequests

    @property
    def pool(self) -> asyncpg.Pool:
        """The read side."""
        return self.store.pool

    async def seen(self, header: str) -> None:
        """Wait until this service has seen what the caller has, and shows it; raises `Unavailable`, and what `SeenGate.wait` raises."""
        await self.seen_gate.wait(header)
        if not await views_reach(self.pool, await log_head(self.pool), SHOWN_WITHIN_SECONDS):
            raise Unavailable("what this service has seen is not shown yet", code="behind")

    def measured(self, meters: Meters) -> None:
        """What only this service measures."""
        meters.asked(VIEWS_LAG, lambda: views_lag(self.pool))

    def stopping(self) -> None:
        """Nobody is kept waiting by a service that stops."""
        self.feed.stop()


Open = Callable[[AuditSettings], AbstractAsyncContextManager[Neighbours]]


@asynccontextmanager
async def open_neighbours(settings: AuditSettings) -> AsyncIterator[Neighbours]:
    """Over HTTP, with this service's own token; raises `SettingsError` without one."""
    token = settings.service_token()
    urls = {"registry": settings.registry_url, "verification": settings.verification_url, "approval": settings.approval_url}
    sources = [FeedClient(name, url, lambda: token) for name, url in urls.items()]
    async with httpx.AsyncClient(trust_env=False, event_hooks=CARRYING_THE_TRACE) as client:
        try:
            yield Neighbours(IntrospectingAuthenticator(client, settings.approval_url, token), sources)
        finally:
            await asyncio.gather(*[source.aclose() for source in sources])


@asynccontextmanager
async def open_services(
    settings: AuditSettings, neighbours: Open = open_neighbours, *, patience_seconds: float = PATIENCE_SECONDS
) -> AsyncIterator[RunningServices]:
    """Everything that requests need, with ingest and projections at work.

    `patience_seconds` is what a question gives the sources to say how far they are.
    """
    url = settings.database_url.get_secret_value()
    async with (
        neighbours(settings) as around,
        open_store(url, settings.database_schema, REPERTOIRE, MIGRATIONS, refusal_answer) as store,
        open_feed(store) as feed,
    ):
        projector = Projector(store.pool)
        ingest = Ingest(PostgresAuditLog())
        subscribe = subscribing(settings)
        sources = [HeardSource(source, patience_seconds, subscribe(source)) for source in around.sources]
        sources.append(HeardSource(LocalSource(feed), patience_seconds))
        consumers = [Consumer(source, store.pool, ingest, moved=projector.wake) for source in sources]
        who = knowing_who_asks(store, around.authenticator, _approval(around), CREDENTIALS, subscribe=subscribe)
        seen = SeenGate(SOURCE, consumers, store.pool)
        everyone, to_kafka = (*consumers, *who.consumers), relays(settings, store, feed)
        async with at_work(projector.run(), who.open_requests.run(), *[one.run() for one in everyone], *[one.run() for one in to_kafka]):
            heads = HeardSources(sources)
            yield RunningServices(settings, store, who.authenticator, feed, everyone, heads, seen, to_kafka, who.open_requests)


def _approval(around: Neighbours) -> Sequence[Source]:
    return [source for source in around.sources if source.name == "approval"]


@asynccontextmanager
async def _open_credentials(settings: AuditSettings) -> AsyncIterator[ConsumedEvents]:
    async with open_neighbours(settings) as around:
        yield replay_of_credentials(_approval(around), CREDENTIALS)


REPLAYS: Mapping[str, OpenReplay[AuditSettings]] = {
    "views": lambda settings: nullcontext(all_views()),
    "spans": lambda settings: nullcontext(all_but_the_timeline()),
    "credentials": _open_credentials,
}
