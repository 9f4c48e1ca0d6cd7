"""`beside`: a run's report with that of another run, named or of the deployed version, and every way in which there is none."""

import pytest

from .. import builders, onnx_models
from ..conftest import Service

pytestmark = pytest.mark.postgres

GOOD, BETTER = onnx_models.logistic([2.0, -1.0]), onnx_models.logistic([1.0, 0.4])


async def passed(service: Service, version_id: str, model: bytes) -> str:
    """The id of its run."""
    service.site.around.register(version_id, model)
    [run] = await service.verify(version_id)
    await service.site.work_off()
    assert (await service.run(run["id"]))["status"] == "passed"
    return str(run["id"])


@pytest.fixture
async def runs(service: Service) -> tuple[str, str]:
    """The run of version-1, which is deployed, and of version-2."""
    dataset = service.site.around.keep(builders.labelled_rows())
    checks = [builders.check("roc_auc"), {"id": "pictures", "check": "confusion"}]
    await service.publish(builders.plan(dataset={"label": "y", "sha256": dataset}, checks=checks))
    service.site.around.introduce("model-1", "credit <b>risk</b>")
    found = await passed(service, "version-1", GOOD), await passed(service, "version-2", BETTER)
    service.site.around.running["model-1", "prod"] = "version-1"
    return found


async def test_the_deployed_version_stands_beside(service: Service, runs: tuple[str, str]) -> None:
    old, new = runs
    answer = await service.auditor.get(f"/v1/runs/{new}/report", beside="champion")
    assert answer.status_code == 200
    found = answer.json()
    assert (found["run"]["id"], found["beside"]["id"], found["because"], found["evidence"]) == (new, old, "champion", False)
    [auc, *_] = found["checks"][0]["records"]
    assert auc["difference"] == pytest.approx(auc["run"]["value"] - auc["beside"]["value"])
    assert auc["better"] == "run"
    assert found["same"]["data"] is True
    named = (await service.auditor.get(f"/v1/runs/{new}/report", beside=old)).json()
    assert named == {**found, "because": "named"}
    plain = (await service.auditor.get(f"/v1/runs/{new}/report")).json()
    assert "result" in plain
    assert "evidence" not in plain


async def test_the_page_has_both_curves(service: Service, runs: tuple[str, str]) -> None:
    answer = await service.auditor.get(f"/v1/runs/{runs[1]}/report.html", beside="champion")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "ROC curve of class 1" in answer.text
    assert "no evidence" in answer.text
    assert "<b>" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_of_several_passed_runs_the_newest_by_the_same_plan_version_is_taken(service: Service, runs: tuple[str, str]) -> None:
    [again] = await service.verify("version-1")
    await service.site.work_off()
    dataset = service.site.around.keep(builders.labelled_rows(300))
    await service.publish(builders.plan(dataset={"label": "y", "sha256": dataset}))
    [other] = await service.verify("version-1")
    await service.site.work_off()
    found = (await service.auditor.get(f"/v1/runs/{runs[1]}/report", beside="champion")).json()
    assert (found["beside"]["id"], found["same"]["plan_version"]) == (again["id"], True)
    newer = (await service.auditor.get(f"/v1/runs/{runs[1]}/report", beside=other["id"])).json()
    assert (newer["same"]["plan_version"], newer["same"]["data"]) == (False, False)


@pytest.mark.parametrize(
    ("beside", "status", "code"),
    [("champion", 404, "champion_not_found"), ("none", 404, "run_not_found"), ("", 422, "malformed"), ("x" * 64, 422, "malformed")],
)
async def test_a_run_that_is_not_there_is_refused_in_both_forms(
    service: Service, runs: tuple[str, str], beside: str, status: int, code: str
) -> None:
    service.site.around.running.clear()
    for form in ("report", "report.html"):
        answer = await service.auditor.get(f"/v1/runs/{runs[1]}/{form}", beside=beside)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_run_beside_itself_or_the_champion_beside_itself_is_refused(service: Service, runs: tuple[str, str]) -> None:
    itself = await service.auditor.get(f"/v1/runs/{runs[1]}/report", beside=runs[1])
    assert (itself.status_code, itself.json()["code"]) == (422, "same_run")
    assert itself.json()["errors"] == [{"field": "beside", "value": runs[1], "allowed": "the id of another run, or `champion`"}]
    champion = await service.auditor.get(f"/v1/runs/{runs[0]}/report", beside="champion")
    assert (champion.status_code, champion.json()["code"]) == (404, "champion_is_this_version")


async def test_runs_without_an_end_or_a_result_and_a_champion_without_a_run_are_told(service: Service, runs: tuple[str, str]) -> None:
    around = service.site.around
    around.register("version-3", b"no ONNX")
    around.running["model-1", "prod"] = "version-3"
    answer = await service.auditor.get(f"/v1/runs/{runs[1]}/report", beside="champion")
    assert (answer.status_code, answer.json()["code"]) == (404, "champion_run_not_found")
    assert answer.json()["facts"]["version_id"] == "version-3"
    [run] = await service.verify("version-3")
    answer = await service.auditor.get(f"/v1/runs/{runs[1]}/report", beside=run["id"])
    assert (answer.status_code, answer.json()["code"]) == (404, "report_not_found")
    await service.site.work_off()
    answer = await service.auditor.get(f"/v1/runs/{run['id']}/report", beside=runs[1])
    assert (answer.status_code, answer.json()["code"]) == (404, "result_not_found")


async def test_without_the_registry_a_named_run_can_be_compared_and_the_champion_not(service: Service, runs: tuple[str, str]) -> None:
    service.site.around.down = True
    assert (await service.auditor.get(f"/v1/runs/{runs[1]}/report", beside="champion")).status_code == 503
    assert (await service.auditor.get(f"/v1/runs/{runs[1]}/report.html", beside=runs[0])).status_code == 200
