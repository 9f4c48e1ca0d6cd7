"""A warning that an attacker or a broken neighbour can cause at will: one line a minute, with how often it happened."""

import logging
import time
from collections.abc import Callable

__all__ = ["CountedWarning"]

EVERY_SECONDS = 60.0


class CountedWarning:
    """The first case is logged at once; later cases are counted, and a later line, from `tell` at the latest, has their number."""

    def __init__(self, logger: logging.Logger, what: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._logger = logger
        self._what = what
        self._clock = clock
        self._times = 0
        self._newest = ""
        self._told_at: float | None = None

    def happened(self, how: str, times: int = 1) -> None:
        """So many cases more, of which `how` describes the newest."""
        self._times += times
        self._newest = how
        self.tell()

    def tell(self) -> None:
        """Log what was only counted, if the last line is a minute old; for callers that run from time to time."""
        now = self._clock()
        if self._times and (self._told_at is None or now - self._told_at >= EVERY_SECONDS):
            since = "" if self._told_at is None else f" in {now - self._told_at:.0f} s"
            self._logger.warning("%s (%s times%s); the newest: %s", self._what, self._times, since, self._newest[:500])
            self._times, self._told_at = 0, now
