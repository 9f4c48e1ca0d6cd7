"""A run is cancelled by the one who requested it, or an admin: it ends once, without a result, wherever it was."""

import asyncio
from typing import Any

import httpx
import pytest

from placet_shared.access import Actor
from placet_shared.rebuilding import OwnEvents, rebuild
from placet_shared.testing import eventually
from placet_verification.api.response_models import RunAnswer, RunDetail
from placet_verification.bootstrap import EVENT_REGISTRY
from placet_verification.projections import PARTS

from .. import onnx_models
from ..conftest import SCHEMA, Caller, Service
from .test_worker import a_requested_run, ends, outcomes

pytestmark = pytest.mark.postgres

REASON = {"reason": "The wrong version."}
FOREVER = {"artifact": {"allow_operators": ["Loop"]}, "limits": {"wall_clock_seconds": 600, "memory_mib": 512}}


async def cancel(caller: Caller, run_id: str, body: Any = None, **headers: str) -> httpx.Response:
    return await caller.post(f"/v1/runs/{run_id}/cancel", REASON if body is None else body, **headers)


def person(service: Service, name: str, role: str) -> Caller:
    token = service.site.around.issue(Actor(f"person-{name}", "person", frozenset({role}), f"token-{name}"))
    return Caller(service.developer.client, {"Authorization": f"Bearer {token}"})


async def test_a_run_that_waits_is_cancelled_and_nobody_claims_it(service: Service) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    answer = await cancel(service.developer, run_id)
    assert (answer.status_code, answer.json()) == (200, {"id": run_id, "status": "cancelled"})
    assert await ends(service) == ["RunCancelled"]
    assert await (await service.site.worker()).queue.claim() is None
    run = await service.run(run_id)
    RunDetail.model_validate(run)
    assert (run["status"], run["result_sha256"], run["checks"], run["place"]) == ("cancelled", None, None, None)
    assert (run["cancelled_by"], run["cancel_reason"]) == ("person-alice", "The wrong version.")
    [found] = (await service.auditor.get("/v1/runs", status="cancelled")).json()["items"]
    RunAnswer.model_validate(found)
    assert found["id"] == run_id


async def test_the_event_has_a_commitment_to_the_reason_and_no_result(service: Service) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    await cancel(service.developer, run_id)
    event = (await service.site.events())[-1]
    assert (event["type"], event["schema_version"], event["actor"]) == ("RunCancelled", 1, "person-alice")
    assert (event["subject"], event["stream"]) == ("model-1", f"run-{run_id}")
    assert b"wrong version" not in event["data"]
    assert b"result_sha256" not in event["data"]


async def test_a_running_child_is_gone_soon_after_its_run_was_cancelled(service: Service) -> None:
    """Long before the lease would have to be renewed."""
    run_id = await a_requested_run(service, onnx_models.endless(), **FOREVER)
    worker = await service.site.worker(lease_seconds=3600)
    job = await worker.queue.claim()
    assert job is not None
    working = asyncio.create_task(worker.work_on(job))
    assert (await cancel(service.developer, run_id)).status_code == 200
    await asyncio.wait_for(working, 60)
    assert await outcomes(service) == [("cancelled", None)]
    assert (await service.run(run_id))["status"] == "cancelled"
    assert await ends(service) == ["RunCancelled"]


async def test_a_worker_goes_on_with_the_next_run_after_one_was_cancelled(service: Service) -> None:
    endless = await a_requested_run(service, onnx_models.endless(), **FOREVER)
    worker = await service.site.worker(lease_seconds=3600)
    working = asyncio.create_task(worker.run())

    async def is_running() -> bool:
        return bool((await service.run(endless))["status"] == "running")

    await eventually(is_running)
    service.site.around.register("version-2", onnx_models.logistic())
    [other] = await service.verify("version-2")
    await cancel(service.developer, endless)
    assert (await service.auditor.get(f"/v1/runs/{other['id']}/wait", timeout=25)).json()["status"] == "passed"
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert working.cancelled()


async def test_another_person_may_not_cancel_and_an_admin_may(service: Service) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    for role in ("developer", "pipeline"):
        refused = await cancel(person(service, "bob", role), run_id)
        assert (refused.status_code, refused.json()["code"]) == (403, "run_of_another_person")
        assert refused.json()["facts"]["requested_by"] == "person-alice"
    assert (await service.run(run_id))["status"] == "queued"
    assert await ends(service) == ["ActionRefused", "ActionRefused"]
    assert (await cancel(service.admin, run_id)).status_code == 200
    assert (await service.run(run_id))["cancelled_by"] == "person-dora"


@pytest.mark.parametrize("role", ["reviewer", "auditor", "risk-officer", "service"])
async def test_a_role_that_may_not_request_may_not_cancel_its_own_either(service: Service, role: str) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    refused = await cancel(person(service, "alice", role), run_id)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_required")
    assert (await service.run(run_id))["status"] == "queued"


async def test_a_run_is_cancelled_once(service: Service) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    first = await cancel(service.developer, run_id, **{"Idempotency-Key": "k-1"})
    again = await cancel(service.developer, run_id)
    assert (again.status_code, again.json()["code"]) == (409, "run_ended")
    repeated = await cancel(service.developer, run_id, **{"Idempotency-Key": "k-1"})
    assert (repeated.status_code, repeated.content) == (200, first.content)
    assert await ends(service) == ["RunCancelled", "ActionRefused"]


async def test_a_run_that_has_ended_can_not_be_cancelled(service: Service) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    await service.site.work_off()
    refused = await cancel(service.developer, run_id)
    assert (refused.status_code, refused.json()["code"]) == (409, "run_ended")
    assert "passed" in refused.json()["detail"]
    assert (await service.run(run_id))["status"] == "passed"


@pytest.mark.parametrize("later", range(4))
async def test_a_cancellation_beside_a_conclusion_leaves_one_end(service: Service, later: int) -> None:
    """In whichever order they come."""
    runs = [await a_requested_run(service, onnx_models.logistic()) for _ in range(3)]
    worker = await service.site.worker()

    async def work() -> None:
        while job := await worker.queue.claim():
            await worker.work_on(job)

    async def cancel_each() -> list[int]:
        statuses = []
        for run_id in runs:
            for _ in range(later):
                await service.run(run_id)
            statuses.append((await cancel(service.developer, run_id)).status_code)
        return statuses

    _, statuses = await asyncio.gather(work(), cancel_each())
    now = [await service.run(run_id) for run_id in runs]
    assert [(run["status"] == "cancelled", run["status"] == "passed") for run in now] == [(code == 200, code == 409) for code in statuses]
    assert sorted(name for name in await ends(service) if name != "ActionRefused") == sorted(
        "RunCancelled" if code == 200 else "VerificationPassed" for code in statuses
    )
    assert not await service.site.fetch("select from jobs")
    assert not await service.site.fetch("select from attempts where ended_at is null")


async def test_many_cancellations_at_once_leave_one_end(service: Service) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    answers = await asyncio.gather(*(cancel(caller, run_id) for caller in [service.developer, service.admin] * 5))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    assert (await ends(service)).count("RunCancelled") == 1


async def test_what_a_worker_finds_of_a_cancelled_run_is_kept_by_nobody(service: Service) -> None:
    """It was not told in time, and concludes."""
    run_id = await a_requested_run(service, onnx_models.logistic())
    worker = await service.site.worker()
    job = await worker.queue.claim()
    assert job is not None
    await cancel(service.developer, run_id)
    await worker.work_on(job)
    assert await ends(service) == ["RunCancelled"]
    assert not await service.site.fetch("select from results")
    assert not await worker.queue.renew(job)
    assert not await service.site.fetch("select from jobs")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reason"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 80_000}, "reason"),
        ({"reason": 7}, "reason"),
        ({**REASON, "by": "x"}, "by"),
    ],
)
async def test_a_reason_is_needed_and_bounded(service: Service, body: dict[str, Any], field: str) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    refused = await cancel(service.developer, run_id, body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert len(refused.content) < 2000
    assert (await service.run(run_id))["status"] == "queued"


async def test_a_run_that_is_unknown_can_not_be_cancelled(service: Service) -> None:
    refused = await cancel(service.developer, "nothing")
    assert (refused.status_code, refused.json()["code"]) == (404, "run_not_found")


async def test_reports_of_a_cancelled_run_say_so(service: Service) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    await cancel(service.developer, run_id)
    report = (await service.auditor.get(f"/v1/runs/{run_id}/report")).json()
    assert (report["status"], report["result"], report["observations"]) == ("cancelled", None, {})
    assert b'errors="1"' in (await service.auditor.get(f"/v1/runs/{run_id}/report.xml")).content
    assert b"A person cancelled the run." in (await service.auditor.get(f"/v1/runs/{run_id}/report.html")).content


async def test_a_waiting_client_learns_of_the_cancellation(service: Service) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    waiting = asyncio.create_task(service.auditor.get(f"/v1/runs/{run_id}/wait", timeout=25))
    await cancel(service.developer, run_id)
    assert (await waiting).json()["status"] == "cancelled"


async def test_an_erased_reason_is_gone_and_a_rebuild_shows_the_same(service: Service) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    await cancel(service.developer, run_id)
    before = await service.run(run_id)
    await rebuild(service.site.superuser_url, SCHEMA, OwnEvents(EVENT_REGISTRY, PARTS["runs"]), lambda done, of: None)
    assert await service.run(run_id) == before
    [text] = await service.site.fetch("select id from texts where kind = 'reason'")
    assert (await service.admin.post(f"/v1/texts/{text['id']}/erase")).status_code == 200
    after = await service.run(run_id)
    assert (after["cancelled_by"], after["cancel_reason"]) == ("person-alice", None)


async def test_a_cancelled_run_leaves_room_for_the_next(service: Service) -> None:
    run_id = await a_requested_run(service, onnx_models.logistic())
    await cancel(service.developer, run_id)
    [again] = await service.verify("version-1")
    await service.site.work_off()
    assert (await service.run(again["id"]))["status"] == "passed"
