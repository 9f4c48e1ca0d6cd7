"""A running service: its parts, and what the shell around every endpoint needs of it.

Each service derives its own class in its `api`, with the parts that its endpoints use; its `bootstrap` builds it, and it is at
`app.state.service` while the application runs.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import asyncpg
from starlette.requests import HTTPConnection

from placet_shared.access import Actor, Authenticator
from placet_shared.bus.consumer import Consumer
from placet_shared.bus.feed import Feed
from placet_shared.bus.kafka import Relay
from placet_shared.bus.ports import Subscribe
from placet_shared.event_store import EventStore, UnitOfWork
from placet_shared.service.authentication import Authentication
from placet_shared.telemetry.meters import Meters
from placet_shared.web.guarded_http import CONNECTION, GuardedHttp
from placet_shared.workers import Loop

__all__ = ["Foundation", "Service", "kept_open", "service_of"]


@dataclass(frozen=True, slots=True)
class Foundation:
    """Store and feed, open; `subscribe` decides whether other services are followed by feed or by Kafka."""

    store: EventStore
    feed: Feed
    relays: Sequence[Relay]
    subscribe: Subscribe


@dataclass(frozen=True, kw_only=True)
class Service:
    """The parts of each of the four services; `own_consumers` and `own_loops` are those that not every service has."""

    base: Foundation
    authentication: Authentication
    own_consumers: Sequence[Consumer] = ()
    own_loops: Sequence[Loop] = ()

    @property
    def store(self) -> EventStore:
        """Where commands go."""
        return self.base.store

    @property
    def feed(self) -> Feed:
        """Its events, for other services."""
        return self.base.feed

    @property
    def authenticator(self) -> Authenticator:
        """Finds the actor that holds a request's token."""
        return self.authentication.authenticator

    @property
    def consumers(self) -> Sequence[Consumer]:
        """All consumers of other services."""
        return (*self.authentication.consumers, *self.own_consumers)

    @property
    def loops(self) -> Sequence[Loop]:
        """All background loops, but consumers and relays."""
        return (self.authentication.open_requests.loop, *self.own_loops)

    @property
    def pool(self) -> asyncpg.Pool:
        """The read side."""
        return self.store.pool

    async def seen(self, header: str) -> None:
        """Wait until this service has seen what the caller has, by a `Placet-Seen` header; raises what `SeenGate.wait` raises."""
        await self.authentication.seen_gate.wait(header)

    async def acting(self, uow: UnitOfWork) -> Actor:
        """The actor as a command may rely on it when it is written; raises `Forbidden`."""
        actor: Actor = uow.actor
        return actor

    def measure(self, meters: Meters) -> None:
        """Connect the instruments that only this service has."""

    def failing(self) -> Mapping[str, str]:
        """Loops whose work fails just now, with the kind of error; requests are served all the same."""
        return {loop.name: kind for loop in self.loops if (kind := loop.kind_of_error) is not None}

    def stop_waiting(self) -> None:
        """The server begins to stop: requests that only wait get their answer."""
        self.authentication.seen_gate.stop()
        self.feed.stop()


def service_of(connection: HTTPConnection) -> Service:
    """The service that handles a request."""
    service: Service = connection.app.state.service
    return service


def kept_open(connection: HTTPConnection, actor: Actor) -> AbstractContextManager[None]:
    """For the block in which a request waits, or streams: `Unauthenticated` is raised out of it when its token is over.

    Raises `TooMany` at once when the token keeps as many requests open as it may.
    """
    place = connection.scope.get(CONNECTION)
    counted = place.keeping_open(actor.token_id) if isinstance(place, GuardedHttp) else nullcontext()
    return _both(counted, service_of(connection).authentication.open_requests.keeping(actor))


@contextmanager
def _both(outer: AbstractContextManager[None], inner: AbstractContextManager[None]) -> Iterator[None]:
    with outer, inner:
        yield
