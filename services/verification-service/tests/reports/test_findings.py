"""What stands on top of a report: the verdict, and what to look at, the worst first."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from placet_verification.api.reports import html_report
from placet_verification.api.reports.findings import findings_of, verdict_of
from placet_verification.queries.runs import RunView

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def summary(check_id: str, status: str = "PASS", severity: str = "blocking", **more: Any) -> dict[str, Any]:
    facts = {"metric": None, "value": None, "ci": None, "comparator": None, "threshold": None, "n": None, "reason_code": None, "records": 1}
    return {"check_id": check_id, "check": "metric", "status": status, "severity": severity, **facts, **more}


def run(status: str, *checks: dict[str, Any]) -> RunView:
    plan = {"id": "p", "name": "credit", "version": 1, "sha256": "ab"}
    return RunView(
        id="r", status=status, model_id="m", version_id="v", environment="prod", plan=plan, artifact_sha256="cd", datasets=[],
        dataset_sha256=None, champion=None, result_sha256="ef", measured_sha256=None, reason_code=None, requested_by="x", requested_at=NOW,
        ended_at=NOW, cancelled_by=None, cancel_reason=None, detail=None, resolve=None, checks=list(checks), revision=1,
    )  # fmt: skip


def test_findings_come_the_worst_first() -> None:
    checks = [
        summary("fine"),
        summary("advice", "FAIL", "advisory"),
        summary("near", "WARN"),
        summary("no-champion", "NOT_APPLICABLE"),
        summary("few", "INSUFFICIENT_DATA", reason_code="too_few_rows"),
        summary(
            "missed", "FAIL", metric="roc_auc", value=0.61234, ci=[0.5, 0.7], comparator=">=", threshold=0.8, reason_code="threshold_missed"
        ),
    ]
    found = findings_of(checks)
    assert [one.check_id for one in found] == ["missed", "few", "advice", "near", "no-champion"]
    assert [one.blocks for one in found] == [True, True, False, False, False]
    assert found[0].sentence == "failed (threshold missed): roc_auc is 0.6123 (0.5 to 0.7), must be >= 0.8."
    assert found[1].look == "Evaluate on more rows."


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (run("passed", summary("a")), "Passed: no blocking check stands against prod, of 1 check."),
        (
            run("passed", summary("a"), summary("b", "WARN"), summary("c", "FAIL", "advisory")),
            "Passed: no blocking check stands against prod, of 3 checks; 1 with a warning, 1 advisory not met.",
        ),
        (run("failed", summary("a", "FAIL")), "Failed: 1 blocking check stands against prod, of 1 check."),
        (run("failed", summary("a", "NOT_APPLICABLE")), "Failed: no check found anything good, of 1 check."),
        (run("errored"), "The model could not be evaluated, so there is no evidence for prod by this plan."),
        (run("cancelled"), "The run was cancelled, so there is no evidence for prod by this plan."),
    ],
)
def test_the_verdict_is_one_sentence(made: RunView, said: str) -> None:
    assert verdict_of(made) == said


def test_a_page_with_a_value_of_any_length_stays_readable() -> None:
    long = "n" * 80_000
    record = {
        **summary("a", "FAIL", metric=long, value=0.5), "slice": long, "baseline_value": None, "parameters": {"histogram": {
            "categories": [long, "b"], "reference": [0.5, 0.5], "current": [0.1, 0.9]}},
    }  # fmt: skip
    result = {"checks": [record, {**record, "slice": "b"}], "engine_versions": {long: long}, "sandbox": {}}
    page = html_report(run("failed", summary("a", "FAIL", metric=long, value=0.5, reason_code=long)), result, {long: long}, long)
    assert len(page) < 40_000
    assert "n" * 500 not in page


def test_what_was_observed_for_a_check_stands_beside_it() -> None:
    result = {
        "checks": [{**summary("speed"), "slice": None, "baseline_value": None, "parameters": {}}],
        "engine_versions": {},
        "sandbox": {},
    }
    observed = {"checks": {"speed": {"one_row": {"median_ms": 1.25, "calls": 200}}, "other": {"x": 1}}}
    page = html_report(run("passed", summary("speed")), result, observed)
    assert "one row median ms 1.25, one row calls 200" in page
    assert "in no digest" in page


def test_a_run_without_checks_has_a_page() -> None:
    page = html_report(replace(run("errored"), checks=None, result_sha256=None), None, {})
    assert "could not be evaluated" in page
