"""The watchdog's memory: what the feed had and Kafka has not brought."""

from collections import deque
from collections.abc import Sequence

from placet_shared.event_store.records import RecordedEvent

__all__ = ["Owed"]

# An event that was just delivered and not taken, in doubt or before a gap, is read from the feed afterwards and is not owed.
REMEMBERED = 1_000


class Owed:
    """The first event that Kafka owes: only that event itself counts, not another message that claims its position."""

    def __init__(self) -> None:
        self._event_id: str | None = None
        self._since = 0.0
        self._came: deque[str] = deque(maxlen=REMEMBERED)

    def should_come(self, event: RecordedEvent, now: float) -> None:
        """The feed had it first."""
        if self._event_id is None and event.id not in self._came:
            self._event_id, self._since = event.id, now

    def has_come(self, events: Sequence[RecordedEvent]) -> None:
        """By Kafka."""
        self._came.extend(event.id for event in events)
        if any(event.id == self._event_id for event in events):
            self._event_id = None

    def is_overdue(self, since: float) -> bool:
        """Whether it is owed for longer."""
        return self._event_id is not None and self._since <= since
