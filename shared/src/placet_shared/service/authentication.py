"""Authentication by approval-service's events about tokens and people, and by a request to it only where they do not decide."""

from collections.abc import Sequence
from dataclasses import dataclass

from placet_shared.access.actor import Authenticator
from placet_shared.access.credentials import SOURCE, Credentials, ProjectedAuthenticator
from placet_shared.access.open_requests import OpenRequests
from placet_shared.bus.consumer import Consumer
from placet_shared.bus.ports import Source, Subscribe
from placet_shared.bus.seen import SeenGate
from placet_shared.event_store import EventStore
from placet_shared.rebuilding import ConsumedEvents, Followed

__all__ = ["Authentication", "authentication", "replay_of_credentials"]


@dataclass(frozen=True, slots=True)
class Authentication:
    """Finds the actor of a request, waits until this service has seen what the caller has, and ends requests with their tokens."""

    authenticator: Authenticator
    seen_gate: SeenGate
    open_requests: OpenRequests
    consumers: Sequence[Consumer]


def authentication(
    store: EventStore,
    introspection: Authenticator,
    approval: Sequence[Source],
    name: str = SOURCE,
    *,
    subscribe: Subscribe = lambda source: source,
) -> Authentication:
    """The service runs its consumers and the loop of its open requests.

    `name` tells the consumer of the credentials from another one of the same source; `subscribe` says on which way they come.
    """
    authenticator = ProjectedAuthenticator(store.pool, introspection, name)
    open_requests = OpenRequests(authenticator.over)
    consumers = [Consumer(source, store.pool, Credentials(), subscribe(source), moved=open_requests.wake, name=name) for source in approval]
    return Authentication(authenticator, SeenGate(store.source, consumers, store.pool), open_requests, consumers)


def replay_of_credentials(approval: Sequence[Source], name: str = SOURCE) -> ConsumedEvents:
    """How the tables of `Credentials` are built anew; the arguments are those of `authentication`."""
    return ConsumedEvents(("credentials", "holders"), [Followed(name, source, Credentials()) for source in approval])
