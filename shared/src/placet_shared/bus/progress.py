"""How far a consumer is behind, kept in memory beside its mark so that reading it costs nothing."""

import time
from datetime import datetime

from placet_shared.event_store.records import Position

__all__ = ["Progress"]


class Progress:
    """Of one consumer; times are seconds since the epoch of this machine's clock."""

    def __init__(self) -> None:
        self._head: Position | None = None
        self._position: int | None = None
        self._recorded_at: datetime | None = None
        self._heard_at: float | None = None
        self._level_at: float | None = None

    def heard(self, head: Position) -> None:
        """The source has sent its head; until then nothing newer was known."""
        now = time.time()
        if self.lag in (0, None):
            self._level_at = now
        self._head, self._heard_at = head, now

    def reached(self, position: int, recorded_at: datetime | None) -> None:
        """The mark stands here; `recorded_at` is when its event was recorded at its source."""
        self._position, self._recorded_at = position, recorded_at
        if self.lag == 0:
            self._level_at = time.time()

    @property
    def lag(self) -> int | None:
        """Events that are known to be missing here; None before the source's first answer."""
        if self._head is None or self._position is None:
            return None
        return max(self._head.position - self._position, 0)

    def delay(self, now: float) -> float | None:
        """Seconds for which it has been behind: since it was level with the source, or since the last event it took was new."""
        if self.lag is None:
            return None
        if self.lag == 0:
            return 0.0
        since = max(self._level_at or 0.0, self._recorded_at.timestamp() if self._recorded_at else 0.0)
        return max(now - since, 0.0)

    def silence(self, now: float) -> float | None:
        """Seconds since the source's last answer; None before the first."""
        return None if self._heard_at is None else max(now - self._heard_at, 0.0)
