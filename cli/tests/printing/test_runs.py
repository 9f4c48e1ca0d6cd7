"""A run on a terminal and in a pipe: everything that a reviewer decides on."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from placet.printing.people import Names
from placet.printing.runs import failed_checks, show_run
from placet_client import Client
from placet_client.answers.answer import Page
from placet_client.answers.people import Person
from placet_client.answers.verification import Run

AT = datetime(2026, 11, 28, tzinfo=UTC)
AUC = {
    "check_id": "ranks-people-well", "check": "metric", "status": "FAIL", "severity": "blocking", "metric": "roc_auc", "value": 0.502,
    "ci": [0.4981, 0.5055], "comparator": ">=", "threshold": 0.65, "n": 4038, "reason_code": "threshold_missed",
}  # fmt: skip
SLICES = {**AUC, "check_id": "no-weak-slice", "severity": "advisory", "reason_code": "weak_slice", "ci": None}
SAFE = {"check_id": "safe\x1b[2J", "status": "PASS", "severity": "blocking"}


@pytest.fixture
def names() -> Names:
    """bob is person b."""
    bob = Person(person_id="b", name="bob", active=True, erased=False, version=1, added_at=AT, changed_at=AT)
    approval = SimpleNamespace(people=lambda limit: Page(items=(bob,)), service_accounts=lambda limit: Page(items=()))
    return Names(cast(Client, SimpleNamespace(approval=approval)))


def a_run(**facts: Any) -> Run:
    known = {
        **dict.fromkeys(("id", "model_id", "version_id", "environment", "artifact_sha256", "requested_by"), "x"),
        "plan": {"id": "p", "name": "sees-doctor", "version": 1, "sha256": "ab"},
        "status": "failed", "requested_at": AT, "ended_at": AT, "revision": 1, "result_sha256": "d" * 64, "checks": [AUC, SLICES, SAFE],
    }  # fmt: skip
    return msgspec.convert({**known, **facts}, Run)


def shown(capsys: pytest.CaptureFixture[str], run: Run, names: Names) -> str:
    show_run(run, names)
    said = capsys.readouterr()
    return said.out + said.err


def test_checks_fit_a_narrow_terminal_in_three_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, names: Names
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = shown(capsys, a_run(), names).splitlines()
    assert lines[1].split() == ["check", "status", "measured"]
    measured = "roc_auc 0.502 (0.4981 to 0.5055), must be >= 0.65; threshold missed"
    assert " ".join(" ".join(lines[2:4]).split()) == f"ranks-people-well FAIL {measured}"
    assert "FAIL (advisory)" in lines[4]
    assert lines[-1] == f"failed (result {'d' * 64})"


def test_checks_in_a_pipe_have_a_line_each(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, names: Names) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    lines = shown(capsys, a_run(), names).splitlines()
    assert [line.split()[0] for line in lines[1:5]] == ["check", "ranks-people-well", "no-weak-slice", "safe�[2J"]


def test_run_that_failed_names_the_blocking_checks_that_were_not_met() -> None:
    assert failed_checks(a_run()) == "ranks-people-well"
    assert failed_checks(a_run(status="errored", checks=None, reason_code="model_not_loaded")) == "model not loaded"


def test_run_without_a_result_says_why(capsys: pytest.CaptureFixture[str], names: Names) -> None:
    cancelled = a_run(status="cancelled", checks=None, cancelled_by="b", cancel_reason="Wrong data.", resolve="Request another.")
    assert "cancelled by bob: Wrong data." in shown(capsys, cancelled, names)
    waiting = a_run(status="queued", ended_at=None, place=3)
    assert "queued at place 3 in the queue, not finished yet" in shown(capsys, waiting, names)
