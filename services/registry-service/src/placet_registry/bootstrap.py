"""Builds the service from its real parts; tests replace parts only here."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass

import httpx

from placet_registry.adapters.blob_folder import BlobFolder
from placet_registry.adapters.people_over_http import PeopleOverHttp
from placet_registry.api.parts import RegistryService
from placet_registry.commands.define_environment import DefineEnvironment, begin_environment
from placet_registry.domain.environments import DEFAULT_ENVIRONMENTS
from placet_registry.domain.upcasting import UPCASTERS
from placet_registry.migrations import MIGRATIONS
from placet_registry.outgoing import PUBLISHED, SOURCE
from placet_registry.ports import People
from placet_registry.projections import COMMUTING, PARTS, project
from placet_registry.settings import RegistrySettings
from placet_shared.access import Actor, Authenticator, IntrospectingAuthenticator, Roles
from placet_shared.access.credentials import CREDENTIAL_TYPES
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.ports import Source
from placet_shared.certificates import trusted_certificates
from placet_shared.event_store import EventRegistry, EventStore, Metadata
from placet_shared.identifiers import new_id
from placet_shared.rebuilding import ConsumedEvents
from placet_shared.service.authentication import authentication, replay_of_credentials
from placet_shared.service.opening import open_foundation, running
from placet_shared.service.rebuild_act import replays_of
from placet_shared.telemetry.outgoing import CARRYING_THE_TRACE

__all__ = ["EVENT_REGISTRY", "MIGRATIONS", "REPLAYS", "Neighbours", "OpenNeighbours", "open_neighbours", "open_service"]

EVENT_REGISTRY = EventRegistry(SOURCE, PUBLISHED, project, UPCASTERS, commuting=COMMUTING)
ITSELF = Actor("system:registry", "service_account", frozenset({Roles.ADMIN}), token_id="")


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What approval-service does for this one: authentication, and looking up people; `sources` has its events about tokens."""

    authenticator: Authenticator
    people: People
    sources: Sequence[Source] = ()


OpenNeighbours = Callable[[RegistrySettings], AbstractAsyncContextManager[Neighbours]]


@asynccontextmanager
async def open_neighbours(settings: RegistrySettings) -> AsyncIterator[Neighbours]:
    """Over HTTP, with this service's own token; raises `SettingsError` without one."""
    token = settings.service_token()
    approval = FeedClient("approval", settings.approval_url, lambda: token, types=CREDENTIAL_TYPES)
    async with (
        httpx.AsyncClient(trust_env=False, verify=trusted_certificates(), event_hooks=CARRYING_THE_TRACE) as client,
        aclosing(approval),
    ):
        yield Neighbours(
            IntrospectingAuthenticator(client, settings.approval_url, token),
            PeopleOverHttp(client, settings.approval_url, token),
            [approval],
        )


@asynccontextmanager
async def open_service(settings: RegistrySettings, neighbours: OpenNeighbours = open_neighbours) -> AsyncIterator[RegistryService]:
    """Everything that requests need; raises what `open_foundation` and `neighbours` raise."""
    async with (
        neighbours(settings) as approval,
        open_foundation(settings, EVENT_REGISTRY, MIGRATIONS) as base,
        open_blobs(settings) as blobs,
    ):
        await _define_default_environments(base.store)
        known = authentication(base.store, approval.authenticator, approval.sources, subscribe=base.subscribe)
        service = RegistryService(
            base=base,
            authentication=known,
            blobs=blobs,
            people=approval.people,
        )
        async with running(service):
            yield service


@asynccontextmanager
async def open_blobs(settings: RegistrySettings) -> AsyncIterator[BlobFolder]:
    """The folder, without the temporary files that a crash left."""
    blobs = BlobFolder(settings.blob_folder, settings.blob_limit_bytes)
    blobs.open()
    try:
        yield blobs
    finally:
        blobs.close()


async def _define_default_environments(store: EventStore) -> None:
    """Define the environments; only the first start has an effect."""
    for name, after in zip(DEFAULT_ENVIRONMENTS, (None, *DEFAULT_ENVIRONMENTS), strict=False):
        command = DefineEnvironment(name, after)
        await store.execute(begin_environment, command, metadata=Metadata(actor=ITSELF.id, correlation=new_id()), actor=ITSELF)


@asynccontextmanager
async def _open_credentials(settings: RegistrySettings) -> AsyncIterator[ConsumedEvents]:
    async with open_neighbours(settings) as around:
        yield replay_of_credentials(around.sources)


REPLAYS = {**replays_of(EVENT_REGISTRY, PARTS), "credentials": _open_credentials}
