"""Builds the service and its worker from their real parts; tests replace parts only here."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, closing, nullcontext
from dataclasses import dataclass
from functools import partial

import httpx

from placet_shared.access import Actor, Authenticator, IntrospectingAuthenticator
from placet_shared.access.credentials import CREDENTIAL_TYPES
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.ports import Source
from placet_shared.bus.waiters import Waiters
from placet_shared.certificates import trusted_certificates
from placet_shared.errors import Unavailable
from placet_shared.event_store import EventRegistry
from placet_shared.rebuilding import ConsumedEvents
from placet_shared.service.authentication import authentication, replay_of_credentials
from placet_shared.service.opening import open_foundation, running
from placet_shared.service.rebuild_act import replays_of
from placet_shared.settings import SettingsError
from placet_shared.telemetry.outgoing import CARRYING_THE_TRACE
from placet_shared.workers import Loop
from placet_verification.adapters.blob_cache import BlobCache, BlobSource
from placet_verification.adapters.fork_server import ForkServer
from placet_verification.adapters.job_queue import JobQueue
from placet_verification.adapters.registry_over_http import RegistryOverHttp
from placet_verification.adapters.row_trial_queue import RowTrials
from placet_verification.adapters.sandbox import Sandbox
from placet_verification.api.parts import VerificationService
from placet_verification.checks import check_kinds
from placet_verification.commands.open_runs import OpenRuns
from placet_verification.domain.upcasting import UPCASTERS
from placet_verification.migrations import MIGRATIONS
from placet_verification.outgoing import PUBLISHED, SOURCE
from placet_verification.ports import Registry
from placet_verification.projections import PARTS, project
from placet_verification.queries.row_trials import row_trials_by_key
from placet_verification.queries.run_progress import FollowedRuns
from placet_verification.queries.runs import RunDetailView, runs_by_id
from placet_verification.queries.trial_answers import TrialAnswers
from placet_verification.settings import VerificationSettings
from placet_verification.workers.row_trial_worker import RowTrialWorker
from placet_verification.workers.trial_worker import Worker

__all__ = ["EVENT_REGISTRY", "MIGRATIONS", "REPLAYS", "Neighbours", "Open", "Workers", "open_service", "open_workers"]

EVENT_REGISTRY = EventRegistry(SOURCE, PUBLISHED, project, UPCASTERS)

TRIAL_ATTEMPTS = 2
REMOVE_TRIALS_EVERY_SECONDS = 30.0
LOOK_FOR_TRIALS_EVERY_SECONDS = 1.0

log = logging.getLogger(__name__)


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
    approval = FeedClient("approval", settings.approval_url, lambda: token, types=CREDENTIAL_TYPES)
    async with (
        httpx.AsyncClient(trust_env=False, verify=trusted_certificates(), event_hooks=CARRYING_THE_TRACE) as client,
        aclosing(approval),
    ):
        registry = RegistryOverHttp(client, settings.registry_url, token)
        yield Neighbours(IntrospectingAuthenticator(client, settings.approval_url, token), registry, registry, token, [approval])


@asynccontextmanager
async def open_service(settings: VerificationSettings, neighbours: Open = open_neighbours) -> AsyncIterator[VerificationService]:
    """Everything that requests need; raises what `open_foundation` and `neighbours` raise, and `SettingsError` for unusable checks."""
    _load_checks()
    async with neighbours(settings) as around, open_foundation(settings, EVENT_REGISTRY, MIGRATIONS) as base:
        known = authentication(base.store, around.authenticator, around.sources, subscribe=base.subscribe)
        waiting: Waiters[str, RunDetailView] = Waiters("runs", partial(runs_by_id, base.store.pool))
        base.feed.watcher.also_wake(waiting.wake)
        row_trials = RowTrials(base.store.pool, lease_seconds=settings.lease_seconds, attempts=TRIAL_ATTEMPTS)
        answers = TrialAnswers(base.store.pool, Waiters("trials", partial(row_trials_by_key, base.store.pool)))
        base.feed.watcher.also_wake(answers.waiters.wake)
        service = VerificationService(
            base=base,
            authentication=known,
            own_loops=[Loop("end of trials", row_trials.remove_old, every_seconds=REMOVE_TRIALS_EVERY_SECONDS)],
            registry=around.registry,
            limits=OpenRuns(settings.open_runs_per_person, settings.open_runs),
            waiting=waiting,
            followed=FollowedRuns(base.store.pool),
            row_trials=row_trials,
            trial_answers=answers,
        )
        async with running(service):
            yield service


@dataclass(frozen=True, slots=True)
class Workers:
    """Of one process, side by side: `runs` verifies, `row_trials` answers people who try rows; the loop has it work when it is woken."""

    runs: Worker
    row_trials: RowTrialWorker
    row_trials_loop: Loop


@asynccontextmanager
async def open_workers(
    settings: VerificationSettings, neighbours: Open = open_neighbours, children: ForkServer | None = None
) -> AsyncIterator[Workers]:
    """Workers that are ready; waits until approval-service answers with their account. Raises as `open_service` does.

    They have a fork server of their own unless they are given `children`, which stay open.
    """
    _load_checks()
    async with neighbours(settings) as around, open_foundation(settings, EVENT_REGISTRY, MIGRATIONS) as base:
        blobs = BlobCache(settings.cache_folder, settings.cache_limit_bytes, around.blobs)
        with nullcontext(children) if children else closing(ForkServer()) as forked:
            sandbox = Sandbox(settings.wall_clock_limit_seconds, settings.memory_limit_mib, forked)
            runs = Worker(
                store=base.store,
                queue=JobQueue(base.store.pool, base.feed.watcher, lease_seconds=settings.lease_seconds, attempts=settings.attempts),
                registry=around.registry,
                blobs=blobs,
                evaluator=sandbox,
                actor=await _itself(around),
                lease_seconds=settings.lease_seconds,
                attempts=settings.attempts,
            )
            row_trials = RowTrialWorker(
                queue=RowTrials(base.store.pool, lease_seconds=settings.lease_seconds, attempts=TRIAL_ATTEMPTS),
                blobs=blobs,
                evaluator=sandbox,
                lease_seconds=settings.lease_seconds,
                wall_clock_seconds=settings.trial_wall_clock_limit_seconds,
                attempts=TRIAL_ATTEMPTS,
            )
            loop = Loop("trials", row_trials.work, every_seconds=LOOK_FOR_TRIALS_EVERY_SECONDS)
            base.feed.watcher.also_wake(loop.wake)
            yield Workers(runs, row_trials, loop)


def _load_checks() -> None:
    """A distribution whose checks can't be used stops the start, and not each request that would need the list of them."""
    try:
        check_kinds()
    except Exception as error:
        raise SettingsError(f"the checks that are installed can't be used: {type(error).__name__}: {error}") from error


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


REPLAYS = {**replays_of(EVENT_REGISTRY, PARTS), "credentials": _open_credentials}
