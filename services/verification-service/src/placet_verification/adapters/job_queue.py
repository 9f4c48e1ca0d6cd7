"""The queue in PostgreSQL: people take turns, a claim skips jobs that other workers hold, an expired lease frees a job, attempts are rows.

Every transaction locks a run's job before its attempts, as the commands that end a run do: so no two of them wait for each other.
"""

import asyncio
import os

import asyncpg

from placet_shared.bus.watcher import StoreWatcher
from placet_verification.adapters.claiming import CLAIM, STEADY_PLAN
from placet_verification.adapters.queue_transaction import queue_transaction
from placet_verification.ports import Job

__all__ = ["JobQueue"]

LOSE_ATTEMPTS = "update attempts set ended_at = clock_timestamp(), outcome = 'lost' where run_id = $1 and ended_at is null"
BEGIN_ATTEMPT = """
    insert into attempts (run_id, number, worker, requested_by, model_id)
    select run_id, $2, $3, requested_by, model_id from jobs where run_id = $1
"""
HOLDS = "select exists (select from jobs where run_id = $1 and attempts = $2)"
RENEW = """
    update jobs set lease_until = clock_timestamp() + make_interval(secs => $3) where run_id = $1 and attempts = $2
    returning true
"""
BEAT = "update attempts set heartbeat_at = clock_timestamp() where run_id = $1 and number = $2"
GIVE_BACK = """
    update jobs set lease_until = null, due_at = clock_timestamp() + make_interval(secs => $3) where run_id = $1 and attempts = $2
"""
INTERRUPT_ATTEMPT = """
    update attempts set ended_at = clock_timestamp(), outcome = 'interrupted', reason_code = $3
    where run_id = $1 and number = $2 and ended_at is null
"""
# Of a store that is written to all the time, a worker looks at its job not more often than this.
LOOK_AGAIN_SECONDS = 0.2


class JobQueue:
    """One worker's view; `watcher` wakes it when something was appended."""

    def __init__(self, pool: asyncpg.Pool, watcher: StoreWatcher, *, lease_seconds: float, attempts: int) -> None:
        self._pool = pool
        self._watcher = watcher
        self._lease = lease_seconds
        self._attempts = attempts
        self._worker = f"{os.uname().nodename}:{os.getpid()}"
        self._generation = watcher.generation

    async def claim(self) -> Job | None:
        """The job whose turn it is, of those that are due or whose lease has run out."""
        self._generation = self._watcher.generation
        async with queue_transaction(self._pool) as connection:
            await connection.execute(STEADY_PLAN)
            row = await connection.fetchrow(CLAIM, self._attempts, self._lease)
            if row is None:
                return None
            job = Job(row["run_id"], row["attempts"], row["exhausted"])
            await connection.execute(LOSE_ATTEMPTS, job.run_id)
            if not job.exhausted:
                await connection.execute(BEGIN_ATTEMPT, job.run_id, job.attempt, self._worker)
            return job

    async def renew(self, job: Job) -> bool:
        """False when the job was ended or given to another worker."""
        async with queue_transaction(self._pool) as connection:
            held = await connection.fetchval(RENEW, job.run_id, job.attempt, self._lease)
            await connection.execute(BEAT, job.run_id, job.attempt)
            return bool(held)

    async def ended(self, job: Job, seconds: float) -> bool:
        """Wait until the job was ended or given to another worker, at most so long; whether it was."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while True:
            generation = self._watcher.generation
            async with queue_transaction(self._pool) as connection:
                if not await connection.fetchval(HOLDS, job.run_id, job.attempt):
                    return True
            rest = until - loop.time() - LOOK_AGAIN_SECONDS
            await asyncio.sleep(min(LOOK_AGAIN_SECONDS, seconds))
            if not await self._watcher.moved_since(generation, rest):
                return False

    async def give_back(self, job: Job, reason_code: str, seconds: float) -> None:
        """Give the job back; a worker may claim it again after so long."""
        async with queue_transaction(self._pool) as connection:
            await connection.execute(GIVE_BACK, job.run_id, job.attempt, seconds)
            await connection.execute(INTERRUPT_ATTEMPT, job.run_id, job.attempt, reason_code)

    async def wait(self, seconds: float) -> None:
        """Until something was appended since the last claim, at most so long."""
        await self._watcher.moved_since(self._generation, seconds)
