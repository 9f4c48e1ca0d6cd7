"""`better_than_dummy`: only a model that shows that it has learnt something passes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.adapters.evaluation.dataset import Dataset
from placet_verification.adapters.evaluation.inputs import Files, Inputs
from placet_verification.adapters.evaluation.measures.better_than_dummy import measure
from placet_verification.adapters.evaluation.prediction import Predictions
from placet_verification.checks.kinds.better_than_dummy import KIND, BetterThanDummyParameters

from .. import builders, onnx_models
from .data import FEATURES, TRUE_MODEL, N, multiclass, records, rows, tried

CHECK = {"id": "d", "check": "better_than_dummy"}
BLIND = onnx_models.logistic([0.0, 0.0], 0.0)


def found(ci: list[float] | None, dummy: float | None = 0.5, **parts: Any) -> dict[str, Any]:
    facts = {"n": 500, "n_positive": 200, "smallest_class": 200, "metric": "roc_auc", "seed": 7, "parameters": {}}
    return {**facts, "dummy": dummy, "model": None if dummy is None else 0.7, "ci": ci, **parts}


@pytest.mark.parametrize(
    ("measured", "status", "reason_code"),
    [
        (found([0.001, 0.3]), "PASS", None),
        (found([0.0, 0.3]), "FAIL", "not_better_than_dummy"),
        (found([-0.1, 0.3]), "FAIL", "not_better_than_dummy"),
        (found([-0.3, -0.1]), "FAIL", "not_better_than_dummy"),
        (found([-0.3, -0.1], metric="rmse"), "PASS", None),
        (found([0.1, 0.3], metric="rmse"), "FAIL", "not_better_than_dummy"),
        (found([0.1, 0.3], n=29), "INSUFFICIENT_DATA", "too_few_rows"),
        (found([0.1, 0.3], smallest_class=4), "INSUFFICIENT_DATA", "too_few_of_a_class"),
        (found(None), "INSUFFICIENT_DATA", "no_interval"),
        (found(None, None), "INSUFFICIENT_DATA", "not_defined"),
    ],
)
def test_verdict(measured: dict[str, Any], status: str, reason_code: str | None) -> None:
    [record] = KIND.judge(BetterThanDummyParameters(), measured)
    assert (record.status, record.reason_code) == (status, reason_code)


@pytest.mark.parametrize("metric", [None, "accuracy", "f1", "brier", "log_loss", "mcc", "average_precision"])
async def test_a_model_that_has_learnt_passes_and_one_that_has_not_fails(tmp_path: Path, metric: str | None) -> None:
    document = builders.plan(checks=[{**CHECK, "metric": metric}])
    [good] = records(await tried(tmp_path, TRUE_MODEL, document), "d")
    [bad] = records(await tried(tmp_path, BLIND, document), "d")
    assert (good["status"], bad["status"]) == ("PASS", "FAIL")
    assert good["baseline_value"] == bad["baseline_value"]
    assert (good["parameters"]["rows"], good["seed"]) == (N, 7)


async def test_a_constant_model_is_the_dummy_itself(tmp_path: Path) -> None:
    [record] = records(await tried(tmp_path, BLIND, builders.plan(checks=[CHECK])), "d")
    assert (record["value"], record["ci"], record["baseline_value"]) == (0.0, [0.0, 0.0], 0.5)


async def test_several_classes_and_numbers_have_dummies_too(tmp_path: Path) -> None:
    weights = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]])
    classes = ["xyz"[number] for number in (FEATURES @ weights).argmax(axis=1)]
    plan = multiclass(CHECK, {**CHECK, "id": "k", "metric": "top_k_accuracy", "k": 2})
    good = await tried(tmp_path, onnx_models.softmax(weights), plan, rows(classes))
    bad = await tried(tmp_path, onnx_models.softmax(-weights), plan, rows(classes))
    assert [one["status"] for one in (*good.summaries(), *bad.summaries())] == ["PASS", "PASS", "FAIL", "FAIL"]
    assert records(good, "k")[0]["baseline_value"] > 0.5  # the two most frequent classes of three
    target = FEATURES @ np.array([2.0, -3.0])
    for weight, status in ((2.0, "PASS"), (-2.0, "FAIL")):
        result = await tried(tmp_path, onnx_models.linear([weight, -2.0 * weight]), builders.regression(CHECK), rows(target))
        [record] = records(result, "d")
        assert (record["status"], record["parameters"]["strategy"], record["metric"]) == (status, "mean", "rmse_difference")


def test_of_very_many_rows_a_sample_is_compared() -> None:
    n = 30_000
    labels = np.arange(n) % 2
    document = builders.plan(checks=[CHECK])
    inputs = Inputs(document, Files(b"", None, {}))
    vars(inputs)["data"] = Dataset(labels, {})
    vars(inputs)["predictions"] = Predictions(labels.astype(np.float64), None)
    facts = measure(document["checks"], inputs)["d"]
    assert (facts["n"], facts["parameters"]["rows"], facts["model"], facts["dummy"]) == (n, 20_000, 1.0, 0.5)


@pytest.mark.parametrize(
    ("parts", "complaint"), [({"metric": "mae"}, "checks.0.metric: one of roc_auc"), ({"than": "mean"}, "checks.0.than")]
)
def test_a_wrong_plan_is_refused_by_its_field(parts: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        builders.plan(checks=[{**CHECK, **parts}])
