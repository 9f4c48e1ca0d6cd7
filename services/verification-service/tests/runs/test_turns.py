"""Whose run is next: people take turns, the models of one person too, and no worker is idle while a run is due."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from placet_verification.adapters.claiming import CLAIM, STEADY_PLAN
from placet_verification.adapters.job_queue import JobQueue

from ..conftest import Site

pytestmark = pytest.mark.postgres

WAIT = """
    insert into jobs (run_id, requested_by, model_id, due_at)
    select name, split_part(name, '/', 1), split_part(name, '/', 2), clock_timestamp() - interval '1 hour' + nr * interval '1 second'
    from unnest($1::text[]) with ordinality as waiting (name, nr)
"""
MANY = """
    insert into jobs (run_id, requested_by, model_id, due_at)
    select 'run-' || n, 'person-' || n % $2, 'model-' || n / $2 % 5, clock_timestamp() - interval '1 hour' + n * interval '1 millisecond'
    from generate_series(1, $1) n
"""
LEASES = "select run_id, requested_by from jobs where lease_until > clock_timestamp()"


@pytest.fixture
async def queue(site: Site) -> JobQueue:
    found = (await site.worker()).queue
    assert isinstance(found, JobQueue)
    return found


async def wait_in(site: Site, *names: str) -> None:
    """Runs are named person/model/number, and have been due for long in this order."""
    await site.fetch(WAIT, list(names))


async def ended(site: Site, name: str) -> None:
    await site.fetch("delete from jobs where run_id = $1", name)


async def claimed(queue: JobQueue) -> str:
    job = await queue.claim()
    assert job is not None
    return job.run_id


async def one_after_the_other(site: Site, queue: JobQueue) -> list[str]:
    """What one worker does in which order, each run to its end."""
    order = []
    while job := await queue.claim():
        order.append(job.run_id)
        await ended(site, job.run_id)
    return order


@asynccontextmanager
async def first_choice_locked(site: Site) -> AsyncIterator[asyncpg.Connection]:
    """Another worker has claimed at the same moment, and its transaction is open."""
    async with site.superuser() as other, other.transaction():
        await other.fetchrow(CLAIM, 3, 60.0)
        yield other


async def test_endless_models_of_one_person_delay_another_by_the_end_of_one_run(site: Site, queue: JobQueue) -> None:
    await wait_in(site, *(f"alice/endless-{number}/1" for number in range(8)))
    running = await claimed(queue)
    await wait_in(site, "bob/small/1")
    await ended(site, running)
    assert await claimed(queue) == "bob/small/1"


async def test_people_take_turns_whoever_came_first_with_how_many(site: Site, queue: JobQueue) -> None:
    await wait_in(site, *(f"alice/m/{number}" for number in range(4)), *(f"bob/m/{number}" for number in range(2)), "carol/m/0")
    order = [name.partition("/")[0] for name in await one_after_the_other(site, queue)]
    assert [sorted(order[:3]), order[3:5], order[5:]] == [["alice", "bob", "carol"], order[:2], ["alice", "alice"]]


async def test_a_person_who_requests_one_run_at_a_time_does_not_overtake_those_who_wait(site: Site, queue: JobQueue) -> None:
    await wait_in(site, "alice/m/0", *(f"bob/m/{number}" for number in range(3)))
    served = []
    for number in range(1, 5):
        name = await claimed(queue)
        served.append(name.partition("/")[0])
        if name.startswith("alice"):
            await wait_in(site, f"alice/m/{number}")
        await ended(site, name)
    assert served == ["alice", "bob", "alice", "bob"]


async def test_models_of_one_person_take_turns(site: Site, queue: JobQueue) -> None:
    await wait_in(site, *(f"alice/large/{number}" for number in range(3)), "alice/small/0", "alice/small/1")
    models = [name.split("/")[1] for name in await one_after_the_other(site, queue)]
    assert models == ["large", "small", "large", "small", "large"]


async def test_of_one_model_the_run_that_was_requested_first_is_next(site: Site, queue: JobQueue) -> None:
    await wait_in(site, *(f"alice/m/{number}" for number in (3, 1, 2)))
    assert await one_after_the_other(site, queue) == ["alice/m/3", "alice/m/1", "alice/m/2"]


async def test_who_has_fewest_running_comes_first_on_any_number_of_workers(site: Site, queue: JobQueue) -> None:
    await wait_in(site, *(f"alice/m/{number}" for number in range(6)))
    assert [await claimed(queue) for _ in range(3)] == [f"alice/m/{number}" for number in range(3)]
    await wait_in(site, *(f"bob/m/{number}" for number in range(4)))
    next_ones = [(await claimed(queue)).partition("/")[0] for _ in range(7)]
    assert next_ones == ["bob", "bob", "bob", "alice", "bob", "alice", "alice"]


async def test_a_dead_workers_run_counts_until_its_lease_is_over_and_then_goes_on(site: Site, queue: JobQueue) -> None:
    await wait_in(site, "alice/m/0", "alice/m/1", "bob/m/0")
    assert [await claimed(queue), await claimed(queue)] == ["alice/m/0", "bob/m/0"]
    await site.execute("update jobs set lease_until = clock_timestamp() - interval '1 second' where run_id = 'alice/m/0'")
    assert await claimed(queue) == "alice/m/0"
    assert await claimed(queue) == "alice/m/1"
    assert await queue.claim() is None


async def test_a_run_whose_pause_is_not_over_is_nobodys_turn(site: Site, queue: JobQueue) -> None:
    await wait_in(site, "alice/m/0", "alice/n/0", "bob/m/0")
    await site.execute("update jobs set due_at = clock_timestamp() + interval '1 hour' where run_id <> 'alice/n/0'")
    assert await claimed(queue) == "alice/n/0"
    assert await queue.claim() is None


async def test_a_worker_that_claims_at_the_same_moment_serves_another_person(site: Site, queue: JobQueue) -> None:
    await wait_in(site, "alice/m/0", "alice/m/1", "bob/m/0")
    async with first_choice_locked(site):
        assert await claimed(queue) == "bob/m/0"


async def test_a_worker_whose_first_choices_are_all_taken_is_not_idle(site: Site, queue: JobQueue) -> None:
    await wait_in(site, "alice/m/0", "alice/m/1")
    async with first_choice_locked(site):
        assert await claimed(queue) == "alice/m/1"
        assert await queue.claim() is None


async def test_many_workers_at_once_take_every_run_and_none_twice(site: Site) -> None:
    await wait_in(site, *(f"person-{number % 3}/model-{number % 2}/{number}" for number in range(24)))
    queues = [(await site.worker()).queue for _ in range(4)]

    async def work(queue: Any) -> list[str]:
        return [job.run_id for job in [await queue.claim() for _ in range(6)] if job]

    taken = [name for names in await asyncio.gather(*map(work, queues)) for name in names]
    assert len(taken) == len(set(taken)) == len(await site.fetch(LEASES)) == 24


async def test_a_job_of_the_release_before_is_served_too(site: Site, queue: JobQueue) -> None:
    await site.execute("insert into jobs (run_id) values ('old')")
    await wait_in(site, "alice/m/0")
    assert {await claimed(queue), await claimed(queue)} == {"old", "alice/m/0"}


def blocks(plan: Iterable[Any]) -> int:
    """The number of blocks that a statement looked at, in memory and on disk."""
    [found] = json.loads(next(iter(plan))[0])
    return int(found["Plan"]["Shared Hit Blocks"] + found["Plan"]["Shared Read Blocks"])


async def blocks_of_a_claim(connection: asyncpg.Connection) -> int:
    async with connection.transaction():
        await connection.execute(STEADY_PLAN)
        return blocks(await connection.fetch("explain (analyze, buffers, format json) execute claim (3, 60)"))


async def test_a_claim_reads_as_much_of_a_long_queue_as_of_a_short_one(site: Site) -> None:
    """By the plan that was made while the queue was empty, which a worker keeps."""
    async with site.superuser() as connection:
        async with connection.transaction():
            await connection.execute(STEADY_PLAN)
            await connection.execute("set local plan_cache_mode = force_generic_plan")
            await connection.execute(f"prepare claim (integer, double precision) as {CLAIM}")
            await connection.execute("execute claim (3, 60)")
        await connection.execute(MANY, 500, 20)
        short = await blocks_of_a_claim(connection)
        await connection.execute("truncate jobs")
        await connection.execute(MANY, 100_000, 20)
        assert await blocks_of_a_claim(connection) < 3 * short
        await connection.execute("analyze jobs, attempts")
        assert await blocks_of_a_claim(connection) < 3 * short
