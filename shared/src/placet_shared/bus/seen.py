"""`Placet-Seen`: a client names the positions that it has seen, and gets no answer from before them (rules 20, 27)."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

import asyncpg

from placet_shared.bus.consumer import Consumer
from placet_shared.bus.cursors import Cursor
from placet_shared.bus.history import knows
from placet_shared.bus.marks import Mark
from placet_shared.bus.waiters import Waiters
from placet_shared.errors import FieldError, Malformed, OutOfRange, Unavailable
from placet_shared.event_store.records import Epoch, Position

__all__ = ["SeenGate"]

PATIENCE_SECONDS = 5.0
EVERY_SECONDS = 0.5
HEADER_LENGTH = 1000
IS_PARKED = "select exists (select from parked_events where source = $1 and position = $2)"
OWN_EVENT = "select epoch, id::text from events where position = $1"


class SeenGate:
    """Holds a request back until this service has seen as much as the client has."""

    def __init__(
        self, own_source: str, consumers: Sequence[Consumer], pool: asyncpg.Pool, *, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._own = own_source
        self._pool = pool
        self._patience = patience_seconds
        self._consumers: Mapping[str, Consumer] = {consumer.source.name: consumer for consumer in consumers}
        self.waiting = {name: self._waiters(consumer) for name, consumer in self._consumers.items()}
        """The requests that wait for a consumer, by its source."""

    def _waiters(self, consumer: Consumer) -> Waiters[Position, bool]:
        waiters = Waiters(f"{consumer.name} seen", partial(self._are_applied, consumer), every_seconds=EVERY_SECONDS)
        consumer.also_wake(waiters.wake)
        return waiters

    def stop(self) -> None:
        """The process stops: waiting requests end at once, and so do later ones that would wait."""
        for waiters in self.waiting.values():
            waiters.stop()

    @property
    def consumers(self) -> Sequence[Consumer]:
        """The consumers that must have applied it."""
        return tuple(self._consumers.values())

    async def wait(self, header: str) -> None:
        """Take a `Placet-Seen` header: positions separated by commas, one of each source; those of sources that this service does not
        follow do not concern it.

        Raises `Malformed`, `OutOfRange` (400 above the source's head, 409 lost branch), `Unavailable` (behind, or parked).
        """
        for seen in _positions(header):
            if seen.source == self._own:
                await self._check_own(seen)
            if consumer := self._consumers.get(seen.source):
                await self._wait_for(seen, consumer)

    async def _check_own(self, seen: Position) -> None:
        if seen.position == 0:
            return
        stood = await self._pool.fetchrow(OWN_EVENT, seen.position)
        if stood is None:
            raise _beyond(seen)
        if stood["epoch"] != seen.epoch or seen.event_id not in (None, stood["id"]):
            raise _lost(seen)

    async def _wait_for(self, seen: Position, consumer: Consumer) -> None:
        """An applied event is found here; for any other, or a contradicting one, the source is asked whether it was lost."""
        _, known = await knows(self._pool, consumer.name, [seen])
        if known[seen] != "applied":
            await self._check_exists(seen, consumer, await consumer.mark())
            if not await self.waiting[seen.source].wait(seen, bool, self._patience):
                raise Unavailable(f"this service has not yet seen {seen.place}", code="behind")
        if await self._pool.fetchval(IS_PARKED, consumer.name, seen.position):
            raise Unavailable(f"the event at {seen.place} could not be applied here and waits for repair", code="unprocessed_event")

    async def _check_exists(self, seen: Position, consumer: Consumer, mark: Mark) -> None:
        head = await consumer.source.head()
        if head.epoch != mark.epoch and head.position <= mark.position and not mark.rebuilding:
            consumer.look_again()  # restored, and it may be long until the next event that the consumer waits for
        if head.position < seen.position:
            raise _beyond(seen)
        if seen.event_id is not None:
            if not await consumer.is_known(Cursor(seen.epoch, seen.position, seen.event_id)):
                raise _lost(seen)
        elif _epoch_at(seen.position, await consumer.source.epochs()) != seen.epoch:
            raise _lost(seen)

    async def _are_applied(self, consumer: Consumer, seen: Collection[Position]) -> Mapping[Position, bool]:
        """For events that the source has: each is applied here when our mark is beyond it, on the source's branch."""
        mark, known = await knows(self._pool, consumer.name, seen)
        beyond = [one for one in seen if known[one] == "unknown" and mark is not None and mark.position >= one.position]
        same_branch = bool(beyond) and mark is not None and await consumer.is_known(mark.cursor)
        return {one: same_branch if one in beyond else known[one] == "applied" for one in seen}


def _positions(header: str) -> Sequence[Position]:
    """At most one position for each source, since each costs queries to the database and may be waited for."""
    if len(header) > HEADER_LENGTH:
        raise _not_understood(header)
    positions = [Position.parse(part) for part in header.split(",") if part.strip()]
    if len({one.source for one in positions}) < len(positions):
        raise _not_understood(header)
    return positions


def _not_understood(header: str) -> Malformed:
    allowed = f"one position of each source, separated by commas, at most {HEADER_LENGTH} characters"
    return Malformed(
        "The Placet-Seen can't be used.",
        code="malformed_seen",
        resolve="Send the newest Placet-Position that each service gave you.",
        errors=[FieldError("Placet-Seen", header, allowed)],
    )


def _epoch_at(position: int, epochs: Sequence[Epoch]) -> int:
    return max((one.epoch for one in epochs if one.first_position <= position), default=0)


def _beyond(seen: Position) -> OutOfRange:
    return OutOfRange(f"{seen.source} has not come as far as {seen.place}.", code="beyond_head")


def _lost(seen: Position) -> OutOfRange:
    return OutOfRange(f"{seen.place} belongs to a branch that {seen.source} lost in a restore.", code="lost_branch")
