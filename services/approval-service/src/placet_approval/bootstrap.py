"""Builds the service from its real parts, and gives an empty installation its first people and policies."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx

from placet_approval.adapters.bootstrap_file import BootstrapFileError, read_bootstrap_file
from placet_approval.adapters.first_people import FirstPeople
from placet_approval.adapters.local_authenticator import LocalAuthenticator
from placet_approval.adapters.log_over_http import LogOverHttp
from placet_approval.adapters.smtp_mail import SmtpMail
from placet_approval.adapters.webhook_receivers import WebhookReceivers
from placet_approval.api.parts import ApprovalService
from placet_approval.commands.define_default_policies import ensure_default_policies
from placet_approval.domain.upcasting import UPCASTERS
from placet_approval.incoming.known import FromRegistry, FromVerification
from placet_approval.migrations import MIGRATIONS
from placet_approval.outgoing import PUBLISHED, SOURCE
from placet_approval.ports import LogAsked
from placet_approval.projections import PARTS, project
from placet_approval.queries.progress import ProgressReader
from placet_approval.queries.waiting import Waiting
from placet_approval.settings import ApprovalSettings
from placet_approval.workers.channel_posts import ChannelPosts
from placet_approval.workers.deadlines import deadlines
from placet_approval.workers.directive_keeper import DirectiveKeeper
from placet_approval.workers.gate_count import GateCount
from placet_approval.workers.lost_branches import LostBranches
from placet_approval.workers.mail import MailWorker
from placet_approval.workers.sign_off_invalidator import sign_off_invalidator
from placet_approval.workers.webhook_queue import WebhookQueue
from placet_approval.workers.webhooks import Webhooks
from placet_shared.access.open_requests import OpenRequests
from placet_shared.bus.barrier import PATIENCE_SECONDS, Barrier
from placet_shared.bus.consumer import Consumer
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.local import LocalSource
from placet_shared.bus.marks import read_marks
from placet_shared.bus.ports import Projection, Source
from placet_shared.bus.seen import SeenGate
from placet_shared.certificates import trusted_certificates
from placet_shared.event_store import EventRegistry, EventStore
from placet_shared.postgres.connections import close_pool, open_pool
from placet_shared.rebuilding import ConsumedEvents, Followed
from placet_shared.service.authentication import Authentication
from placet_shared.service.opening import open_foundation, open_service_store, running
from placet_shared.service.rebuild_act import replays_of
from placet_shared.service.running import Foundation
from placet_shared.telemetry.outgoing import CARRYING_THE_TRACE
from placet_shared.workers import Loop

__all__ = ["EVENT_REGISTRY", "MIGRATIONS", "REPLAYS", "OpenSources", "open_own_store", "open_service", "open_sources"]

log = logging.getLogger(__name__)

EVENT_REGISTRY = EventRegistry(SOURCE, PUBLISHED, project, UPCASTERS)
KNOWN_TABLES = (
    "known_models", "known_versions", "known_involvements", "known_environments", "known_deployments", "known_plans", "known_runs",
    "known_run_places", "known_training_data", "known_findings",
    "known_deployment_reports",
)  # fmt: skip
KNOWN: Mapping[str, Projection] = {"registry": FromRegistry(), "verification": FromVerification()}


WEBHOOK_CONNECTIONS = 4

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
    """The audit log over HTTP; without this service's own token its answer is always empty."""
    token = settings.service_token() if settings.service_token_file else ""
    async with httpx.AsyncClient(trust_env=False, verify=trusted_certificates(), event_hooks=CARRYING_THE_TRACE) as client:
        yield LogOverHttp(client, str(settings.audit_url), token)


def open_own_store(settings: ApprovalSettings) -> AbstractAsyncContextManager[EventStore]:
    """The store alone; raises what `open_service_store` raises."""
    return open_service_store(settings, EVENT_REGISTRY, MIGRATIONS)


@asynccontextmanager
async def open_service(
    settings: ApprovalSettings,
    sources: OpenSources = open_sources,
    *,
    patience_seconds: float = PATIENCE_SECONDS,
    log_asked: OpenLog | None = None,
) -> AsyncIterator[ApprovalService]:
    """Everything that requests need; raises `BootstrapFileError`, and what `open_foundation` raises.

    `patience_seconds` is how long the gate waits for the sources' answers and events.
    """
    open_asked = log_asked or open_log
    async with (
        open_foundation(settings, EVENT_REGISTRY, MIGRATIONS) as base,
        sources(settings) as around,
        open_asked(settings) as asked,
        ProgressReader(base.store.url, base.store.schema) as reader,
        open_webhooks(settings, base, around) as (webhooks, receivers),
    ):
        store = base.store
        await _begin(settings, FirstPeople(store))
        await ensure_default_policies(store)
        invalidator, count, directives = sign_off_invalidator(store), GateCount(store), DirectiveKeeper(store).loop

        def moved() -> None:
            invalidator.wake()
            directives.wake()
            webhooks.loop.wake()

        consumers = [Consumer(source, store.pool, KNOWN[source.name], base.subscribe(source), moved=moved) for source in around]
        arrived = Barrier(consumers, lambda: read_marks(store.pool), patience_seconds=patience_seconds)
        barrier = LostBranches(store.pool, arrived, around, asked)
        waiting = Waiting(reader.read)
        posts = ChannelPosts(store, receivers, settings.mail_link)
        base.feed.watcher.also_wake(waiting.waiters.wake)
        service = ApprovalService(
            base=base,
            authentication=_authentication(base, consumers),
            own_loops=[
                invalidator,
                count.loop,
                barrier.loop,
                deadlines(store),
                directives,
                webhooks.loop,
                posts.loop,
                *mail_loops(settings, store),
            ],
            barrier=barrier,
            waiting=waiting,
            gate_count=count,
            invalidator=invalidator,
            directives=directives,
            receivers=receivers,
            webhooks=webhooks,
        )
        async with running(service):
            try:
                yield service
            finally:
                waiting.stop()
                await posts.stop()


@asynccontextmanager
async def open_webhooks(
    settings: ApprovalSettings, base: Foundation, sources: Sequence[Source]
) -> AsyncIterator[tuple[Webhooks, WebhookReceivers]]:
    """On connections of their own, so that no receiver keeps requests waiting. What is noted there may be lost by a crash of the server:
    then it is delivered again, and so the notes need not wait for the disk."""
    store = base.store
    pool = await open_pool(store.url, store.schema, "placet webhooks", size=WEBHOOK_CONNECTIONS, synchronous_commit="off")
    receivers = WebhookReceivers(settings.webhook_networks)
    webhooks = Webhooks(store, pool, WebhookQueue(pool, LocalSource(base.feed), sources), receivers)
    base.feed.watcher.also_wake(webhooks.loop.wake)
    try:
        yield webhooks, receivers
    finally:
        await webhooks.stop()
        receivers.close()
        await close_pool(pool)


def mail_loops(settings: ApprovalSettings, store: EventStore) -> Sequence[Loop]:
    """None where the installation has no mail server."""
    if settings.smtp_url is None:
        return ()
    mail = SmtpMail(settings.smtp_url.get_secret_value(), settings.mail_from)
    return [MailWorker(store, mail, settings.mail_link).loop]


def _authentication(base: Foundation, consumers: Sequence[Consumer]) -> Authentication:
    """Add the first people, service accounts and tokens."""
    authenticator = LocalAuthenticator(base.store.pool)
    open_requests = OpenRequests(authenticator.over)
    base.feed.watcher.also_wake(open_requests.wake)
    return Authentication(authenticator, SeenGate(SOURCE, consumers, base.store.pool), open_requests, consumers)


async def _begin(settings: ApprovalSettings, first: FirstPeople) -> None:
    if path := settings.bootstrap_file:
        try:
            await first.apply(path, read_bootstrap_file(path))
        except BootstrapFileError as error:
            log.error("the bootstrap file can't be used: %s", error)
            raise
    if not await first.has_admin():
        log.warning("there is no admin yet, so people can't be added: run `python -m placet_approval add-admin NAME`")


@asynccontextmanager
async def _open_known(settings: ApprovalSettings) -> AsyncIterator[ConsumedEvents]:
    async with open_sources(settings) as around:
        yield ConsumedEvents(KNOWN_TABLES, [Followed(source.name, source, KNOWN[source.name]) for source in around])


REPLAYS = {**replays_of(EVENT_REGISTRY, PARTS), "known": _open_known}
