"""Checks that another distribution brings: in plans, in results, and when they are gone again."""

from pathlib import Path

import pytest

from placet_shared.settings import SettingsError
from placet_verification.checks import check_kinds, missing_kinds
from placet_verification.domain.reasons import in_words

from .. import builders, onnx_models
from ..conftest import Service, Site
from ..distributions import ACME_SIZE, installed

pytestmark = pytest.mark.postgres

AT_MOST = {"id": "size", "check": "acme_size", "at_most": 10_000}


async def requested(service: Service) -> str:
    """A run by a plan with a check of another distribution."""
    await service.publish(builders.plan_without_data(builders.SAFETY[0], AT_MOST))
    service.site.around.register("version-1", onnx_models.logistic())
    [run] = await service.verify("version-1")
    return str(run["id"])


async def test_a_kind_of_another_distribution_is_a_check_like_any_other(service: Service, tmp_path: Path) -> None:
    with installed(tmp_path):
        assert check_kinds().keys() > {"acme_size", "artifact_safety", "metric", "signature"}
        run_id = await requested(service)
        await service.site.work_off()
        run = await service.run(run_id)
        assert run["status"] == "passed"
        assert [(entry["check"], entry["status"]) for entry in run["checks"]] == [("artifact_safety", "PASS"), ("acme_size", "PASS")]
        report = (await service.auditor.get(f"/v1/runs/{run_id}/report")).json()
        assert report["result"]["checks"][1]["check_version"] == 3
        await service.publish(builders.plan_without_data({**AT_MOST, "at_most": 10}))
        [again] = await service.verify("version-1")
        await service.site.work_off()
        assert [entry["reason_code"] for entry in (await service.run(again["id"]))["checks"]] == ["acme_too_large"]


async def test_parameters_of_another_distributions_kind_are_read_strictly(service: Service, tmp_path: Path) -> None:
    text = builders.written(builders.plan_without_data()).replace("check: artifact_safety", "check: acme_size\n  at_most: many")
    with installed(tmp_path):
        answer = await service.admin.post("/v1/plans", content=text)
    assert (answer.status_code, answer.json()["code"]) == (422, "document_invalid")
    assert "checks.0.at_most" in answer.json()["detail"]


async def test_a_plan_with_a_kind_that_is_not_installed_is_refused(service: Service, tmp_path: Path) -> None:
    with installed(tmp_path):
        text = builders.written(builders.plan_without_data(AT_MOST))
    answer = await service.admin.post("/v1/plans", content=text)
    assert (answer.status_code, answer.json()["code"]) == (422, "document_invalid")
    assert f"one of {', '.join(check_kinds())}" in answer.json()["detail"]
    assert "acme_size" not in check_kinds()


async def test_a_verification_by_a_kind_that_is_gone_is_refused(service: Service, tmp_path: Path) -> None:
    with installed(tmp_path):
        await service.publish(builders.plan_without_data(AT_MOST))
    await service.publish({**builders.plan_without_data(), "name": "other"})
    service.site.around.register("version-1", onnx_models.logistic())
    for path in ("/v1/verifications", "/v1/runs"):
        body = {"version_id": "version-1", "environment": "prod", **({"plan": "safety"} if path == "/v1/runs" else {})}
        answer = await service.developer.post(path, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "check_not_installed")
        assert answer.json()["facts"] == {"checks": ["acme_size"]}
    assert "RunRequested" not in await service.site.event_types()
    assert [run["plan"]["name"] for run in await service.verify("version-1", plan="other")] == ["other"]
    for path in ("/v1/plans", "/v1/plans/safety/current", "/v1/versions/version-1/plans"):
        assert (await service.auditor.get(path, environment="prod")).status_code == 200


async def test_a_run_whose_kind_is_gone_ends_at_once_with_that_reason(service: Service, tmp_path: Path) -> None:
    with installed(tmp_path):
        run_id = await requested(service)
    await service.site.work_off()
    run = await service.run(run_id)
    assert (run["status"], run["reason_code"]) == ("errored", "check_not_installed")
    assert (run["detail"], run["resolve"]) == in_words("check_not_installed")
    assert [(one["outcome"], one["facts"]) for one in run["attempts"]] == [("errored", {"checks": ["acme_size"]})]
    assert not await service.site.fetch("select * from jobs")


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("import a_module_that_nobody_has", "ModuleNotFoundError"),
        ("KIND = 'acme_size'", "is no check"),
        (ACME_SIZE.replace('"acme_size"', '"metric"'), "a second one of its name"),
        ("raise ZeroDivisionError", "ZeroDivisionError"),
    ],
    ids=["a missing import", "no kind", "the name of another", "a fault"],
)
async def test_checks_that_can_not_be_used_stop_the_start(site: Site, tmp_path: Path, source: str, complaint: str) -> None:
    with installed(tmp_path, source):
        for start in (site.client, site.worker):
            with pytest.raises(SettingsError, match=complaint):
                await start()
    assert "metric" in check_kinds()


def test_kinds_that_are_missing_are_named_once_and_sorted() -> None:
    kinds = ("zeta", "metric", "alpha", "zeta")
    assert missing_kinds({"checks": [{"id": str(place), "check": kind} for place, kind in enumerate(kinds)]}) == ["alpha", "zeta"]
