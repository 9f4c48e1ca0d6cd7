"""Say that people have gone through what was lost in a restore: from then on it denies nothing any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from placet_shared.event_store import Answer, Statement, UnitOfWork

__all__ = ["ReviewRestore", "review_restore"]

CLOSE_BRANCHES = "update lost_branches set reviewed_at = clock_timestamp() where event_id = any ($1::uuid[])"
CLOSE_EVENTS = "update lost_events set reviewed_at = clock_timestamp() where event_id = any ($1::uuid[])"


@dataclass(frozen=True, slots=True)
class ReviewRestore:
    """What was gone through, and no more: an event that is found later denies again."""

    branches: Sequence[str]
    events: Sequence[str]
    applied: int
    offered: int
    complete: bool
    reason: str


async def review_restore(command: ReviewRestore, uow: UnitOfWork) -> Answer:
    """On record in the transaction that lifts the denial."""
    facts = {
        "branches": list(command.branches),
        "lost": len(command.events),
        "applied": command.applied,
        "offered": command.offered,
        "complete": command.complete,
    }
    reason = uow.text(command.reason, kind="restore_review", subject=uow.actor.id)
    uow.record("RestoreReviewed", stream="restore-review", subject=uow.actor.id, data={**facts, "reason": reason})
    uow.write(Statement(CLOSE_BRANCHES, ([UUID(one) for one in command.branches],)))
    uow.write(Statement(CLOSE_EVENTS, ([UUID(one) for one in command.events],)))
    return Answer(200, facts)
