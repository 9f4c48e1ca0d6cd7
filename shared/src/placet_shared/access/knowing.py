"""A service that knows who asks from approval-service's events, and itself asks only when it has to."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from placet_shared.access.authenticator import Authenticator
from placet_shared.access.credentials import SOURCE, Credentials, ProjectedAuthenticator
from placet_shared.bus.consumer import Consumer
from placet_shared.bus.following import running
from placet_shared.bus.ports import Source, Subscribe
from placet_shared.bus.seen import SeenGate
from placet_shared.event_store import EventStore

__all__ = ["knowing_who_asks"]


@asynccontextmanager
async def knowing_who_asks(
    store: EventStore,
    introspection: Authenticator,
    approval: Sequence[Source],
    name: str = SOURCE,
    *,
    subscribe: Subscribe = lambda source: source,
) -> AsyncIterator[tuple[Authenticator, SeenGate]]:
    """The authenticator, fed by approval-service's events, and the gate that waits until as much was seen as a caller has.

    `name` tells the consumer of the credentials from another one of the same source; `subscribe` says on which way they come.
    """
    consumers = [Consumer(source, store.pool, Credentials(), subscribe(source), name=name) for source in approval]
    async with running(consumers):
        yield ProjectedAuthenticator(store.pool, introspection, name), SeenGate(store.source, consumers, store.pool)
