"""`calibration`: probabilities that are frequencies pass, those that are too sure fail, and one poor bin alone decides nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.adapters.evaluation.dataset import Dataset
from placet_verification.adapters.evaluation.inputs import Files, Inputs
from placet_verification.adapters.evaluation.measures.calibration import measure
from placet_verification.adapters.evaluation.prediction import Predictions
from placet_verification.checks.kinds.calibration import KIND, CalibrationParameters

from .. import builders, onnx_models
from .data import FEATURES, RANDOM, TRUE_MODEL, N, multiclass, records, rows, tried

CHECK = {"id": "c", "check": "calibration"}
TOO_SURE = onnx_models.logistic([12.0, -6.0], 0.0)


def part(share: float | None, mean: float | None, n: int, ci: list[float] | None) -> dict[str, Any]:
    return {"low": 0.4, "high": 0.5, "n": n, "share": share, "mean_probability": mean, "ci": ci}


EMPTY = part(None, None, 0, None)
SURE, UNSURE = part(0.7, 0.45, 400, [0.65, 0.75]), part(0.7, 0.45, 9, [0.4, 0.9])


def found(ece: float | None = 0.05, *curve: dict[str, Any], **parts: Any) -> dict[str, Any]:
    facts = {"n": 500, "n_positive": 200, "smallest_class": 200, "reason_code": None, "method": "x", "brier": 0.2, "mce": 0.25}
    return {**facts, "ece": ece, "curve": list(curve), **parts}


@pytest.mark.parametrize(
    ("parameters", "measured", "slice_", "status", "reason_code"),
    [
        ({}, found(0.1), "ece", "PASS", None),
        ({}, found(0.1001), "ece", "FAIL", "threshold_missed"),
        ({"ece": 0.2}, found(0.1001), "ece", "PASS", None),
        ({"ece": 0.0}, found(0.1), "ece", "FAIL", "threshold_missed"),
        ({"brier": 0.2}, found(), "brier", "PASS", None),
        ({"brier": 0.19}, found(), "brier", "FAIL", "threshold_missed"),
        ({"mce": 0.2}, found(0.05, EMPTY, SURE), "mce", "FAIL", "threshold_missed"),
        ({"mce": 0.2}, found(0.05, EMPTY, UNSURE), "mce", "WARN", "inconclusive"),
        ({"mce": 0.2}, found(0.05, UNSURE, SURE), "mce", "FAIL", "threshold_missed"),
        ({"mce": 0.3}, found(0.05, EMPTY, SURE), "mce", "PASS", None),
        ({}, found(n=99), "ece", "INSUFFICIENT_DATA", "too_few_rows"),
        ({}, found(None, mce=None, brier=None, reason_code="not_probabilities"), "ece", "INSUFFICIENT_DATA", "not_probabilities"),
    ],
)
def test_verdict(parameters: dict[str, Any], measured: dict[str, Any], slice_: str, status: str, reason_code: str | None) -> None:
    by_slice = {record.slice: record for record in KIND.judge(CalibrationParameters(**parameters), measured)}
    assert (by_slice[slice_].status, by_slice[slice_].reason_code) == (status, reason_code)


def test_what_has_no_threshold_is_listed_and_decides_nothing() -> None:
    judged = KIND.judge(CalibrationParameters(), found(0.05, SURE))
    assert [(record.slice, record.counts, record.threshold) for record in judged] == [
        ("ece", True, 0.1),
        ("mce", False, None),
        ("brier", False, None),
    ]
    assert all(record.status == "PASS" for record in judged)


async def test_true_chances_pass_and_probabilities_that_are_too_sure_fail(tmp_path: Path) -> None:
    document = builders.plan(checks=[{**CHECK, "mce": 0.2}])
    good = await tried(tmp_path, TRUE_MODEL, document)
    bad = await tried(tmp_path, TOO_SURE, document)
    assert [record["status"] for record in records(good, "c")] == ["PASS", "PASS", "PASS"]
    assert [record["status"] for record in records(bad, "c")] == ["FAIL", "FAIL", "PASS"]
    curve = records(bad, "c")[0]["parameters"]["curve"]
    assert sum(part["n"] for part in curve) == N
    assert len(curve) == 10


async def test_of_several_classes_the_most_probable_one_is_held_against_the_truth(tmp_path: Path) -> None:
    weights = np.array([[2.0, -2.0, 0.0], [0.0, 2.0, -2.0]])
    chances = np.exp(FEATURES @ weights)
    drawn = (chances / chances.sum(axis=1, keepdims=True)).cumsum(axis=1) > RANDOM.random((N, 1))
    classes = ["xyz"[number] for number in drawn.argmax(axis=1)]
    for factor, status in ((1, "PASS"), (6, "FAIL")):
        result = await tried(tmp_path, onnx_models.softmax(weights * factor), multiclass(CHECK), rows(classes))
        [record, *_] = records(result, "c")
        assert (record["status"], record["method"]) == (status, "reliability_of_top_label")


def test_scores_that_are_no_probabilities_have_no_calibration() -> None:
    document = builders.plan(checks=[CHECK])
    inputs = Inputs(document, Files(b"", None, {}))
    vars(inputs)["data"] = Dataset(np.array([0, 1]), {})
    vars(inputs)["predictions"] = Predictions(np.array([-1.0, 2.0]), None)
    [record, *_] = KIND.judge(CalibrationParameters(minimum_rows=1), measure(document["checks"], inputs)["c"])
    assert (record.status, record.reason_code) == ("INSUFFICIENT_DATA", "not_probabilities")


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({"ece": 2}, "checks.0.ece"),
        ({"ece": None}, "checks.0.ece: a threshold for at least one"),
        ({"bins": 1}, "checks.0.bins"),
        ({"max_ece": 0.1}, "checks.0.max_ece"),
    ],
)
def test_a_wrong_plan_is_refused_by_its_field(parts: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        builders.plan(checks=[{**CHECK, **parts}])


def test_a_regression_has_no_calibration() -> None:
    with pytest.raises(Malformed, match=r"checks\.0\.check: a check of a binary or multiclass task"):
        builders.regression(CHECK)
