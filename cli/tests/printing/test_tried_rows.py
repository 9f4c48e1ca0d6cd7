"""What a model answered, on a page: the prediction first, then what the columns add, then what would change it."""

from typing import Any

import msgspec
import pytest

from placet.printing.tried_rows import show_trial
from placet_client.answers.trials import Trial

ROW: dict[str, Any] = {
    "prediction": {"class": "1", "scores": {"1": 0.71}, "value": None},
    "unlike_data": ["income"],
    "explanation": {
        "of_class": None,
        "prediction": 0.71,
        "base": 0.4,
        "gap": 0.001,
        "contributions": [{"column": f"c{n}", "given": n, "value": 0.1 - n / 100, "standard_error": 0.01} for n in range(12)],
        "not_listed": 3,
    },
    "counterfactual": {
        "changes": [{"column": "c\x1b[2J", "from": 0.5, "to": "low"}],
        "prediction": {"class": "0", "scores": {"1": 0.2}, "value": None},
        "distance": 1.25,
        "evaluations": 20,
    },
    "counterfactual_reason": None,
    "reason_code": None,
}
NONE: dict[str, Any] = {"prediction": None, "unlike_data": [], "explanation": None, "counterfactual": None, "counterfactual_reason": None}
LIMITS = {"background_rows": 100, "permutations": 50, "most_changes": 3, "most_evaluations": 2000}
PLAN = {"id": "p", "name": "loans", "version": 2, "sha256": "ab"}


def a_trial(*rows: dict[str, Any], **facts: Any) -> Trial:
    members = dict.fromkeys(("id", "model_id", "version_id", "environment", "artifact_sha256", "dataset_sha256"), "x")
    known = {**members, "status": "answered", "plan": PLAN, "requested_at": "2026-11-27T23:00:00Z"}
    return msgspec.convert({**known, "tried": {"rows": list(rows), **LIMITS} if rows else None, **facts}, Trial)


def shown(capsys: pytest.CaptureFixture[str], trial: Trial, rows: int = 1) -> str:
    show_trial(trial, [{}] * rows)
    said = capsys.readouterr()
    return said.out + said.err


def test_row_is_shown_with_explanation_and_counterfactual(capsys: pytest.CaptureFixture[str]) -> None:
    page = shown(capsys, a_trial(ROW))
    lines = page.splitlines()
    assert lines[0] == "prediction: 1 (1: 0.71)"
    assert "unlike the data: income" in lines
    assert any(line.split() == ["c0", "0", "+0.1", "0.01"] for line in lines)
    assert "5 more columns; not explained by sampling: +0.001" in lines
    assert "would be 0 (1: 0.2) with c�[2J 0.5 → low (distance 1.25, 20 evaluations)" in lines
    assert "no evidence" in lines[-1]


def test_rows_without_a_part_say_why(capsys: pytest.CaptureFixture[str]) -> None:
    none_found = {**ROW, "counterfactual": None, "counterfactual_reason": "none_found"}
    kept = {**ROW, "counterfactual": None, "counterfactual_reason": "no_column_may_change"}
    failed = {**NONE, "reason_code": "prediction_not_finite"}
    page = shown(capsys, a_trial(none_found, kept, failed), 3)
    assert "row 1: 1 (1: 0.71)" in page
    assert "no change of up to 3 columns to values of the data was found in 2000 evaluations" in page
    assert "none of its columns may change" in page
    assert "row 3: none [prediction_not_finite]" in page


def test_number_that_is_predicted_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    row = {**NONE, "prediction": {"class": None, "scores": None, "value": 1234.5678}, "reason_code": "prediction_failed"}
    page = shown(capsys, a_trial(row))
    assert page.startswith("prediction: 1234.57")
    assert "not explained: the model does not answer rows near it [prediction_failed]" in page


def test_trial_without_an_answer_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    errored = a_trial(status="errored", reason_code="timeout", detail="It took long.", resolve="Wait.", facts={"seconds": 60})
    page = shown(capsys, errored)
    assert "could not be tried: It took long. [timeout]" in page
    assert "→ Wait." in page
    assert "seconds: 60" in page
    assert "queued, not answered yet" in shown(capsys, a_trial(status="queued"))
