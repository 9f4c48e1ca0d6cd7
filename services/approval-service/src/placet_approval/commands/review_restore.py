"""Record that an admin reviewed what was lost in a restore: from then on it denies nothing any more."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from placet_shared.access import Roles, allowed
from placet_shared.event_store import Statement, UnitOfWork

__all__ = ["ReviewRestore", "ReviewedRestore", "review_restore"]

CLOSE_BRANCHES = "update lost_branches set reviewed_at = clock_timestamp() where event_id = any ($1::uuid[])"
CLOSE_EVENTS = "update lost_events set reviewed_at = clock_timestamp() where event_id = any ($1::uuid[])"


@dataclass(frozen=True, slots=True)
class ReviewRestore:
    """Exactly what was reviewed: an event that is found later denies again."""

    branches: Sequence[str]
    events: Sequence[str]
    applied: int
    offered: int
    complete: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ReviewedRestore:
    """The content of the event; `lost` is the number of events reviewed."""

    branches: Sequence[str]
    lost: int
    applied: int
    offered: int
    complete: bool


@allowed(Roles.ADMIN)
async def review_restore(command: ReviewRestore, uow: UnitOfWork) -> ReviewedRestore:
    """Recorded in the transaction that lifts the denial."""
    reviewed = ReviewedRestore(list(command.branches), len(command.events), command.applied, command.offered, command.complete)
    reason = uow.text(command.reason, kind="restore_review", subject=uow.actor.id)
    uow.record("RestoreReviewed", stream="restore-review", subject=uow.actor.id, data={**asdict(reviewed), "reason": reason})
    uow.write(Statement(CLOSE_BRANCHES, ([UUID(one) for one in command.branches],)))
    uow.write(Statement(CLOSE_EVENTS, ([UUID(one) for one in command.events],)))
    return reviewed
