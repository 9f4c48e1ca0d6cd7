"""What the shell expects of a service: the object that its bootstrap puts at `app.state.placet`."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol, cast

from starlette.requests import HTTPConnection

from placet_shared.access import Actor, Authenticator
from placet_shared.access.open_requests import OpenRequests
from placet_shared.event_store import EventStore, UnitOfWork

__all__ = ["InOffice", "Seen", "Services", "in_office_of", "kept_open", "seen_of", "services_of"]

Seen = Callable[[str], Awaitable[None]]
InOffice = Callable[[UnitOfWork], Awaitable[Actor]]


class Services(Protocol):
    """The least that a service has; its own class has more.

    It may have `seen`, an async callable that gets the text of a `Placet-Seen` header and returns when this service has seen
    as much, or raises. It may have `in_office`, which every command calls first where people and tokens are kept: it gives the
    actor as the command may rely on it, or raises `Forbidden`. It may have `stopping`, which the server calls when it begins to
    stop: requests that only wait end then. It may have `open_requests`, with which requests that wait end when their token does.
    It may have `consumers` (or those of a `seen_gate`), `relays` and `feed`, which are measured, and `measured`, which gets the
    `Meters` for what else there is.
    """

    @property
    def store(self) -> EventStore:
        """Where commands go."""

    @property
    def authenticator(self) -> Authenticator:
        """Who asks."""


def services_of(connection: HTTPConnection) -> Services:
    """The running service's parts."""
    return cast(Services, connection.app.state.placet)


def seen_of(connection: HTTPConnection) -> Seen | None:
    """The service's `seen`, if it follows others."""
    return cast(Seen | None, getattr(connection.app.state.placet, "seen", None))


def kept_open(connection: HTTPConnection, actor: Actor) -> AbstractContextManager[None]:
    """For the block in which a request waits, or streams: `Unauthenticated` is raised out of it when its token is over."""
    open_requests = getattr(connection.app.state.placet, "open_requests", None)
    return open_requests.keeping(actor) if isinstance(open_requests, OpenRequests) else nullcontext()


def in_office_of(connection: HTTPConnection) -> InOffice | None:
    """The service's `in_office`, if it keeps people and tokens."""
    return cast(InOffice | None, getattr(connection.app.state.placet, "in_office", None))
