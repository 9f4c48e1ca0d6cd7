"""The length of the queue of runs, and how old what is in it is."""

import asyncpg

from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.meters import Attributes

__all__ = ["AGES", "ATTEMPTS", "JOBS", "job_ages", "job_attempts", "job_counts"]

JOBS = Instrument("placet.verification.jobs", "gauge", "{run}", "Runs that wait for a worker, and that one holds.", ("state",))
ATTEMPTS = Instrument("placet.verification.attempts", "gauge", "{attempt}", "The largest number of attempts so far of a run in the queue.")
AGES = Instrument(
    "placet.verification.jobs.age", "gauge", "s",
    "For how long the oldest run has waited for a worker, and has been worked on in its attempt; 0 without one.", ("state",),
)  # fmt: skip

COUNT_JOBS = """
    select count(*) filter (where lease_until >= clock_timestamp()) as running,
           count(*) filter (where lease_until is null or lease_until < clock_timestamp()) as waiting,
           coalesce(max(attempts), 0) as attempts
    from jobs
"""
# A job that was given up or lost is due again from then on.
AGE_OF_JOBS = """
    select coalesce(max(age) filter (where held), 0) as running, coalesce(max(age) filter (where not held), 0) as waiting
    from (
        select held, greatest(0, extract(epoch from
            clock_timestamp() - case when held then started_at else greatest(due_at, lease_until) end
        )) as age
        from (select *, coalesce(lease_until >= clock_timestamp(), false) as held from jobs) j
        left join attempts a on a.run_id = j.run_id and a.number = j.attempts
    ) aged
"""


async def job_counts(pool: asyncpg.Pool) -> list[tuple[float, Attributes]]:
    """Jobs by state."""
    row = await pool.fetchrow(COUNT_JOBS)
    return [(row[state], {"state": state}) for state in ("waiting", "running")]


async def job_attempts(pool: asyncpg.Pool) -> list[tuple[float, Attributes]]:
    """The largest number of attempts of an open job."""
    return [((await pool.fetchrow(COUNT_JOBS))["attempts"], {})]


async def job_ages(pool: asyncpg.Pool) -> list[tuple[float, Attributes]]:
    """The age in seconds of the oldest job by state."""
    row = await pool.fetchrow(AGE_OF_JOBS)
    return [(float(row[state]), {"state": state}) for state in ("waiting", "running")]
