"""The worker: leases, retries, and one end for every run whatever dies in between."""

import asyncio
from typing import Any

import asyncpg
import pytest
import yaml
from asyncpg.transaction import Transaction

from placet_shared.errors import Unavailable
from placet_shared.testing import eventually
from placet_verification.ports import Job

from .. import builders, onnx_models
from ..conftest import Service

pytestmark = pytest.mark.postgres

OUTCOMES = "select outcome, reason_code from attempts order by number"


async def a_requested_run(service: Service, model: bytes, **parts: Any) -> str:
    dataset = service.site.around.keep(builders.labelled_rows())
    document = builders.plan(dataset={"label": "y", "sha256": dataset}, **parts)
    await service.admin.post("/v1/plans", content=yaml.safe_dump(document))
    service.site.around.register("version-1", model)
    answer = await service.developer.post("/v1/runs", {"version_id": "version-1", "environment": "prod"})
    return str(answer.json()["id"])


async def ends(service: Service) -> list[str]:
    return [name for name in await service.site.event_types() if name not in ("PlanPublished", "RunRequested")]


async def outcomes(service: Service) -> list[tuple[str, str | None]]:
    return [tuple(row) for row in await service.site.fetch(OUTCOMES)]


async def lapse(service: Service) -> None:
    """Let every lease and every pause be over."""
    await service.site.fetch("update jobs set due_at = clock_timestamp(), lease_until = clock_timestamp() - interval '1 second' where true")


async def claimed(service: Service, **values: Any) -> tuple[Any, Job]:
    worker = await service.site.worker(**values)
    job = await worker.queue.claim()
    assert job is not None
    return worker, job


async def test_a_job_is_one_workers_until_its_lease_runs_out(service: Service) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    _, job = await claimed(service)
    other = await service.site.worker()
    assert await other.queue.claim() is None
    assert (await service.auditor.get(f"/v1/runs/{run_id}")).json()["status"] == "running"
    await lapse(service)
    assert await other.queue.claim() == Job(job.run_id, 2)
    assert await outcomes(service) == [("lost", None), (None, None)]


async def test_a_worker_that_comes_back_from_the_dead_does_not_end_the_run_twice(service: Service) -> None:
    await a_requested_run(service, onnx_models.logistic())
    first, job = await claimed(service)
    await lapse(service)
    second, again = await claimed(service)
    assert not await first.queue.renew(job)
    assert await second.queue.renew(again)
    await asyncio.gather(first.work_on(job), second.work_on(again))
    assert await ends(service) == ["VerificationPassed"]
    assert not await service.site.fetch("select * from jobs")
    assert all(outcome in ("passed", "lost") for outcome, _ in await outcomes(service))


async def test_a_worker_that_lost_its_lease_stops(service: Service) -> None:
    forever = {"artifact": {"allow_operators": ["Loop"]}, "limits": {"wall_clock_seconds": 60, "memory_mib": 512}}
    await a_requested_run(service, onnx_models.endless(), **forever)
    first, job = await claimed(service, lease_seconds=1)
    second = await service.site.worker()
    working = asyncio.create_task(first.work_on(job))

    async def is_taken_over() -> bool:
        """The first one may extend its lease between the two statements."""
        await lapse(service)
        return await second.queue.claim() is not None

    await eventually(is_taken_over)
    await asyncio.wait_for(working, 20)
    assert await ends(service) == []


async def test_a_worker_that_is_stopped_gives_its_run_back(service: Service) -> None:
    forever = {"artifact": {"allow_operators": ["Loop"]}, "limits": {"wall_clock_seconds": 60, "memory_mib": 512}}
    await a_requested_run(service, onnx_models.endless(), **forever)
    worker, job = await claimed(service)
    working = asyncio.create_task(worker.work_on(job))
    await asyncio.sleep(0)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert working.cancelled()
    assert await outcomes(service) == [("interrupted", "worker_stopped")]
    assert await worker.queue.claim() == Job(job.run_id, 2)


async def test_a_registry_that_is_away_is_tried_again_and_then_given_up(service: Service) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    service.site.around.down = True
    worker = await service.site.worker(attempts=2)
    for _ in range(2):
        job = await worker.queue.claim()
        assert job is not None
        await worker.work_on(job)
        await lapse(service)
    assert await outcomes(service) == [("interrupted", "unavailable"), ("errored", "unavailable")]
    run = (await service.auditor.get(f"/v1/runs/{run_id}")).json()
    assert (run["status"], run["reason_code"]) == ("errored", "unavailable")


async def test_a_registry_that_comes_back_is_enough(service: Service) -> None:
    await a_requested_run(service, onnx_models.logistic())
    service.site.around.down = True
    worker, job = await claimed(service)
    await worker.work_on(job)
    service.site.around.down = False
    assert await worker.queue.claim() is None
    await lapse(service)
    again = await worker.queue.claim()
    assert again is not None
    await worker.work_on(again)
    assert await ends(service) == ["VerificationPassed"]


async def test_a_run_that_every_worker_died_of_is_given_up(service: Service) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    for _ in range(2):
        await claimed(service, attempts=2)
        await lapse(service)
    worker, job = await claimed(service, attempts=2)
    assert job.exhausted
    await worker.work_on(job)
    run = (await service.auditor.get(f"/v1/runs/{run_id}")).json()
    assert (run["status"], run["reason_code"], len(run["attempts"])) == ("errored", "worker_lost", 2)


@pytest.mark.parametrize(
    "error", [ConnectionResetError, asyncpg.ConnectionDoesNotExistError, asyncpg.InterfaceError, asyncpg.InternalClientError]
)
async def test_a_worker_waits_for_a_database_that_went_away(
    service: Service, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver says the last one when the server was killed while a transaction began."""

    async def gone(_: Transaction) -> None:
        raise error("the server went away")

    worker = await service.site.worker()
    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "start", gone)
        with pytest.raises(Unavailable):
            await worker.queue.claim()
    assert await worker.queue.claim() is None
