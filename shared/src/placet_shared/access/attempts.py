"""Limits how many invalid tokens one address may present: each costs approval-service a request."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from placet_shared.current_request import caller_address
from placet_shared.errors import TooMany

__all__ = ["Attempts"]

WINDOW_SECONDS = 10.0
MOST_IN_A_WINDOW = 50


class Attempts:
    """Of one process; only addresses of the current window are remembered, at most `capacity` of them."""

    def __init__(self, most: int = MOST_IN_A_WINDOW, *, capacity: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._capacity = capacity
        self._clock = clock
        self._window = clock()
        self._counts: dict[str, int] = {}

    @contextmanager
    def counted(self) -> Iterator[Callable[[], None]]:
        """For the block that looks the caller's token up; call the function that it gives when the token is valid.

        Raises `TooMany`. An attempt counts when it begins, since many may begin before the first answer.
        """
        address = caller_address.get() or ""
        self._begin(address)
        yield lambda: self._forgive(address)

    def _begin(self, address: str) -> None:
        now = self._clock()
        if now - self._window >= WINDOW_SECONDS or len(self._counts) >= self._capacity:
            self._window, self._counts = now, {}
        if self._counts.get(address, 0) >= self._most:
            raise TooMany(
                "Too many unknown tokens came from this address.",
                code="too_many_unknown_tokens",
                retry_after=int(WINDOW_SECONDS),
                resolve="Use a token that is valid; ask an admin for one.",
            )
        self._counts[address] = self._counts.get(address, 0) + 1

    def _forgive(self, address: str) -> None:
        if self._counts.get(address):
            self._counts[address] -= 1
