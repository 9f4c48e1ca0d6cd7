"""Measuring functions that do not do what they should: the fault is that of their own checks, and the run has an end with a reason."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_verification.adapters.evaluation.inputs import Files
from placet_verification.adapters.evaluation.measures import artifact_safety
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.trial import try_model
from placet_verification.checks import conclude
from placet_verification.domain.result import Evaluation
from placet_verification.ports import Refusal

from .. import builders, onnx_models

FAILED = {"failed": True}


def answered(signature: Any, *checks: Mapping[str, Any]) -> dict[str, Any]:
    """What is measured when the kind `signature` is measured by this function."""
    model = onnx_models.logistic()
    bound: dict[str, Any] = {"signature": None, "artifact_sha256": builders.sha256(model), "datasets": {}, "further_columns": []}
    request = {"plan": builders.plan_without_data(*checks), **bound, **builders.formats()}
    measured = try_model(Files(model, None, {}), request, {"signature": signature, "artifact_safety": artifact_safety.measure})["measured"]
    assert isinstance(measured, dict)
    return measured


async def test_a_measuring_function_that_raises_is_an_error_of_its_check_alone(tmp_path: Path) -> None:
    """`json.loads` takes no checks."""
    document = builders.plan(checks=[builders.check("roc_auc", 0.6), *builders.SAFETY])
    trial = builders.trial(tmp_path, onnx_models.logistic(), builders.labelled_rows(), document, measures={"signature": "json:loads"})
    report = await builders.evaluated(trial)
    assert isinstance(report.finding, Evaluation)
    result = conclude(document, {"plan_sha256": builders.SHA}, report.finding)
    assert [(one["check_id"], one["status"], one["reason_code"]) for one in result.summaries()] == [
        ("roc_auc", "PASS", None),
        ("safety", "PASS", None),
        ("signature", "ERROR", "measure_failed"),
    ]
    assert result.outcome == "failed"


@pytest.mark.parametrize("place", ["a_module_that_nobody_has:measure", "json:measure", "json", "placet_verification.adapters:nothing"])
async def test_a_measuring_function_that_the_child_can_not_import_ends_the_run_with_that_reason(tmp_path: Path, place: str) -> None:
    trial = builders.trial(tmp_path, onnx_models.logistic(), None, builders.plan_without_data(), measures={"signature": place})
    report = await builders.evaluated(trial)
    assert report.finding == Refusal("check_not_installed", {"check": "signature", "measure": place})


@pytest.mark.parametrize(
    "found",
    [
        {},
        None,
        [],
        {"signature": None},
        {"signature": ["a", "b"]},
        {"signature": {"value": float("nan")}},
        {"signature": {"value": np.float32(1)}},
        {"signature": {"value": {1, 2}}},
    ],
    ids=repr,
)
def test_an_answer_that_has_no_json_form_is_an_error_of_its_check_alone(found: Any) -> None:
    measured = answered(lambda checks, inputs: found)
    assert measured["signature"] == FAILED
    assert measured["safety"]["reason_code"] is None


def test_a_measuring_function_answers_for_no_other_check() -> None:
    """Not even when it is measured last."""
    good: dict[str, Any] = {"bytes": 1, "reason_code": None, "facts": {}}
    measured = answered(lambda checks, inputs: {"safety": good, "signature": good, "other": good})
    assert measured.keys() == {"safety", "signature"}
    assert measured["safety"]["bytes"] > 1


def test_what_a_model_is_refused_for_and_memory_stay_those_of_the_run() -> None:
    def refuse(checks: Any, inputs: Any) -> Any:
        raise Refused("not_runnable")

    def starve(checks: Any, inputs: Any) -> Any:
        raise MemoryError

    with pytest.raises(Refused):
        answered(refuse)
    with pytest.raises(MemoryError):
        answered(starve)


async def test_what_is_observed_for_a_check_is_judged_and_in_no_result(tmp_path: Path) -> None:
    document = builders.plan(checks=[{"id": "slow", "check": "latency", "median_ms": 1e6}])
    report = await builders.try_out(tmp_path, onnx_models.logistic(), builders.labelled_rows(), document)
    assert isinstance(report.finding, Evaluation)
    assert report.finding.measured == {"slow": {}}
    assert report.finding.observed == report.observations["checks"]
    observed = report.finding.observed["slow"]
    result = conclude(document, {"plan_sha256": builders.SHA}, report.finding)
    slower = replace(report.finding, observed={"slow": {**observed, "one_row": {**observed["one_row"], "median_ms": 99.0}}})
    assert result.outcome == "passed"
    assert conclude(document, {"plan_sha256": builders.SHA}, slower).body == result.body
    too_slow = replace(report.finding, observed={"slow": {**observed, "one_row": {**observed["one_row"], "median_ms": 3e6}}})
    assert conclude(document, {"plan_sha256": builders.SHA}, too_slow).outcome == "failed"
