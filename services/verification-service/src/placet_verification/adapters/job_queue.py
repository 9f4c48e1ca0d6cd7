"""The queue in PostgreSQL: a claim skips jobs that other workers hold, an expired lease frees a job, attempts are rows."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from placet_shared.bus.watcher import StoreWatcher
from placet_shared.errors import Unavailable
from placet_shared.postgres.errors import DATABASE_ERRORS
from placet_verification.ports import Job

__all__ = ["JobQueue"]

CLAIM = """
    with due as (
        select run_id, attempts from jobs
        where due_at <= clock_timestamp() and (lease_until is null or lease_until < clock_timestamp())
        order by due_at limit 1 for update skip locked
    )
    update jobs j
    set attempts = case when due.attempts < $1 then due.attempts + 1 else due.attempts end,
        lease_until = clock_timestamp() + make_interval(secs => $2)
    from due where j.run_id = due.run_id
    returning j.run_id, j.attempts, due.attempts >= $1 as exhausted
"""
LOSE_ATTEMPTS = "update attempts set ended_at = clock_timestamp(), outcome = 'lost' where run_id = $1 and ended_at is null"
BEGIN_ATTEMPT = "insert into attempts (run_id, number, worker) values ($1, $2, $3)"
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
        """The next job that is due, or whose lease has run out."""
        self._generation = self._watcher.generation
        async with self._transaction() as connection:
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
        async with self._transaction() as connection:
            held = await connection.fetchval(RENEW, job.run_id, job.attempt, self._lease)
            await connection.execute(BEAT, job.run_id, job.attempt)
            return bool(held)

    async def give_back(self, job: Job, reason_code: str, seconds: float) -> None:
        """Give the job back; a worker may claim it again after so long."""
        async with self._transaction() as connection:
            await connection.execute(GIVE_BACK, job.run_id, job.attempt, seconds)
            await connection.execute(INTERRUPT_ATTEMPT, job.run_id, job.attempt, reason_code)

    async def wait(self, seconds: float) -> None:
        """Until something was appended since the last claim, at most so long."""
        await self._watcher.moved_since(self._generation, seconds)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[asyncpg.Connection]:
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                yield connection
        except DATABASE_ERRORS as error:
            raise Unavailable(f"The queue can't be reached ({type(error).__name__}).", code="queue_unavailable") from error
