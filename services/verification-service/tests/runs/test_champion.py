"""A run that compares with the version that is deployed, from the request to the report."""

import pytest

from .. import builders, onnx_models
from ..conftest import Service

pytestmark = pytest.mark.postgres

LATENCY = {"id": "latency", "check": "latency", "median_ms": 1e6}
CHECKS = [{"id": "champion", "check": "champion", "margin": 0.0}, {"id": "change", "check": "behaviour_change", "at_most": 0.1}, LATENCY]


async def judged(service: Service, version_id: str) -> tuple[dict[str, str], dict[str, object]]:
    """The statuses of the checks, and the report."""
    [requested] = await service.verify(version_id)
    await service.site.work_off()
    run = await service.run(requested["id"])
    report = (await service.auditor.get(f"/v1/runs/{run['id']}/report")).json()
    return {entry["check_id"]: entry["status"] for entry in run["checks"]}, report


async def test_a_version_is_compared_with_the_deployed_one_and_times_stay_observations(service: Service) -> None:
    around = service.site.around
    dataset = around.keep(builders.labelled_rows())
    await service.publish(builders.plan(dataset={"label": "y", "sha256": dataset}, checks=CHECKS))
    around.register("version-1", onnx_models.logistic())
    around.register("version-2", onnx_models.logistic([-1.0, 2.0]))
    statuses, _ = await judged(service, "version-1")
    assert statuses == {"champion": "NOT_APPLICABLE", "change": "NOT_APPLICABLE", "latency": "PASS"}
    around.running["model-1", "prod"] = "version-1"
    statuses, report = await judged(service, "version-2")
    assert statuses == {"champion": "FAIL", "change": "FAIL", "latency": "PASS"}
    assert "one_row" in str(report["observations"])
    assert "one_row" not in str(report["result"])
