"""The two ways to resolve a parked event: try it again, or go on without it. Both are recorded.

Only an event that blocks can be resolved; what queues behind it goes on by itself afterwards.
"""

from dataclasses import asdict, dataclass

import asyncpg

from placet_shared.bus.parked import ParkedEvent, find_parked
from placet_shared.errors import Conflict, Forbidden, NotFound
from placet_shared.event_store import Statement, UnitOfWork

__all__ = ["ParkedAt", "ResolvedEvent", "SkipParkedEvent", "retry_parked_event", "skip_parked_event"]

UNPARK = "select unpark($1, $2, $3)"


@dataclass(frozen=True, slots=True)
class ParkedAt:
    """A parked event, by the consumer that parked it and the position in its source."""

    consumer: str
    position: int


@dataclass(frozen=True, slots=True)
class SkipParkedEvent:
    """`reason` is free text."""

    place: ParkedAt
    reason: str


@dataclass(frozen=True, slots=True)
class ResolvedEvent:
    """The event that was resolved, as the events about it say."""

    consumer: str
    event_source: str
    event_epoch: int
    event_position: int
    event_id: str
    event_type: str
    attempts: int


async def retry_parked_event(place: ParkedAt, uow: UnitOfWork, pool: asyncpg.Pool) -> ResolvedEvent:
    """Records that the actor has it tried again, which the caller then does. Raises `NotFound`, `Conflict`."""
    parked = await _blocking(place, pool, uow)
    resolved = _resolved(parked)
    uow.record("ParkedEventRetried", stream=_stream(place), subject=parked.subject, data=asdict(resolved))
    return resolved


async def skip_parked_event(command: SkipParkedEvent, uow: UnitOfWork, pool: asyncpg.Pool) -> ResolvedEvent:
    """Records a person's decision to go on without it, and removes it in the same transaction.

    Raises `NotFound`, `Conflict`, `Forbidden`. The append raises what `is_raised_by_function` when the event is gone by then.
    """
    place = command.place
    parked = await _blocking(place, pool, uow)
    if uow.actor.kind != "person":
        raise Forbidden(
            "Going on without an event is a person's decision.", code="person_required", resolve="Let an admin who is a person decide."
        )
    resolved = _resolved(parked)
    why = uow.text(command.reason, kind="parked_event_skip", subject=parked.subject)
    uow.record("ParkedEventSkipped", stream=_stream(place), subject=parked.subject, data={**asdict(resolved), "reason": why})
    uow.write(Statement(UNPARK, (parked.consumer, parked.position, parked.event_id)))
    return resolved


async def _blocking(place: ParkedAt, pool: asyncpg.Pool, uow: UnitOfWork) -> ParkedEvent:
    parked = await find_parked(pool, place.consumer, place.position)
    if parked is None:
        raise NotFound(
            f"No event is parked for {place.consumer} at position {place.position}.",
            code="parked_event_not_found",
            resolve="It may have been applied or skipped meanwhile; GET /v1/parked lists what is parked here.",
        )
    uow.about(parked.subject)
    if not parked.blocks:
        raise Conflict(
            f"This event only waits for others that touch the same subjects: {', '.join(map(str, parked.behind))}.",
            code="queued_behind",
            resolve=f"Resolve the event at position {parked.behind[0]} first; this one then goes on by itself.",
        )
    return parked


def _stream(place: ParkedAt) -> str:
    return f"parked-{place.consumer}"


def _resolved(parked: ParkedEvent) -> ResolvedEvent:
    return ResolvedEvent(parked.consumer, parked.source, parked.epoch, parked.position, parked.event_id, parked.type, parked.attempts)
