"""The connections of one process: those without a valid token are limited, and every wait has a time-out.

One look at all connections every so often costs less than a timer for each request would.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from typing import Protocol

from placet_shared.errors import TooMany
from placet_shared.web.limits import Limits

__all__ = ["Connection", "Connections", "address_of"]

MOST_SECONDS_BETWEEN_LOOKS = 1.0


class Connection(Protocol):
    """One connection, as its protocol has it."""

    address: str | None
    """The caller's address, None for a caller on this machine."""

    def is_idle(self) -> bool:
        """Whether no request of it is being answered."""

    def make_room(self) -> None:
        """Close, to make room for another caller."""

    def look(self, now: float) -> None:
        """Close when what it waits for is overdue."""


class Connections:
    """All connections, those without a valid token, and how many requests each token keeps open."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._all: set[Connection] = set()
        self._anonymous: dict[Connection, None] = {}  # the oldest first
        self._of_address: defaultdict[str, dict[Connection, None]] = defaultdict(dict)
        self._open_requests: Counter[str] = Counter()
        self._looking: asyncio.TimerHandle | None = None

    def opened(self, connection: Connection) -> bool:
        """Whether there is room for it; the longest idle connection may be closed to make some."""
        self._look_soon()
        same = self._of_address.get(connection.address or "", {})
        if len(same) >= self.limits.anonymous_connections_per_address and not _make_room(same):
            return False
        if len(self._anonymous) >= self.limits.anonymous_connections and not _make_room(self._anonymous):
            return False
        self._all.add(connection)
        self._anonymous[connection] = None
        if connection.address:
            self._of_address[connection.address][connection] = None
        return True

    def known(self, connection: Connection) -> None:
        """A valid token was sent over it."""
        if self._anonymous.pop(connection, connection) is None and connection.address:
            same = self._of_address[connection.address]
            same.pop(connection, None)
            if not same:
                del self._of_address[connection.address]

    def closed(self, connection: Connection) -> None:
        """It is gone."""
        self.known(connection)
        self._all.discard(connection)

    def check_room(self, token_id: str) -> None:
        """Raises `TooMany` when this token keeps as many requests open as it may."""
        if self._open_requests[token_id] >= self.limits.open_requests_per_token:
            raise TooMany(
                f"This token keeps {self.limits.open_requests_per_token} requests open already.",
                code="too_many_open_requests",
                resolve="Close streams and long-polls that no program reads, or use a token of its own for each program.",
            )

    @contextmanager
    def keeping_open(self, token_id: str) -> Iterator[None]:
        """For the block in which a request of this token waits, or streams."""
        self._open_requests[token_id] += 1
        try:
            yield
        finally:
            self._open_requests[token_id] -= 1
            if not self._open_requests[token_id]:
                del self._open_requests[token_id]

    def _look_soon(self) -> None:
        if self._looking is None:
            pause = min(MOST_SECONDS_BETWEEN_LOOKS, self.limits.shortest / 4)
            self._looking = asyncio.get_running_loop().call_later(pause, self._look)

    def _look(self) -> None:
        self._looking = None
        now = asyncio.get_running_loop().time()
        try:
            for connection in list(self._all):
                connection.look(now)
        finally:
            if self._all:
                self._look_soon()


def address_of(peer: tuple[str, int] | None) -> str | None:
    """What connections are counted by; callers on this machine are not: they could stop its services in simpler ways."""
    if peer is None:
        return None
    with suppress(ValueError):
        if ip_address(peer[0]).is_loopback:
            return None
    return peer[0]


def _make_room(connections: dict[Connection, None]) -> bool:
    """Close the oldest idle connection to make room for another caller."""
    idle = next((one for one in connections if one.is_idle()), None)
    if idle is None:
        return False
    idle.make_room()
    return True
