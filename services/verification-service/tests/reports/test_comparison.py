"""Two runs beside each other: differences, who is better, and that it is no evidence."""

from typing import Any

import pytest

from placet_verification.api.reports import comparison_page
from placet_verification.api.reports.comparison import compared

from .test_findings import run, summary

EVIL = "<script>alert(1)</script>\x07"
CURVES = {"curves": [{"class": "1", "roc": [[0, 0], [1, 1]], "precision_recall": None}], "curve": None}


def record(value: float | None, metric: str = "roc_auc", **more: Any) -> dict[str, Any]:
    return {
        "check_id": "a", "check": "metric", "status": "PASS", "metric": metric, "value": value, "ci": None, "n": 10, "slice": None,
        "comparator": None, "threshold": None, "reason_code": None, "parameters": {}, **more,
    }  # fmt: skip


def both(mine: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> dict[str, Any]:
    return compared(run("passed"), {"checks": mine}, run("failed"), {"checks": theirs}, "named")


@pytest.mark.parametrize(
    ("mine", "theirs", "difference", "better"),
    [
        (record(0.9), record(0.8), pytest.approx(0.1), "run"),
        (record(0.7), record(0.8), pytest.approx(-0.1), "beside"),
        (record(0.8), record(0.8), 0.0, "neither"),
        (record(0.8), record(0.8 + 1e-12), 0.0, "neither"),
        (record(0.2, "brier"), record(0.3, "brier"), pytest.approx(-0.1), "run"),
        (record(0.2, "psi", comparator="<=", threshold=0.25), record(0.1, "psi"), pytest.approx(0.1), "beside"),
        (record(0.9, "ratio", comparator=">="), record(0.8, "ratio"), pytest.approx(0.1), "run"),
        (record(3.0, "prediction"), record(1.0, "prediction"), 2.0, None),
        (record(None), record(0.8), None, None),
    ],
)
def test_better_is_what_the_check_or_the_metric_asks_for(mine: Any, theirs: Any, difference: Any, better: str | None) -> None:
    [check] = both([mine], [theirs])["checks"]
    [found] = check["records"]
    assert (found["difference"], found["better"]) == (difference, better)


def test_intervals_that_overlap_are_said_to() -> None:
    def overlap(ci: list[float] | None, other: list[float] | None) -> Any:
        return both([record(0.9, ci=ci)], [record(0.8, ci=other)])["checks"][0]["records"][0]["intervals_overlap"]

    assert [overlap([0.85, 0.95], [0.7, 0.85]), overlap([0.86, 0.95], [0.7, 0.85]), overlap(None, [0, 1])] == [True, False, None]


def test_what_only_one_of_them_has_is_listed() -> None:
    mine = [record(0.9), record(0.7, slice="x"), record(0.6, slice="x")]
    theirs = [record(0.8, slice="x"), record(0.5, check_id="b")]
    found = both(mine, theirs)
    assert [check["check_id"] for check in found["checks"]] == ["a", "b"]
    first, second, third = found["checks"][0]["records"]
    assert (first["beside"], second["difference"], third["beside"]) == (None, pytest.approx(-0.1), None)
    assert found["checks"][1]["records"][0]["run"] is None
    assert found["counts"] == {"better": 0, "worse": 1, "equal": 0, "not_comparable": 3}


def test_a_comparison_says_that_it_is_no_evidence() -> None:
    found = both([], [])
    assert found["evidence"] is False
    assert "no evidence" in found["note"]
    assert found["same"] == {"model": True, "environment": True, "plan_version": True, "data": True, "artifact": True}


@pytest.mark.parametrize("name", [EVIL, "n" * 80_000], ids=["evil", "long"])
def test_page_with_any_name_is_short_and_safe(name: str) -> None:
    records = [record(0.9, slice=name, parameters=CURVES, metric=name)]
    page = comparison_page(both(records, records), (name, name), (records, records))
    assert "<script>" not in page
    assert len(page) < 30_000
    assert "no evidence" in page
    assert "ROC curve of class 1" in page
    assert page == comparison_page(both(records, records), (name, name), (records, records))


def test_checks_with_another_status_are_named() -> None:
    mine, theirs = run("failed", summary("a", "FAIL"), summary("b")), run("passed", summary("a"))
    found = compared(mine, {"checks": [record(0.5), record(1.0, check_id="b")]}, theirs, {"checks": [record(0.9)]}, "named")
    assert [check["statuses"] for check in found["checks"]] == [{"run": "FAIL", "beside": "PASS"}, {"run": "PASS", "beside": None}]
    page = " ".join(comparison_page(found, ("x", "y"), ([], [])).split())
    assert 'a <span class="status FAIL">FAIL</span> instead of <span class="status PASS">PASS</span>' in page
    assert '<span class="status None">not there</span>' in page


def test_page_warns_of_what_the_runs_do_not_have_in_common() -> None:
    found = both([], [])
    found["same"] |= {"data": False, "artifact": False}
    page = comparison_page(found, ("a", "b"), ([], []))
    assert "The two runs are on different data" in page
    assert "different models" not in page
