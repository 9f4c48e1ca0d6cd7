"""Two runs beside each other on a terminal."""

from datetime import UTC, datetime

import pytest

from placet.printing.comparisons import show_comparison
from placet_client.answers.comparisons import (
    ComparedCheck,
    ComparedRecord,
    ComparedRun,
    ComparedStatuses,
    ComparedValue,
    Comparison,
    ComparisonCounts,
    Same,
)
from placet_client.answers.verification import PlanReference


def run(run_id: str) -> ComparedRun:
    return ComparedRun(
        id=run_id, version_id="v", model_id="m", environment="prod", status="passed", artifact_sha256="ab", result_sha256="cd",
        plan=PlanReference(id="p", name="credit", version=1, sha256="ef"), ended_at=datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip


def test_each_record_has_both_values_and_who_is_better(capsys: pytest.CaptureFixture[str]) -> None:
    records = (
        ComparedRecord(
            metric="roc_auc", run=ComparedValue(status="PASS", value=0.9), beside=ComparedValue(status="FAIL", value=0.8), difference=0.1,
            better="run", intervals_overlap=True,
        ),
        ComparedRecord(metric="\x1b[31mevil", slice="n" * 80_000, beside=ComparedValue(status="ERROR")),
    )  # fmt: skip
    found = Comparison(
        evidence=False, note="No evidence.", because="champion", run=run("one"), beside=run("two"),
        same=Same(model=True, environment=True, plan_version=True, data=False, artifact=False),
        counts=ComparisonCounts(better=1, worse=0, equal=0, not_comparable=1),
        checks=(ComparedCheck(check_id="a", check="metric", statuses=ComparedStatuses(run="PASS", beside="FAIL"), records=records),),
    )  # fmt: skip
    show_comparison(found)
    said = capsys.readouterr()
    assert "PASS 0.9" in said.out
    assert "FAIL 0.8" in said.out
    assert "this run (intervals overlap)" in " ".join(said.out.split())
    assert "not there" in said.out
    assert "a: PASS instead of FAIL" in said.out
    assert "No evidence." in said.out
    assert "different data" in said.err
    assert "\x1b[31m" not in said.out
    assert len(said.out) < 5000
