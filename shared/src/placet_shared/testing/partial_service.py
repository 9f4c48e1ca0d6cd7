"""A service of which a test gives only the parts that it is about."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True)
class _PartialService(Service):
    ends_feed: bool

    def stop_waiting(self) -> None:
        if self.ends_feed:
            self.feed.stop()


def partial_service(
    *,
    authenticator: Authenticator,
    store: EventStore | None = None,
    feed: Feed | None = None,
    seen_gate: SeenGate | None = None,
    ends_feed: bool = False,
) -> Service:
    """The parts that are not given raise `AssertionError` when they are used; the tokens of its open requests are valid for ever.

    With `ends_feed` its feed answers all waiting readers when the server stops, as a real service's does; otherwise a test can serve it
    again.
    """
    return _PartialService(
        ends_feed=ends_feed,
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
