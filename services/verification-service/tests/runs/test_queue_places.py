"""The place of a run in the queue is the one at which workers take it."""

import random

import pytest

from placet_verification.queries.queue_places import place_of_next, place_of_run, places_of_runs

from ..conftest import Service, Site
from .test_runs_api import planned, requested
from .test_turns import wait_in

pytestmark = pytest.mark.postgres

PEOPLE = ("alice", "bob", "carol", "dave")


async def waiting_after(site: Site, seed: int) -> list[str]:
    """Runs of several people and models that wait, when some were served before and some are running."""
    chance = random.Random(seed)
    await wait_in(site, *(f"{chance.choice(PEOPLE)}/model-{chance.randrange(3)}/{number}" for number in range(30)))
    queue = (await site.worker()).queue
    for _ in range(chance.randrange(12)):
        job = await queue.claim()
        assert job is not None
        if chance.random() < 0.5:
            await site.fetch("delete from jobs where run_id = $1", job.run_id)
    return [row["run_id"] for row in await site.fetch("select run_id from jobs where lease_until is null")]


@pytest.mark.parametrize("seed", range(12))
async def test_runs_are_claimed_in_the_order_of_their_places(site: Site, seed: int) -> None:
    names = await waiting_after(site, seed)
    worker = await site.worker()
    places = await places_of_runs(worker.store.pool, names)
    assert sorted(places.values()) == [*range(1, len(names) + 1)]
    claimed = [job.run_id for job in [await worker.queue.claim() for _ in names] if job]
    assert claimed == sorted(names, key=places.__getitem__)


@pytest.mark.parametrize("person", [*PEOPLE, "erin"])
async def test_the_place_of_the_next_run_is_the_one_that_it_gets(site: Site, person: str) -> None:
    await waiting_after(site, 3)
    worker = await site.worker()
    foretold = await place_of_next(worker.store.pool, person)
    own = [row["model_id"] for row in await site.fetch("select model_id from jobs where requested_by = $1 order by due_at", person)]
    await site.fetch("insert into jobs (run_id, requested_by, model_id) values ('next', $1, $2)", person, (own or ["model-0"])[-1])
    places = await places_of_runs(worker.store.pool, [row["run_id"] for row in await site.fetch("select run_id from jobs")])
    last = max(
        places[row["run_id"]] for row in await site.fetch("select run_id from jobs where requested_by = $1", person) if row[0] in places
    )
    assert foretold == last


async def test_only_a_run_that_waits_has_a_place(site: Site) -> None:
    await wait_in(site, "alice/m/0", "alice/m/1")
    worker = await site.worker()
    await worker.queue.claim()
    assert await places_of_runs(worker.store.pool, ["alice/m/0", "alice/m/1", "none"]) == {"alice/m/1": 1}
    assert await place_of_run(worker.store.pool, "alice/m/0") is None


async def test_a_run_shows_its_place_until_it_begins(service: Service) -> None:
    await planned(service)
    service.site.around.register("version-1", b"model")
    first, second = [await requested(service) for _ in range(2)]
    assert [(await service.run(run_id))["place"] for run_id in (first, second)] == [1, 2]
    waited = (await service.developer.get(f"/v1/runs/{second}/wait", timeout=0)).json()
    assert (waited["status"], waited["place"]) == ("queued", 2)
    await (await service.site.worker()).queue.claim()
    assert [(await service.run(run_id))["place"] for run_id in (first, second)] == [None, 1]
