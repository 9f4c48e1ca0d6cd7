"""Reports of runs: a page that stands alone, JUnit XML, and the same facts in both."""

from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest

from placet_verification.api.reports import html_report, junit_report
from placet_verification.queries.runs import runs_by_id

from .. import builders, onnx_models
from ..builders import check
from ..conftest import Service

pytestmark = pytest.mark.postgres

EVIL = '<script>alert(1)</script> & "quoted" \x07'


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action", "style") or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


async def ended(service: Service, model: bytes, *checks: Any) -> str:
    """The id of a run that has ended."""
    around = service.site.around
    around.introduce("model-1", "credit <b>risk</b>")
    around.register("version-1", model)
    dataset = around.keep(builders.labelled_rows())
    await service.publish(builders.plan(dataset={"label": "y", "sha256": dataset}, checks=list(checks)))
    [run] = await service.verify("version-1")
    worker = await service.site.worker()
    job = await worker.queue.claim()
    assert job
    await worker.work_on(job)
    return str(run["id"])


async def test_page_says_what_was_found_and_loads_nothing(service: Service) -> None:
    run_id = await ended(service, onnx_models.logistic(), check("roc_auc"), check("f1", 0.99), {"id": "safe", "check": "artifact_safety"})
    answer = await service.auditor.get(f"/v1/runs/{run_id}/report.html")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    page = Page(answer.text)
    assert {"script", "link", "iframe", "img", "form", "object"}.isdisjoint(page.tags)
    assert all(address.startswith("#") for address in page.addresses), page.addresses
    for said in ("credit <b>risk</b>/1 for prod", "failed", "roc_auc", "threshold missed", "artifact_safety", run_id):
        assert said in page.text
    run = (await service.auditor.get(f"/v1/runs/{run_id}")).json()
    assert run["result_sha256"] in page.text
    assert answer.text == (await service.auditor.get(f"/v1/runs/{run_id}/report.html")).text


async def test_page_and_run_say_that_data_are_not_held_out_also_when_a_copy_of_the_bytes_says_so(service: Service) -> None:
    model, rows = onnx_models.logistic(), builders.sha256(builders.labelled_rows())
    service.site.around.register("copy", model, model_id="model-2", training_data=frozenset({rows}))
    run_id = await ended(service, model, check("roc_auc"))
    assert (await service.auditor.get(f"/v1/runs/{run_id}")).json()["held_out"] is False
    assert "Not held-out data" in (await service.auditor.get(f"/v1/runs/{run_id}/report.html")).text
    report = (await service.auditor.get(f"/v1/runs/{run_id}/report")).json()
    assert report["observations"]["held_out"] is False
    assert "held_out" not in report["result"], "lineage may grow, and a result keeps its digest"


async def test_run_on_data_that_no_lineage_names_is_held_out_and_its_page_warns_of_nothing(service: Service) -> None:
    service.site.around.register("other", b"other bytes", model_id="model-2", training_data=frozenset({"f" * 64}))
    run_id = await ended(service, onnx_models.logistic(), check("roc_auc"))
    assert (await service.auditor.get(f"/v1/runs/{run_id}")).json()["held_out"] is True
    assert "Not held-out data" not in (await service.auditor.get(f"/v1/runs/{run_id}/report.html")).text


async def test_page_is_there_without_the_registry_and_for_a_run_without_a_result(service: Service) -> None:
    run_id = await ended(service, b"no ONNX", check("roc_auc"))
    service.site.around.down = True
    answer = await service.auditor.get(f"/v1/runs/{run_id}/report.html")
    assert answer.status_code == 200
    assert "version-1 for prod" in Page(answer.text).text
    assert "not_onnx" in answer.text


async def test_report_of_a_run_that_goes_on_is_not_there_yet(service: Service) -> None:
    service.site.around.register("version-1", onnx_models.logistic())
    await service.publish(builders.plan(dataset={"label": "y", "sha256": service.site.around.keep(builders.labelled_rows())}))
    [run] = await service.verify("version-1")
    for form in ("report", "report.html", "report.xml"):
        answer = await service.auditor.get(f"/v1/runs/{run['id']}/{form}")
        assert (answer.status_code, answer.json()["code"]) == (404, "report_not_found")


async def test_junit_has_a_case_for_each_check(service: Service) -> None:
    advisory = check("f1", 0.999, severity="advisory") | {"id": "advice"}
    signature = {"id": "signature", "check": "signature", "required": False}
    run_id = await ended(service, onnx_models.logistic(), check("roc_auc"), check("f1", 0.99), advisory, signature)
    answer = await service.auditor.get(f"/v1/runs/{run_id}/report.xml")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    suite = ElementTree.fromstring(answer.content)
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4", "failures": "1", "errors": "0", "skipped": "1",
    }  # fmt: skip
    outcomes = {case.get("name"): [part.tag for part in case] for case in suite.iter("testcase")}
    assert outcomes == {"roc_auc": ["system-out"], "f1": ["failure"], "advice": ["system-out"], "signature": ["skipped"]}


async def test_junit_of_a_run_without_a_result_is_an_error(service: Service) -> None:
    run_id = await ended(service, b"no ONNX", check("roc_auc"))
    suite = ElementTree.fromstring((await service.auditor.get(f"/v1/runs/{run_id}/report.xml")).content)
    assert (suite.get("tests"), suite.get("errors")) == ("1", "1")


async def test_texts_of_others_can_not_become_markup(service: Service) -> None:
    run_id = await ended(service, onnx_models.logistic(), check("roc_auc"))
    worker = await service.site.worker()
    run = (await runs_by_id(worker.store.pool, [run_id]))[run_id]
    record = {
        "check_id": "roc_auc", "check": "subgroups", "status": "FAIL", "severity": "blocking", "metric": EVIL, "value": 0.5,
        "ci": [0.4, 0.6],
        "comparator": ">=", "threshold": 0.8, "baseline_value": None, "slice": EVIL, "n": 10, "reason_code": EVIL, "counts": True,
    }  # fmt: skip
    result = {"checks": [record, record | {"slice": "other"}], "engine_versions": {EVIL: EVIL}, "sandbox": {EVIL: EVIL}}
    page = html_report(run, result, {EVIL: EVIL}, EVIL)
    assert "script" not in Page(page).tags
    assert "<script>" not in page
    assert "\x07" not in page
    ElementTree.fromstring(junit_report(run))
