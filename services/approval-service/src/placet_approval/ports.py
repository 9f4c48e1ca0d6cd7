"""What decisions need from the other services' side."""

from collections.abc import Mapping
from typing import Protocol

from placet_shared.event_store import Position

__all__ = ["EverythingArrived"]


class EverythingArrived(Protocol):
    """The barrier before a yes."""

    async def wait(self) -> Mapping[str, Position]:
        """Returns when all that was committed anywhere before this call has had its effect here; raises `NotPassed`."""
