"""What stands for the other services while one of them is measured alone: sources without new events, and callers with all rights."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from placet_shared.access import Actor, Roles
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.ports import Arrived, Digest
from placet_shared.event_store import Epoch, Position

__all__ = ["EveryoneIs", "Silent"]


class Silent:
    """A source without new events."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def follow(self, after: Cursor) -> AsyncIterator[Arrived]:
        """Nothing, for ever."""
        await asyncio.Event().wait()
        yield Arrived((), None)

    async def read(self, after: Cursor, limit: int = 500) -> Arrived:
        """Nothing."""
        return Arrived((), await self.head())

    async def digest(self, after: Cursor, until: int) -> Digest:
        """Of nothing."""
        return Digest("", await self.head())

    async def head(self) -> Position:
        """The start: no events."""
        return Position(self.name, 1, 0)

    async def epochs(self) -> Sequence[Epoch]:
        """It has begun."""
        return ()


class EveryoneIs:
    """Accepts any token, as that of a person with these roles."""

    def __init__(self, *roles: str) -> None:
        self._actor = Actor("erin", "person", frozenset(roles or {Roles.ADMIN}), "token-1")

    async def authenticate(self, token: str) -> Actor | None:
        """Always the same person."""
        return self._actor
