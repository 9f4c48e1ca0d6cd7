"""Builds the service from its real parts; tests replace parts only here."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, replace

import httpx

from placet_audit.adapters.audit_log import PostgresAuditLog
from placet_audit.adapters.heard_sources import PATIENCE_SECONDS, HeardSource, HeardSources
from placet_audit.api.parts import AuditService
from placet_audit.incoming.ingest import Ingest
from placet_audit.migrations import MIGRATIONS
from placet_audit.outgoing import SOURCE
from placet_audit.projections.projector import POLL_SECONDS, Projector
from placet_audit.projections.rebuilding import all_but_the_timeline, all_views
from placet_audit.queries.views import ViewsReach
from placet_audit.settings import AuditSettings
from placet_audit.workers.texts import Texts
from placet_shared.access import Authenticator, IntrospectingAuthenticator
from placet_shared.bus.consumer import Consumer
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.local import LocalSource
from placet_shared.bus.ports import Source, TextSource
from placet_shared.bus.seen import SeenGate
from placet_shared.certificates import trusted_certificates
from placet_shared.event_store import EventRegistry
from placet_shared.rebuilding import ConsumedEvents
from placet_shared.service.authentication import authentication, replay_of_credentials
from placet_shared.service.opening import open_foundation, running
from placet_shared.service.rebuild_act import OpenReplay
from placet_shared.telemetry.outgoing import CARRYING_THE_TRACE
from placet_shared.workers import Loop

__all__ = ["EVENT_REGISTRY", "MIGRATIONS", "REPLAYS", "Neighbours", "Open", "open_neighbours", "open_service"]

EVENT_REGISTRY = EventRegistry(SOURCE, ())
# Approval-service's events are followed twice, to log them and to authenticate callers: the log must not wait for a parked event.
CREDENTIALS = "approval/credentials"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The other services: the authenticator's, and the sources of the logged events."""

    authenticator: Authenticator
    sources: Sequence[Source]


Open = Callable[[AuditSettings], AbstractAsyncContextManager[Neighbours]]


@asynccontextmanager
async def open_neighbours(settings: AuditSettings) -> AsyncIterator[Neighbours]:
    """Over HTTP, with this service's own token; raises `SettingsError` without one."""
    token = settings.service_token()
    urls = {"registry": settings.registry_url, "verification": settings.verification_url, "approval": settings.approval_url}
    sources = [FeedClient(name, url, lambda: token) for name, url in urls.items()]
    async with httpx.AsyncClient(trust_env=False, verify=trusted_certificates(), event_hooks=CARRYING_THE_TRACE) as client:
        try:
            yield Neighbours(IntrospectingAuthenticator(client, settings.approval_url, token), sources)
        finally:
            await asyncio.gather(*[source.aclose() for source in sources])


@asynccontextmanager
async def open_service(
    settings: AuditSettings, neighbours: Open = open_neighbours, *, patience_seconds: float = PATIENCE_SECONDS
) -> AsyncIterator[AuditService]:
    """Everything that requests need, with ingest and projections running.

    `patience_seconds` is how long a query waits for the sources to report their heads.
    """
    async with neighbours(settings) as around, open_foundation(settings, EVENT_REGISTRY, MIGRATIONS) as base:
        store = base.store
        views = ViewsReach(store.pool)
        projector = Projector(store.pool, moved=views.waiters.wake)
        loop = Loop("audit views", projector.project_all, every_seconds=POLL_SECONDS)
        ingest = Ingest(PostgresAuditLog())
        sources = [HeardSource(source, patience_seconds, base.subscribe(source)) for source in around.sources]
        local = LocalSource(base.feed)
        sources.append(HeardSource(local, patience_seconds))
        consumers = [Consumer(source, store.pool, ingest, moved=loop.wake) for source in sources]
        texts = Texts(store.pool, consumers, [source for source in (*around.sources, local) if isinstance(source, TextSource)])
        known = authentication(store, around.authenticator, _approval(around), CREDENTIALS, subscribe=base.subscribe)
        service = AuditService(
            base=base,
            authentication=replace(known, seen_gate=SeenGate(SOURCE, consumers, store.pool)),
            own_consumers=consumers,
            own_loops=[loop, *texts.loops],
            heads=HeardSources(sources),
            views=views,
            texts=texts,
        )
        async with running(service):
            yield service


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
