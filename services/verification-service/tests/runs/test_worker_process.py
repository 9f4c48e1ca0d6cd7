"""`python -m placet_verification worker` as it really runs: over HTTP to its neighbours, killed where it hurts most."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil
import pytest
import yaml

from forking import ForkedProgram, fork_program
from placet_shared.testing import eventually

from .. import builders, onnx_models
from ..conftest import ITSELF, Service, Site
from ..neighbours_over_http import neighbours_served

pytestmark = pytest.mark.postgres

LOOPS = {"artifact": {"allow_operators": ["Loop"]}, "limits": {"wall_clock_seconds": 60, "memory_mib": 512}}


@pytest.fixture
async def neighbours(site: Site) -> AsyncIterator[str]:
    async with neighbours_served(site.around) as address:
        yield address


@asynccontextmanager
async def a_worker(site: Site, address: str, **more: str) -> AsyncIterator[ForkedProgram]:
    token = site.folder / "token"
    token.write_text(site.around.issue(ITSELF))
    told = {
        "PLACET_APPROVAL_URL": address,
        "PLACET_REGISTRY_URL": address,
        "PLACET_VERIFICATION_SERVICE_TOKEN_FILE": str(token),
        "PLACET_VERIFICATION_LEASE_SECONDS": "2",
    }
    process = await fork_program("placet_verification", "worker", env=site.environment(**told, **more))
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def a_requested_run(service: Service, model: bytes, **parts: object) -> str:
    dataset = service.site.around.keep(builders.labelled_rows())
    document = builders.plan(dataset={"label": "y", "sha256": dataset}, **parts)
    await service.admin.post("/v1/plans", content=yaml.safe_dump(document))
    service.site.around.register("version-1", model)
    answer = await service.developer.post("/v1/runs", {"version_id": "version-1", "environment": "prod"})
    return str(answer.json()["id"])


async def ended(service: Service, run_id: str) -> str:
    return str((await service.developer.get(f"/v1/runs/{run_id}/wait", timeout=25)).json()["status"])


async def descendants(worker: ForkedProgram) -> list[psutil.Process]:
    """The server that forks children, and the child that tries a model."""

    def both() -> list[psutil.Process]:
        found = psutil.Process(worker.pid).children(recursive=True)
        return found if len(found) == 2 else []

    return await eventually(both)


@pytest.mark.parametrize(
    "point", ["worker.before_conclusion", "writer.before_append", "writer.before_commit", "writer.after_commit", "worker.after_conclusion"]
)
async def test_a_worker_killed_at_any_point_leaves_one_end(service: Service, neighbours: str, point: str) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    async with a_worker(service.site, neighbours, PLACET_CRASH_AT=point) as doomed:
        assert await doomed.wait() == -signal.SIGKILL
    async with a_worker(service.site, neighbours):
        assert await ended(service, run_id) == "passed"
        assert (await service.site.event_types()).count("VerificationPassed") == 1
        assert not await service.site.fetch("select * from jobs")


async def test_a_killed_worker_takes_its_child_along_and_another_begins_again(service: Service, neighbours: str) -> None:
    run_id = await a_requested_run(service, onnx_models.endless(), **LOOPS)
    async with a_worker(service.site, neighbours) as doomed:
        left = await descendants(doomed)
        doomed.kill()
        await doomed.wait()
        assert not (await asyncio.to_thread(psutil.wait_procs, left, 10))[1]
    async with a_worker(service.site, neighbours) as second:
        await descendants(second)
        run = (await service.developer.get(f"/v1/runs/{run_id}")).json()
        assert [attempt["outcome"] for attempt in run["attempts"]] == ["lost", None]


async def test_a_worker_that_is_told_to_stop_gives_back_what_it_has(service: Service, neighbours: str) -> None:
    run_id = await a_requested_run(service, onnx_models.endless(), **LOOPS)
    async with a_worker(service.site, neighbours) as worker:
        left = await descendants(worker)
        worker.terminate()
        assert await worker.wait() == 0
        assert not any(one.is_running() for one in left)
    run = (await service.developer.get(f"/v1/runs/{run_id}")).json()
    assert run["status"] == "queued"
    assert run["attempts"][0]["reason_code"] == "worker_stopped"


async def test_a_blob_that_was_tampered_with_in_the_cache_is_fetched_again(service: Service, neighbours: str) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    folder = service.site.folder / "verification-cache"
    folder.mkdir()
    (folder / builders.sha256(onnx_models.logistic())).write_bytes(onnx_models.endless())
    async with a_worker(service.site, neighbours):
        assert await ended(service, run_id) == "passed"
    assert (folder / builders.sha256(onnx_models.logistic())).read_bytes() == onnx_models.logistic()
