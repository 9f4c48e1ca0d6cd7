"""The barrier before a yes: everything committed anywhere before the question was asked has had its effect here (rules 16, 17)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Literal

import asyncpg

from placet_shared.bus.consumer import Consumer
from placet_shared.bus.marks import Mark
from placet_shared.bus.shared_question import SharedQuestion
from placet_shared.errors import OutOfRange, PlacetError
from placet_shared.event_store.records import Position

__all__ = ["Barrier", "NotPassed"]

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.25
RETRY_SECONDS = 0.02


Trouble = Literal["stale", "source_behind", "source_restored", "source_unreachable"]


class NotPassed(Exception):
    """The barrier did not open: `code` is stale, source_behind, source_restored or source_unreachable."""

    def __init__(self, code: Trouble, source: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.source = source
        self.detail = detail


class Barrier:
    """Asks each source for its head and waits until the marks have reached it."""

    def __init__(
        self,
        consumers: Sequence[Consumer],
        read_marks: Callable[[], Awaitable[Mapping[str, Mark]]],
        *,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._patience = patience_seconds
        self._sources = [consumer.source.name for consumer in consumers]
        self._marks = SharedQuestion(read_marks)
        self._heads = {consumer.source.name: SharedQuestion(partial(self._ask_head, consumer)) for consumer in consumers}
        self._pulls = {consumer.source.name: SharedQuestion(consumer.catch_up) for consumer in consumers}

    async def wait(self) -> Mapping[str, Position]:
        """Returns the heads that have been reached; raises `NotPassed`. Time runs from this call.

        A source may be found restored right afterwards: who decides reads the marks again in the snapshot of the decision, and
        they must still be at these heads and none be `rebuilding`.
        """
        deadline = asyncio.get_running_loop().time() + self._patience
        noted = await self._marks.answer()
        heads = await asyncio.gather(*[self._head(name, noted.get(name), deadline) for name in self._sources])
        await asyncio.gather(*[self._reach(head, noted.get(head.source), deadline) for head in heads])
        return {head.source: head for head in heads}

    async def _ask_head(self, consumer: Consumer) -> Position:
        """No longer than anybody waits for it: who comes later waits for the next question, which this one holds up."""
        async with asyncio.timeout(self._patience):
            return await consumer.source.head()

    async def _head(self, name: str, mark: Mark | None, deadline: float) -> Position:
        try:
            async with asyncio.timeout_at(deadline):
                head = await self._heads[name].answer()
        except (TimeoutError, PlacetError) as error:
            raise NotPassed("source_unreachable", name, f"{name} did not say how far it is: {error!r}") from error
        if mark is None:
            return head
        if mark.rebuilding or (head.epoch != mark.epoch and head.position <= mark.position):
            raise _restored(name)
        if head.position < mark.position:
            raise NotPassed("source_behind", name, f"{name} says {head}, which is before what it said earlier ({mark.reached})")
        return head

    async def _reach(self, head: Position, mark: Mark | None, deadline: float) -> None:
        """Pull the feed, whoever else does too, until the marks say that it was enough."""
        name = head.source
        if mark is not None and mark.position >= head.position:
            return
        try:
            async with asyncio.timeout_at(deadline):
                while not _has_reached(await self._marks.answer(), head):
                    await self._pull(name)
        except TimeoutError as error:
            raise NotPassed("stale", name, f"what {name} did up to {head} has not arrived here yet") from error

    async def _pull(self, name: str) -> None:
        try:
            await self._pulls[name].answer()
        except OutOfRange as error:
            raise _restored(name) from error
        except (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError):
            raise
        except Exception as error:
            logger.info("%s can't be read up to its head: %r", name, error)
            await asyncio.sleep(RETRY_SECONDS)


def _has_reached(marks: Mapping[str, Mark], head: Position) -> bool:
    mark = marks.get(head.source)
    if mark is not None and mark.rebuilding:
        raise _restored(head.source)
    return (mark.position if mark else 0) >= head.position


def _restored(name: str) -> NotPassed:
    return NotPassed("source_restored", name, f"{name} was restored from a copy and is being read again")
