"""End a run, with a result or without; a second conclusion (by a worker thought dead, or after a kill) changes nothing.

The event, the bytes of the result, the attempt's row and the job's removal are one append.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from placet_shared.event_store import Statement, UnitOfWork
from placet_verification.domain.result import Result
from placet_verification.domain.runs import Run
from placet_verification.ports import Job, Refusal

__all__ = ["ConcludeRun", "ConcludedRun", "conclude_run"]

KEEP_RESULT = "insert into results (sha256, body) values ($1, $2) on conflict (sha256) do nothing"
END_ATTEMPT = """
    update attempts
    set ended_at = clock_timestamp(), outcome = $3, reason_code = $4, facts = $5, observations = $6
    where run_id = $1 and number = $2
"""
# Other workers that hold this run have lost their leases.
END_OTHER_ATTEMPTS = "update attempts set ended_at = clock_timestamp(), outcome = 'lost' where run_id = $1 and ended_at is null"
REMOVE_JOB = "delete from jobs where run_id = $1"


@dataclass(frozen=True, slots=True)
class ConcludeRun:
    """The finding of the attempt `job`, and its observations."""

    job: Job
    finding: Result | Refusal
    observations: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ConcludedRun:
    """The run's outcome, from this command or an earlier one."""

    id: str
    status: str


async def conclude_run(command: ConcludeRun, uow: UnitOfWork) -> ConcludedRun:
    """Ends the run unless that was done before; raises `NotFound`."""
    job, finding = command.job, command.finding
    run = await uow.get(Run, job.run_id, what="run")
    if run.ended:
        return ConcludedRun(job.run_id, run.status)
    at = await uow.now()
    facts: Mapping[str, Any] = {}
    if isinstance(finding, Result):
        run.conclude(finding, at)
        uow.write(Statement(KEEP_RESULT, (finding.sha256, finding.body)))
    else:
        run.give_up(finding.reason_code, at)
        facts = finding.facts
    uow.save(run, subject=run.model_id)
    reason_code = finding.reason_code if isinstance(finding, Refusal) else None
    seen = (json.dumps(dict(facts)), json.dumps(dict(command.observations)))
    uow.write(Statement(REMOVE_JOB, (job.run_id,)))  # before its attempts, as in every transaction of the queue
    uow.write(Statement(END_ATTEMPT, (job.run_id, job.attempt, run.status, reason_code, *seen)))
    uow.write(Statement(END_OTHER_ATTEMPTS, (job.run_id,)))
    return ConcludedRun(job.run_id, run.status)
