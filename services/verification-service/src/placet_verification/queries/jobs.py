"""The length of the queue of runs."""

import asyncpg

from placet_shared.telemetry.instruments import Instrument
from placet_shared.telemetry.meters import Attributes

__all__ = ["ATTEMPTS", "JOBS", "job_attempts", "job_counts"]

JOBS = Instrument("placet.verification.jobs", "gauge", "{run}", "Runs that wait for a worker, and that one holds.", ("state",))
ATTEMPTS = Instrument("placet.verification.attempts", "gauge", "{attempt}", "The largest number of attempts so far of a run in the queue.")

COUNT_JOBS = """
    select count(*) filter (where lease_until >= clock_timestamp()) as running,
           count(*) filter (where lease_until is null or lease_until < clock_timestamp()) as waiting,
           coalesce(max(attempts), 0) as attempts
    from jobs
"""


async def job_counts(pool: asyncpg.Pool) -> list[tuple[float, Attributes]]:
    """Jobs by state."""
    row = await pool.fetchrow(COUNT_JOBS)
    return [(row[state], {"state": state}) for state in ("waiting", "running")]


async def job_attempts(pool: asyncpg.Pool) -> list[tuple[float, Attributes]]:
    """The largest number of attempts of an open job."""
    return [((await pool.fetchrow(COUNT_JOBS))["attempts"], {})]
