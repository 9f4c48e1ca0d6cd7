"""A service of which a test gives only the parts that it is about."""

from collections.abc import Collection, Sequence
from typing import Any, cast

from placet_shared.access import Actor, Authenticator
from placet_shared.access.open_requests import OpenRequests
from placet_shared.bus.feed import Feed
from placet_shared.bus.seen import SeenGate
from placet_shared.event_store import EventStore
from placet_shared.service.authentication import Authentication
from placet_shared.service.running import Foundation, Service

__all__ = ["partial_service"]


class _Missing:
    """A part that a test did not give."""

    def __init__(self, part: str) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"this test's service has no {self._part}, and was asked for its {name}")


def partial_service(
    *,
    authenticator: Authenticator,
    store: EventStore | None = None,
    feed: Feed | None = None,
    seen_gate: SeenGate | None = None,
) -> Service:
    """Missing parts raise `AssertionError` when they are used; tokens of its open requests are valid for ever."""
    return Service(
        base=Foundation(
            store=cast(EventStore, store or _Missing("store")),
            feed=cast(Feed, feed or _Missing("feed")),
            relays=(),
            subscribe=lambda source: source,
        ),
        authentication=Authentication(
            authenticator=authenticator,
            seen_gate=cast(SeenGate, seen_gate or _Missing("seen_gate")),
            open_requests=OpenRequests(_all_valid),
            consumers=(),
        ),
    )


async def _all_valid(actors: Sequence[Actor]) -> Collection[str]:
    return ()
