"""Checks of what is registered, from a plan to a report: read when the run starts, and kept in its record."""

import pytest

from .. import builders, onnx_models
from ..conftest import Service

pytestmark = pytest.mark.postgres

CHECKS = (
    {"id": "tagged", "check": "required_tags", "tags": [{"key": "governance/risk", "values": ["low", "high"]}]},
    {"id": "stated", "check": "required_metadata", "facts": ["description", "train_data"], "severity": "advisory"},
)


async def verified(service: Service) -> tuple[str, dict[str, str]]:
    """Status of a run, and of its checks."""
    [requested] = await service.verify("version-1")
    await service.site.work_off()
    run = await service.run(requested["id"])
    return run["status"], {check["check_id"]: check["status"] for check in run["checks"] or ()}


async def test_what_is_registered_when_the_run_starts_is_judged_and_kept(service: Service) -> None:
    around = service.site.around
    await service.publish(builders.plan_without_data(*CHECKS))
    around.register("version-1", onnx_models.logistic())
    assert await verified(service) == ("failed", {"tagged": "FAIL", "stated": "FAIL"})
    around.introduce("model-1", "model-1", governance__risk="high")
    around.stated["version-1"] = {"description": 300, "train_data": 1}
    [run] = await service.verify("version-1")
    await service.site.work_off()
    around.introduce("model-1", "model-1")
    ended = await service.run(run["id"])
    assert ended["status"] == "passed"
    records = (await service.auditor.get(f"/v1/results/{ended['result_sha256']}")).json()["checks"]
    assert [(record["slice"], record["status"]) for record in records] == [
        ("governance/risk", "PASS"), ("description", "PASS"), ("train_data", "PASS"),
    ]  # fmt: skip
    assert records[0]["parameters"] == {"value": "high", "allowed": ["low", "high"]}
    assert records[1]["parameters"] == {"characters": 300, "least": 1}
    history = (await service.auditor.get("/v1/models/model-1/checks/tagged")).json()["items"]
    assert [one["status"] for one in history] == ["PASS", "FAIL"]
    page = (await service.auditor.get(f"/v1/runs/{run['id']}/report.html")).text
    assert "governance/risk" in page
    assert 'name="tagged"' in (await service.auditor.get(f"/v1/runs/{run['id']}/report.xml")).text


async def test_advisory_check_alone_does_not_fail_the_run_that_has_another_good_one(service: Service) -> None:
    around = service.site.around
    await service.publish(builders.plan_without_data(*CHECKS))
    around.register("version-1", onnx_models.logistic())
    around.introduce("model-1", "model-1", governance__risk="low")
    assert await verified(service) == ("passed", {"tagged": "PASS", "stated": "FAIL"})


async def test_version_that_the_registry_lost_has_no_facts_and_no_result(service: Service) -> None:
    around = service.site.around
    await service.publish(builders.plan_without_data(*CHECKS))
    around.register("version-1", onnx_models.logistic())
    [run] = await service.verify("version-1")
    del around.versions["version-1"]
    await service.site.work_off()
    ended = await service.run(run["id"])
    assert (ended["status"], ended["reason_code"]) == ("errored", "version_not_found")


async def test_registry_that_does_not_answer_is_asked_again_and_no_missing_tag(service: Service) -> None:
    around = service.site.around
    await service.publish(builders.plan_without_data(*CHECKS))
    around.register("version-1", onnx_models.logistic())
    around.introduce("model-1", "model-1", governance__risk="low")
    [run] = await service.verify("version-1")
    worker = await service.site.worker()
    around.down = True
    job = await worker.queue.claim()
    assert job is not None
    await worker.work_on(job)
    assert (await service.run(run["id"]))["status"] == "queued"
    around.down = False
