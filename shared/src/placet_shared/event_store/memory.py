"""Aggregates remembered between commands, so that a load reads and folds only what came since.

What is remembered is never trusted: the load asks for the event that it ends with, and uses it only when that very event still
stands at that version of the stream. Events are never changed, so the same event at the same place means the same stream up to
there, whatever was restored or promoted meanwhile; and what other processes appended since comes with the load.
"""

from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from placet_shared.aggregates import Aggregate
from placet_shared.event_store.loader import StoredEvent

__all__ = ["Memory", "Remembered"]

LIMIT = 4096


class Remembered(msgspec.Struct, frozen=True):
    """An aggregate as it was after the event `event_id` at `version`."""

    aggregate: Aggregate
    version: int
    event_id: str

    def stands_in(self, stored: Sequence[StoredEvent]) -> bool:
        """Whether a stream, read from this version on, begins with this event."""
        return bool(stored) and stored[0].version == self.version and str(stored[0].id) == self.event_id

    @property
    def is_unchanged(self) -> bool:
        """Whether nothing was decided on it since."""
        return self.aggregate.version == self.version and not self.aggregate.pending_events


class Memory:
    """Of the streams used last. Who takes one out has it alone, and gives it back when it stands in the table as it is."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._found: OrderedDict[str, Remembered] = OrderedDict()

    def take(self, stream: str) -> Remembered | None:
        """What is remembered of a stream; from now on it is the caller's."""
        return self._found.pop(stream, None)

    def keep(self, remembered: Remembered) -> None:
        """For whoever takes it next, unless it was changed after all."""
        if remembered.is_unchanged:
            self._found[remembered.aggregate.id] = remembered
            if len(self._found) > self._limit:
                self._found.popitem(last=False)
