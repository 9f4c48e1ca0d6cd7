"""A cache of aggregates between commands, so that a load reads and folds only the events since.

A cached aggregate is never trusted: the load asks for the event that it ends with, and uses it only when that very event still
stands at that version of the stream. Events are never changed, so the same event at the same place means the same stream up to
there, whatever was restored or promoted meanwhile; and what other processes appended since comes with the load.
"""

from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from placet_shared.aggregates import Aggregate
from placet_shared.event_store.loader import StoredEvent

__all__ = ["AggregateCache", "CachedAggregate"]

LIMIT = 4096


class CachedAggregate(msgspec.Struct, frozen=True):
    """An aggregate as it was after the event `event_id` at `version`."""

    aggregate: Aggregate
    version: int
    event_id: str

    def stands_in(self, stored: Sequence[StoredEvent]) -> bool:
        """Whether a stream, read from this version on, begins with this event."""
        return bool(stored) and stored[0].version == self.version and str(stored[0].id) == self.event_id

    @property
    def is_unchanged(self) -> bool:
        """Whether no event was decided on it since."""
        return self.aggregate.version == self.version and not self.aggregate.pending_events


class AggregateCache:
    """The aggregates of the streams used last. A command that takes one has it alone, and puts it back when the table has it as it is."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._found: OrderedDict[str, CachedAggregate] = OrderedDict()

    def take(self, stream: str) -> CachedAggregate | None:
        """The cached aggregate of a stream; from now on it is the caller's."""
        return self._found.pop(stream, None)

    def keep(self, cached: CachedAggregate) -> None:
        """Put it back for the next command, unless it was changed after all."""
        if cached.is_unchanged:
            self._found[cached.aggregate.id] = cached
            if len(self._found) > self._limit:
                self._found.popitem(last=False)
