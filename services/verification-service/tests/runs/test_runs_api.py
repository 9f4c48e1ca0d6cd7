"""Runs over HTTP, tried by a real worker with a real child process."""

import asyncio
import hashlib
from typing import Any

import pytest
import yaml

from placet_shared.testing import eventually
from placet_verification.api.response_models import ReportAnswer, RunDetail, RunRequestedAnswer

from .. import builders, onnx_models
from ..builders import check
from ..conftest import Service

pytestmark = pytest.mark.postgres

CHECKS = [check("roc_auc", 0.6), check("accuracy", 0.6), check("brier", 0.1, "<=", severity="advisory")]


async def planned(service: Service, **parts: Any) -> str:
    """Publish a plan on a data set that the registry has; gives its digest."""
    dataset = service.site.around.keep(builders.labelled_rows())
    document = builders.plan(dataset={"label": "y", "sha256": dataset}, **{"checks": CHECKS, **parts})
    answer = await service.admin.post("/v1/plans", content=yaml.safe_dump(document))
    assert answer.status_code == 201
    return dataset


async def requested(service: Service, version_id: str = "version-1", **more: Any) -> str:
    answer = await service.developer.post("/v1/runs", {"version_id": version_id, "environment": "prod", **more})
    assert answer.status_code == 202
    RunRequestedAnswer.model_validate(answer.json())
    return str(answer.json()["id"])


async def test_a_good_model_passes_and_its_report_is_bound_by_digest(service: Service) -> None:
    dataset = await planned(service)
    service.site.around.register("version-1", onnx_models.logistic())
    run_id = await requested(service)
    queued = (await service.auditor.get(f"/v1/runs/{run_id}")).json()
    assert (queued["status"], queued["attempts"]) == ("queued", [])
    assert (await service.auditor.get(f"/v1/runs/{run_id}/report")).json()["code"] == "report_not_found"
    await service.site.work_off()
    run = (await service.auditor.get(f"/v1/runs/{run_id}")).json()
    RunDetail.model_validate(run)
    assert run["status"] == "passed"
    assert [entry["status"] for entry in run["checks"]] == ["PASS", "PASS", "FAIL"]
    assert [attempt["outcome"] for attempt in run["attempts"]] == ["passed"]
    report = (await service.auditor.get(f"/v1/runs/{run_id}/report")).json()
    ReportAnswer.model_validate(report)
    assert report["result"]["datasets"] == {"evaluation": dataset}
    assert report["observations"]["rows"] == 200
    body = (await service.auditor.get(f"/v1/results/{run['result_sha256']}")).content
    assert hashlib.sha256(body).hexdigest() == run["result_sha256"]
    assert await service.site.event_types() == ["PlanPublished", "RunRequested", "VerificationPassed"]
    [ended] = await service.site.fetch("select * from events where type = 'VerificationPassed'")
    assert (ended["subject"], ended["actor"], str(ended["correlation"])) == ("model-1", "account-verification", run_id)


async def test_the_same_inputs_have_the_same_result_in_two_runs(service: Service) -> None:
    await planned(service)
    service.site.around.register("version-1", onnx_models.logistic())
    ids = [await requested(service) for _ in range(2)]
    await service.site.work_off()
    digests = {(await service.auditor.get(f"/v1/runs/{run_id}")).json()["result_sha256"] for run_id in ids}
    assert len(digests) == 1
    assert len(await service.site.fetch("select * from results")) == 1


async def test_a_model_that_misses_a_threshold_fails(service: Service) -> None:
    await planned(service)
    service.site.around.register("version-1", onnx_models.logistic([-2.0, 1.0]))
    run_id = await requested(service)
    await service.site.work_off()
    run = (await service.auditor.get(f"/v1/runs/{run_id}")).json()
    assert run["status"] == "failed"
    assert run["checks"][0]["reason_code"] == "threshold_missed"


async def test_a_hostile_model_ends_as_an_error_that_says_what_would_help(service: Service) -> None:
    await planned(service)
    service.site.around.register("version-1", onnx_models.endless())
    run_id = await requested(service)
    await service.site.work_off()
    run = (await service.auditor.get(f"/v1/runs/{run_id}")).json()
    assert (run["status"], run["reason_code"], run["result_sha256"]) == ("errored", "unsafe_operator", None)
    assert "allow_operators" in run["resolve"]
    assert run["attempts"][0]["facts"] == {"operator": "Loop"}
    assert (await service.auditor.get(f"/v1/runs/{run_id}/report")).json()["result"] is None


async def test_a_data_set_that_the_registry_does_not_have_ends_the_run(service: Service) -> None:
    document = builders.plan(dataset={"label": "y"})
    await service.admin.post("/v1/plans", content=yaml.safe_dump(document))
    service.site.around.register("version-1", onnx_models.logistic())
    run_id = await requested(service, dataset_sha256=builders.SHA)
    await service.site.work_off()
    assert (await service.auditor.get(f"/v1/runs/{run_id}")).json()["reason_code"] == "dataset_not_found"


async def test_waiting_answers_when_the_run_has_ended(service: Service) -> None:
    await planned(service)
    service.site.around.register("version-1", onnx_models.logistic())
    run_id = await requested(service)
    early = (await service.developer.get(f"/v1/runs/{run_id}/wait", timeout=0)).json()
    assert early["status"] == "queued"
    waiting = asyncio.create_task(service.developer.get(f"/v1/runs/{run_id}/wait", timeout=25))
    await service.site.work_off()
    assert (await waiting).json()["status"] == "passed"


async def test_many_that_wait_for_runs_cost_one_read_a_change(service: Service) -> None:
    await planned(service)
    service.site.around.register("version-1", onnx_models.logistic())
    ids = [await requested(service) for _ in range(2)]
    assert service.site.app
    waiters = service.site.app.state.service.waiting
    waits = [asyncio.create_task(service.developer.get(f"/v1/runs/{run_id}/wait", timeout=25)) for run_id in ids * 20]

    async def all_wait() -> bool:
        return int(waiters.asleep) == len(waits)

    await eventually(all_wait)
    reads, due = waiters.reads, waiters.wake_ups + waiters.looks
    await service.site.work_off()
    assert [(answer.json()["id"], answer.json()["status"]) for answer in await asyncio.gather(*waits)] == [
        (run_id, "passed") for run_id in ids * 20
    ]
    assert waiters.reads - reads <= waiters.wake_ups + waiters.looks - due
    assert waiters.count == 0


async def test_a_running_worker_takes_what_is_requested(service: Service) -> None:
    await planned(service)
    service.site.around.register("version-1", onnx_models.logistic())
    working = asyncio.create_task((await service.site.worker()).run())
    run_id = await requested(service)
    assert (await service.developer.get(f"/v1/runs/{run_id}/wait", timeout=25)).json()["status"] == "passed"
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def test_runs_are_found_by_what_they_are_about(service: Service) -> None:
    await planned(service)
    for number in (1, 2):
        service.site.around.register(f"version-{number}", onnx_models.logistic([1.0, float(number)]), model_id=f"model-{number}")
    ids = [await requested(service, f"version-{number}") for number in (1, 2, 2)]

    async def found(**search: Any) -> list[str]:
        return [run["id"] for run in (await service.auditor.get("/v1/runs", **search)).json()["items"]]

    assert await found() == ids[::-1]
    assert await found(model_id="model-1") == ids[:1]
    assert await found(version_id="version-2", environment="prod") == [ids[2], ids[1]]
    assert await found(status="passed") == []
    first = (await service.auditor.get("/v1/runs", limit=2)).json()
    rest = (await service.auditor.get("/v1/runs", limit=2, cursor=first["next_cursor"])).json()
    assert [run["id"] for run in first["items"] + rest["items"]] == ids[::-1]


@pytest.mark.parametrize(
    ("version", "request_", "status", "code"),
    [
        ({}, {"environment": "mars"}, 404, "plan_not_found"),
        ({}, {"version_id": "version-9"}, 404, "version_not_found"),
        ({}, {"model_id": "model-2"}, 422, "version_of_another_model"),
        ({"format": "pytorch"}, {}, 409, "format_not_supported"),
        ({"kept": False}, {}, 409, "artifact_not_kept"),
        ({}, {"dataset_sha256": builders.SHA}, 409, "dataset_fixed_by_plan"),
    ],
)
async def test_a_run_that_can_not_be_is_refused_with_advice(
    service: Service, version: dict[str, Any], request_: dict[str, Any], status: int, code: str
) -> None:
    await planned(service)
    service.site.around.register("version-1", onnx_models.logistic(), **version)
    answer = await service.developer.post("/v1/runs", {"version_id": "version-1", "environment": "prod", **request_})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await service.site.event_types() == ["PlanPublished", "ActionRefused"]
    assert not await service.site.fetch("select * from jobs")


async def test_a_plan_that_leaves_the_data_open_needs_it_in_the_request(service: Service) -> None:
    await service.admin.post("/v1/plans", content=yaml.safe_dump(builders.plan()))
    service.site.around.register("version-1", onnx_models.logistic())
    answer = await service.developer.post("/v1/runs", {"version_id": "version-1", "environment": "prod"})
    assert (answer.status_code, answer.json()["code"]) == (422, "dataset_missing")


async def test_a_repeated_request_with_the_same_key_is_one_run(service: Service) -> None:
    await planned(service)
    service.site.around.register("version-1", onnx_models.logistic())
    body = {"version_id": "version-1", "environment": "prod"}
    answers = [await service.developer.post("/v1/runs", body, **{"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert len(await service.site.fetch("select * from jobs")) == 1


async def test_without_the_registry_nothing_can_be_requested(service: Service) -> None:
    await planned(service)
    service.site.around.down = True
    answer = await service.developer.post("/v1/runs", {"version_id": "version-1", "environment": "prod"})
    assert (answer.status_code, answer.json()["code"]) == (503, "registry_unavailable")


async def test_an_auditor_may_not_request_a_run(service: Service) -> None:
    answer = await service.auditor.post("/v1/runs", {"version_id": "version-1", "environment": "prod"})
    assert (answer.status_code, answer.json()["code"]) == (403, "role_required")
