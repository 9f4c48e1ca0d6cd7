"""What a check has found over a model's versions, and the kinds that there are."""

import pytest

from placet_shared.web.pages import Page
from placet_verification.api.response_models import CheckHistoryAnswer, CheckKinds

from .. import builders, onnx_models
from ..builders import check
from ..conftest import Service

pytestmark = pytest.mark.postgres


async def verified(service: Service, version_id: str, bias: float, environment: str = "prod") -> None:
    """A run of a new version has ended."""
    service.site.around.register(version_id, onnx_models.logistic(bias=bias))
    await service.verify(version_id, environment)
    worker = await service.site.worker()
    while job := await worker.queue.claim():
        await worker.work_on(job)


async def test_history_has_the_newest_run_first_and_pages(service: Service) -> None:
    dataset = service.site.around.keep(builders.labelled_rows())
    for environment, threshold in (("prod", 0.5), ("test", 0.99)):
        plan = builders.plan(name=f"for-{environment}", environments=[environment], dataset={"label": "y", "sha256": dataset})
        await service.publish({**plan, "checks": builders.plan(checks=[check("roc_auc", threshold), check("f1")])["checks"]})
    await verified(service, "version-1", 0.1)
    await verified(service, "version-2", 0.2)
    await verified(service, "version-3", 0.3, "test")
    path = "/v1/models/model-1/checks/roc_auc"
    answer = (await service.auditor.get(path)).json()
    Page[CheckHistoryAnswer].model_validate(answer)
    assert [(one["version_id"], one["status"], one["threshold"]) for one in answer["items"]] == [
        ("version-3", "FAIL", 0.99), ("version-2", "PASS", 0.5), ("version-1", "PASS", 0.5),
    ]  # fmt: skip
    first = (await service.auditor.get(path, limit=2)).json()
    rest = (await service.auditor.get(path, limit=2, cursor=first["next_cursor"])).json()
    assert [one["version_id"] for one in rest["items"]] == ["version-1"]
    only = (await service.auditor.get(path, environment="test")).json()
    assert [one["version_id"] for one in only["items"]] == ["version-3"]


async def test_check_or_model_without_runs_has_no_history(service: Service) -> None:
    await verified_nothing(service)
    for path in ("/v1/models/model-1/checks/another", "/v1/models/model-9/checks/roc_auc"):
        assert (await service.auditor.get(path)).json() == {"items": [], "next_cursor": None}


async def verified_nothing(service: Service) -> None:
    dataset = service.site.around.keep(builders.labelled_rows())
    await service.publish(builders.plan(dataset={"label": "y", "sha256": dataset}))
    await verified(service, "version-1", 0.1)


async def test_kinds_are_listed_with_what_they_need(service: Service) -> None:
    answer = (await service.auditor.get("/v1/checks")).json()
    CheckKinds.model_validate(answer)
    kinds = {kind["name"]: kind for kind in answer["items"]}
    assert kinds["metric"]["parameters"]["properties"]["threshold"]["type"] == "number"
    assert not kinds["artifact_safety"]["runs_the_model"]
