"""A place in a source's feed: epoch, position and the id of the event there (rule 3), written `1:123:<event id>`."""

import re
from dataclasses import dataclass
from typing import Self

from placet_shared.errors import FieldError, Malformed

__all__ = ["Cursor"]

# No longer numbers than the columns hold, so that whatever is read can also be looked up.
WRITTEN = re.compile(r"([0-9]{1,9}):([1-9][0-9]{0,17}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last event that a reader has; position 0 (written as an empty text) is before the first one."""

    epoch: int = 0
    position: int = 0
    event_id: str | None = None

    def __str__(self) -> str:
        return f"{self.epoch}:{self.position}:{self.event_id}" if self.position else ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a cursor; raises `Malformed`."""
        if not text:
            return cls()
        written = WRITTEN.fullmatch(text)
        if written is None:
            allowed = "epoch:position:event id, as the feed gave it, or nothing for the beginning"
            raise Malformed("The cursor can't be read.", errors=[FieldError("after", text[:120], allowed)])
        return cls(int(written[1]), int(written[2]), written[3])
