"""The age of the oldest run in the queue: of those that wait, and of those that a worker holds."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from placet_verification.queries.jobs import job_ages

pytestmark = pytest.mark.postgres

ROWS = """
    insert into jobs (run_id, attempts, due_at, lease_until) values
        ('waits', 0, now() - interval '1 hour', null),
        ('was lost', 1, now() - interval '3 hours', now() - interval '30 minutes'),
        ('is put off', 1, now() + interval '1 minute', null),
        ('runs', 2, now() - interval '5 hours', now() + interval '1 minute');
    insert into attempts (run_id, number, worker, started_at, ended_at, outcome) values
        ('was lost', 1, 'w', now() - interval '4 hours', null, null),
        ('runs', 1, 'w', now() - interval '5 hours', now(), 'lost'), ('runs', 2, 'w', now() - interval '2 hours', null, null);
"""


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database, server_settings={"search_path": "verification"}, min_size=1, max_size=1) as pool:
        yield pool


async def ages(pool: asyncpg.Pool) -> dict[object, int]:
    """State → whole minutes."""
    return {attributes["state"]: int(seconds // 60) for seconds, attributes in await job_ages(pool)}


async def test_age_of_an_empty_queue_is_zero(pool: asyncpg.Pool) -> None:
    assert await ages(pool) == {"waiting": 0, "running": 0}


async def test_age_counts_from_when_a_run_was_due_or_lost_and_from_when_its_attempt_began(pool: asyncpg.Pool) -> None:
    await pool.execute(ROWS)
    assert await ages(pool) == {"waiting": 60, "running": 120}
    await pool.execute("delete from jobs where run_id = 'waits'")
    assert await ages(pool) == {"waiting": 30, "running": 120}
