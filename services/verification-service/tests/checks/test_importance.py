"""How much the metric needs each column: one that the model weighs, one that it does not, two that are one, and one that decides alone."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.checks.kinds.importance import KIND, ImportanceParameters

from .. import builders, onnx_models

RANDOM = np.random.default_rng(8)


def importance(**parts: Any) -> dict[str, Any]:
    return {"id": "needs", "check": "importance", **parts}


def rows(n: int = 600, alike: bool = False) -> bytes:
    a, b = RANDOM.normal(0, 1, (2, n))
    return builders.csv({"a": a, "b": a + RANDOM.normal(0, 0.01, n) if alike else b, "y": (a + RANDOM.normal(0, 0.5, n) > 0).astype(int)})


def found(share: float = 0.81, drop: float = 0.3, others: int = 1, **parts: Any) -> dict[str, Any]:
    one = {"columns": ["a"], "drop": drop, "deviation": 0.01, "share": share}
    rest = [{"columns": ["b"], "drop": 0.0, "deviation": 0.0, "share": 1 - share}] * others
    whole = {"failure": None, "metric": "roc_auc", "metric_value": 0.9, "n": 600, "seed": 7, "parameters": {"rows": 600}}
    return {**whole, "columns": [one, *rest], **parts}


@pytest.mark.parametrize(
    ("most", "measured", "status", "reason_code"),
    [
        (None, found(), "PASS", None),
        (0.8, found(), "FAIL", "one_column_decides"),
        (0.8, found(0.8), "PASS", None),
        (0.8, found(1.0, drop=0.02), "PASS", None),
        (0.8, found(1.0, others=0), "PASS", None),
        (None, found(failure="prediction_failed"), "WARN", "prediction_failed"),
        (0.8, found(failure="prediction_failed"), "FAIL", "prediction_failed"),
        (None, found(metric_value=None), "NOT_APPLICABLE", "not_defined"),
        (0.8, found(metric_value=None), "INSUFFICIENT_DATA", "not_defined"),
    ],
)
def test_verdict(most: float | None, measured: dict[str, Any], status: str, reason_code: str | None) -> None:
    record, *_ = KIND.judge(ImportanceParameters(most=most), measured)
    assert (record.status, record.reason_code) == (status, reason_code)
    json.dumps(record.plain(), allow_nan=False)


async def test_the_column_that_the_model_weighs_comes_first(tmp_path: Path) -> None:
    model = onnx_models.logistic([3.0, 0.0])
    checks = [importance(), importance(id="bounded", most=0.8), importance(id="by_decisions", metric="f1")]
    seen = await builders.judged(tmp_path, model, rows(), builders.plan(checks=checks))
    first, second = seen["needs"].records
    assert (first.slice, first.status, second.slice, second.value) == ("a", "PASS", "b", 0.0)
    assert first.value is not None
    assert first.value > 0.3
    assert first.parameters["share"] == 1.0
    assert seen["bounded"].worst.reason_code == "one_column_decides"
    assert seen["by_decisions"].records[0].metric == "f1_drop"
    assert (seen["by_decisions"].records[0].value or 0.0) > 0.2


async def test_columns_that_are_correlated_are_permuted_as_one(tmp_path: Path) -> None:
    one = (await builders.judged(tmp_path, onnx_models.logistic([1.0, 1.0]), rows(alike=True), builders.plan(checks=[importance()])))[
        "needs"
    ]
    assert [record.slice for record in one.records] == ["a, b"]


async def test_a_rise_of_the_error_of_a_regression_is_a_drop(tmp_path: Path) -> None:
    one = (await builders.judged(tmp_path, onnx_models.linear([1.0, 0.0]), rows(), builders.regression(importance())))["needs"]
    assert [(record.slice, (record.value or 0.0) > 0.1) for record in one.records] == [("a", True), ("b", False)]
    assert (one.records[0].baseline_value or 0.0) > 0


async def test_of_several_classes_decisions_are_what_counts(tmp_path: Path) -> None:
    y = RANDOM.integers(0, 3, 600)
    data = builders.csv({"a": np.where(y == 1, 9.0, -9.0), "b": np.where(y == 2, 9.0, -9.0), "y": y})
    model = onnx_models.softmax(np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))
    parts = {"task": "multiclass", "prediction": {"scores": "P", "classes": ["0", "1", "2"]}}
    one = (await builders.judged(tmp_path, model, data, builders.plan(checks=[importance(most=0.8)], **parts)))["needs"]
    assert one.status == "PASS"
    assert one.records[0].baseline_value == 1.0
    assert all((record.value or 0.0) > 0.1 for record in one.records)


async def test_a_metric_below_zero_is_shown_as_it_is(tmp_path: Path) -> None:
    document = builders.regression(importance(metric="r2"))
    one = (await builders.judged(tmp_path, onnx_models.linear([-9.0, 0.0]), rows(), document))["needs"]
    assert (one.records[0].baseline_value or 0.0) < 0


@pytest.mark.parametrize(
    ("parts", "field"), [({"metric": "rmse"}, "metric"), ({"metric": "mape"}, "metric"), ({"most": 1}, "most"), ({"repeats": 0}, "repeats")]
)
def test_a_wrong_plan_is_refused_by_its_field(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        builders.plan(checks=[importance(**parts)])
