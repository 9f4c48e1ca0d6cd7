"""How many runs may be open, queued or running, at once: of one person, and of all people together.

A request is refused before it is decided when there is no room. Two requests may both find the last free place; so the append counts again,
under its lock, and the request that comes second is decided once more.
"""

from dataclasses import dataclass

from placet_shared.errors import TooMany
from placet_shared.event_store import Statement, UnitOfWork
from placet_verification.domain.runs import Run

__all__ = ["OpenRuns", "enqueue", "refuse_without_room"]

ENQUEUE = "select enqueue_run($1, $2, $3, $4, $5)"
COUNT_OPEN = "select count(*) filter (where requested_by = $1) as of_person, count(*) as in_all from jobs"
# How soon a place becomes free is not known; a caller that tries again so often costs little.
RETRY_AFTER_SECONDS = 10


@dataclass(frozen=True, slots=True)
class OpenRuns:
    """The limits of this installation; a person may be a service account."""

    of_person: int
    in_all: int


async def refuse_without_room(uow: UnitOfWork, limits: OpenRuns, requested: int) -> None:
    """Raises `TooMany` unless so many more runs of the actor may be open."""
    [open_now] = await uow.fetch(COUNT_OPEN, uow.metadata.actor)
    if open_now["of_person"] + requested > limits.of_person:
        raise TooMany(
            f"You have {_runs(open_now['of_person'])} open, this request would begin {requested} more, and one person may have "
            f"{limits.of_person} open at once.",
            code="too_many_open_runs",
            resolve="Wait until some of your runs have ended, or cancel those that you no longer need (`placet runs cancel`).",
            retry_after=RETRY_AFTER_SECONDS,
            limit=limits.of_person,
            open=open_now["of_person"],
            requested=requested,
        )
    if open_now["in_all"] + requested > limits.in_all:
        raise TooMany(
            f"{_runs(open_now['in_all'])} are open, this request would begin {requested} more, and {limits.in_all} may be open at once.",
            code="queue_full",
            resolve="Try again later. If this lasts, start more workers; an admin finds the open runs with `placet runs list`.",
            retry_after=RETRY_AFTER_SECONDS,
            limit=limits.in_all,
            open=open_now["in_all"],
            requested=requested,
        )


def enqueue(run: Run, uow: UnitOfWork, limits: OpenRuns) -> None:
    """A job for the run, when the append finds room for it."""
    uow.write(Statement(ENQUEUE, (run.run_id, uow.metadata.actor, run.model_id, limits.of_person, limits.in_all)))


def _runs(number: int) -> str:
    return "1 run" if number == 1 else f"{number} runs"
