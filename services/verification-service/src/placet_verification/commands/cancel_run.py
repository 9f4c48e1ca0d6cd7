"""Cancel a run that waits or is running: it ends without a result, so it is evidence of nothing.

The worker that holds it notices that its job is gone, and ends the child. A conclusion at the same moment either comes first, and then
there is nothing left to cancel, or it finds the run ended and changes nothing.
"""

from dataclasses import dataclass

from placet_shared.access import Roles, allowed
from placet_shared.errors import Forbidden
from placet_shared.event_store import Statement, UnitOfWork
from placet_verification.commands.request_verification import REQUESTERS
from placet_verification.domain.runs import Run

__all__ = ["CancelRun", "CancelledRun", "cancel_run"]

REQUESTED_BY = "select requested_by from runs where run_id = $1"
REMOVE_JOB = "delete from jobs where run_id = $1"
END_ATTEMPTS = "update attempts set ended_at = clock_timestamp(), outcome = 'cancelled' where run_id = $1 and ended_at is null"


@dataclass(frozen=True, slots=True)
class CancelRun:
    """`reason` is free text."""

    run_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class CancelledRun:
    """The run as it is now and stays."""

    id: str
    status: str
    revision: int


@allowed(*REQUESTERS)
async def cancel_run(command: CancelRun, uow: UnitOfWork) -> CancelledRun:
    """By the one who requested it, or an admin; raises `NotFound`, `Forbidden`, and `Conflict` when it has ended."""
    run = await uow.get(Run, command.run_id, what="run")
    uow.about(run.model_id)
    uow.expect(run)
    await _demand_own(run, uow)
    run.cancel(uow.text(command.reason, kind="reason", subject=run.model_id), await uow.now())
    uow.save(run, subject=run.model_id)
    uow.write(Statement(REMOVE_JOB, (run.run_id,)))  # before its attempts, as in every transaction of the queue
    uow.write(Statement(END_ATTEMPTS, (run.run_id,)))
    return CancelledRun(run.run_id, run.status, run.version)


async def _demand_own(run: Run, uow: UnitOfWork) -> None:
    """Who requested a run never changes, so it may be read from the read model."""
    if Roles.ADMIN in uow.actor.roles:
        return
    rows = await uow.fetch(REQUESTED_BY, run.run_id)
    if uow.actor.id not in [row["requested_by"] for row in rows]:
        raise Forbidden(
            f"The run {run.run_id} was requested by another person, and only that person or an admin may cancel it.",
            code="run_of_another_person",
            resolve="Ask them, or an admin.",
            requested_by=next((row["requested_by"] for row in rows), None),
        )
