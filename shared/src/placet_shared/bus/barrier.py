"""The barrier before a yes: everything committed anywhere before the request began has had its effect here (rules 16, 17, 27)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from placet_shared.bus.consumer import Consumer
from placet_shared.bus.history import stands
from placet_shared.bus.marks import Mark
from placet_shared.bus.single_flight import SingleFlight
from placet_shared.errors import OutOfRange, PlacetError
from placet_shared.event_store.records import Position
from placet_shared.postgres.errors import is_passing

__all__ = ["Barrier", "NotPassed"]

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.25
RETRY_SECONDS = 0.02


Obstacle = Literal["stale", "source_behind", "source_restored", "source_unreachable"]


class NotPassed(Exception):
    """The barrier did not open: `code` is stale, source_behind, source_restored or source_unreachable."""

    def __init__(self, code: Obstacle, source: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.source = source
        self.detail = detail


@dataclass(frozen=True, slots=True)
class _Asked:
    """The marks as they were before the sources were asked, and each source's answer; an error is an answer too."""

    marks: Mapping[str, Mark]
    heads: Mapping[str, Position | BaseException]


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
        self._consumers = {consumer.source.name: consumer for consumer in consumers}
        self._read_marks = read_marks
        self._marks = SingleFlight(read_marks)
        self._question = SingleFlight(self._ask)
        self._heads = SingleFlight(self._ask_heads)
        self._pulls = {name: SingleFlight(consumer.catch_up) for name, consumer in self._consumers.items()}
        self._silent = list(self._consumers)

    async def heads(self) -> Mapping[str, Position] | None:
        """The sources' heads, by questions sent after this call; None when one of them did not say in time.

        A snapshot that is read meanwhile and has exactly these marks has all that was committed anywhere before this call.
        """
        try:
            async with asyncio.timeout(self._patience):
                said = await self._heads.answer()
        except TimeoutError:
            return None
        return {name: head for name, head in said.items() if isinstance(head, Position)} if _all_said(said) else None

    async def wait(self, since: float | None = None) -> Mapping[str, Position]:
        """Returns the heads that have been reached; raises `NotPassed`.

        Time runs from this call, or from `since`, by the event loop's clock.

        A source may be found restored right afterwards: the caller reads the marks again in the snapshot of its decision, and
        they must still be at these heads and none be `rebuilding`.
        """
        try:
            return await self._wait(asyncio.get_running_loop().time() if since is None else since)
        except NotPassed as error:
            await self._wake_consumer(error)
            raise

    async def _wake_consumer(self, error: NotPassed) -> None:
        """Wake a consumer that has not noticed a restore yet: it waits for events, and there may be none for long."""
        if error.code == "source_restored" and not (await self._consumers[error.source].mark()).rebuilding:
            self._consumers[error.source].look_again()

    async def _wait(self, since: float) -> Mapping[str, Position]:
        deadline = since + self._patience
        asked = await self._answer(deadline)
        heads = {name: await self._checked(name, said, asked.marks.get(name)) for name, said in asked.heads.items()}
        if behind := [head for head in heads.values() if not await self._has_reached(asked.marks, head)]:
            await asyncio.gather(*[self._reach(head, deadline) for head in behind])
        return heads

    async def _answer(self, deadline: float) -> _Asked:
        """Ask all sources in one flight, since a caller needs the answers of all."""
        try:
            async with asyncio.timeout_at(deadline):
                return await self._question.answer()
        except TimeoutError as error:
            name = next(iter(self._silent or self._consumers))
            raise NotPassed("source_unreachable", name, f"{name} did not say in time how far it is") from error

    async def _ask(self) -> _Asked:
        """Note the marks before any source is asked."""
        marks = await self._read_marks()
        return _Asked(marks, await self._ask_heads())

    async def _ask_heads(self) -> Mapping[str, Position | BaseException]:
        silent = self._silent = list(self._consumers)
        heads = await asyncio.gather(*[self._ask_head(name, silent) for name in self._consumers], return_exceptions=True)
        return dict(zip(self._consumers, heads, strict=True))

    async def _ask_head(self, name: str, silent: list[str]) -> Position:
        """Wait no longer than a caller would: callers that arrive meanwhile wait for the next flight, which this one delays."""
        async with asyncio.timeout(self._patience):
            head = await self._consumers[name].source.head()
        silent.remove(name)
        return head

    async def _reach(self, head: Position, deadline: float) -> None:
        """Pull the feed, even while other tasks do, until the marks have reached the head."""
        name = head.source
        try:
            async with asyncio.timeout_at(deadline):
                while not await self._has_reached(await self._marks.answer(), head):
                    await self._pull(name)
        except TimeoutError as error:
            raise NotPassed("stale", name, f"what {name} did up to {head} has not arrived here yet") from error

    async def _checked(self, name: str, said: Position | BaseException, mark: Mark | None) -> Position:
        """The head, unless it contradicts what was known before; raises `NotPassed`."""
        if isinstance(said, TimeoutError | PlacetError):
            raise NotPassed("source_unreachable", name, f"{name} did not say how far it is: {said!r}") from said
        if isinstance(said, BaseException):
            raise said
        if mark is None:
            return said
        if mark.rebuilding:
            raise _restored(name)
        if said.position < mark.position:
            stood = await self._consumers[name].id_at(said.position)
            if said.epoch > mark.epoch or stood not in (None, said.event_id):
                raise _restored(name)
            raise NotPassed("source_behind", name, f"{name} says {said.place}, which is before what it said earlier ({mark.reached.place})")
        return said

    async def _has_reached(self, marks: Mapping[str, Mark], head: Position) -> bool:
        """Whether the head has had its effect; raises `NotPassed` when another event stands at its place here."""
        mark = marks.get(head.source)
        if mark is not None and mark.rebuilding:
            raise _restored(head.source)
        if (mark.position if mark else 0) < head.position:
            return False
        beyond = mark is not None and mark.position > head.position
        stood = await self._consumers[head.source].id_at(head.position) if beyond else None
        if not stands(head, mark, stood):
            raise _restored(head.source)
        return True

    async def _pull(self, name: str) -> None:
        try:
            await self._pulls[name].answer()
        except OutOfRange as error:
            raise _restored(name) from error
        except Exception as error:
            if is_passing(error):
                raise
            logger.info("%s can't be read up to its head: %r", name, error)
            await asyncio.sleep(RETRY_SECONDS)


def _all_said(said: Mapping[str, Position | BaseException]) -> bool:
    """Whether each source gave its head; raises what is no answer of a source."""
    for one in said.values():
        if isinstance(one, BaseException) and not isinstance(one, TimeoutError | PlacetError):
            raise one
    return all(isinstance(one, Position) for one in said.values())


def _restored(name: str) -> NotPassed:
    return NotPassed("source_restored", name, f"{name} was restored from a copy and is being read again")
