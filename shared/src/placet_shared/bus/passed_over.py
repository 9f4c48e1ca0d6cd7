"""An event that a reader did not ask for, as it stands in the feed of certain types: its place, and what links it to its neighbours.

A consumer that follows only some types moves its mark over all events and checks that each names the one before it (rules 3 and 27), so
that nothing it asked for can be missing between two events that it gets.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self

import msgspec
from msgspec import Meta

from placet_shared.bus.envelope import LONGEST_TYPE, Bigint, Integer, Time, Uuid, time_text
from placet_shared.errors import Malformed
from placet_shared.event_store.records import RecordedEvent

__all__ = ["PassedOver"]


class PassedOver(msgspec.Struct, frozen=True):
    """One line of `passed`; `type` is the event's name, as types are asked for."""

    position: Bigint
    epoch: Integer
    id: Uuid
    prev: Uuid | None
    type: Annotated[str, Meta(min_length=1, max_length=LONGEST_TYPE)]
    time: Time

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a row of an `events` table."""
        prev = str(row["prev"]) if row["prev"] else None
        return cls(row["position"], row["epoch"], str(row["id"]), prev, row["type"], time_text(row["recorded_at"]))

    def recorded(self, source: str) -> RecordedEvent:
        """The event as far as it is known, for a consumer that has nothing to do for it; raises `Malformed`."""
        try:
            at = datetime.fromisoformat(self.time).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise Malformed(f"this is no Placet event: {error}", code="malformed_event") from error
        place = (source, self.epoch, self.position, self.id, self.prev)
        return RecordedEvent(*place, "", None, self.type, 1, "", "", None, "", None, None, None, at, b"")
