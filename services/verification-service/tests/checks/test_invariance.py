"""A column that must not matter: one that the model weighs, one that it does not."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.checks.kinds.invariance import KIND, InvarianceParameters

from .. import builders, onnx_models

RANDOM = np.random.default_rng(9)
ROWS = {"a": RANDOM.normal(0, 1, 400), "b": RANDOM.integers(0, 2, 400), "y": RANDOM.integers(0, 2, 400)}


def invariance(*columns: str, **parts: Any) -> dict[str, Any]:
    return {"id": "fixed", "check": "invariance", "columns": list(columns), **parts}


def found(value: float | None = 0.96, failure: str | None = None, n: int = 30) -> dict[str, Any]:
    one = {"failure": failure, "value": value, "ci": [0.9, 0.99], "values": [0, 1], "first_changed_rows": [3]}
    return {"n": n, "seed": 7, "parameters": {"rows": n, "of": 400}, "columns": {"b": one}}


@pytest.mark.parametrize(
    ("measured", "status", "reason_code"),
    [
        (found(0.95), "PASS", None),
        (found(0.949), "FAIL", "decisions_changed"),
        (found(0.0, n=29), "INSUFFICIENT_DATA", "too_few_rows"),
        (found(None), "NOT_APPLICABLE", "column_is_constant"),
        (found(None, "prediction_failed"), "FAIL", "prediction_failed"),
    ],
)
def test_verdict(measured: dict[str, Any], status: str, reason_code: str | None) -> None:
    [record] = KIND.judge(InvarianceParameters(columns=("b",)), measured)
    assert (record.status, record.reason_code, record.slice) == (status, reason_code, "b")
    json.dumps(record.plain(), allow_nan=False)


async def test_a_column_without_weight_passes_and_one_with_weight_fails(tmp_path: Path) -> None:
    model = onnx_models.logistic([0.0, 6.0], -3.0)  # decides by `b` alone
    one = (await builders.judged(tmp_path, model, builders.csv(ROWS), builders.plan(checks=[invariance("a", "b")])))["fixed"]
    assert [(record.slice, record.status, record.value) for record in one.records] == [("a", "PASS", 1.0), ("b", "FAIL", 0.0)]
    assert one.records[1].parameters["values"] == [0.0, 1.0]
    assert one.records[1].parameters["first_changed_rows"] == list(range(1, 21))


@pytest.mark.parametrize("tolerance", [0.1, 0.0])
async def test_predictions_whose_squares_overflow_have_a_deviation_all_the_same(tmp_path: Path, tolerance: float) -> None:
    document = builders.regression(invariance("a", "b", tolerance=tolerance))
    one = (await builders.judged(tmp_path, onnx_models.enormous(), builders.csv(ROWS), document))["fixed"]
    assert [(record.slice, record.status) for record in one.records] == [("a", "FAIL"), ("b", "PASS")]


async def test_the_share_that_stays_is_that_of_the_rows_that_no_value_turns(tmp_path: Path) -> None:
    model = onnx_models.logistic([1.0, 0.5], 0.0)  # `b` turns those with −0.5 < a < 0
    turned = float(((ROWS["a"] > -0.5) & (ROWS["a"] < 0)).mean())
    document = builders.plan(checks=[invariance("b", share=0.5)])
    [record] = (await builders.judged(tmp_path, model, builders.csv(ROWS), document))["fixed"].records
    assert record.status == "PASS"
    assert record.value == pytest.approx(1 - turned)


async def test_a_constant_column_is_not_applicable(tmp_path: Path) -> None:
    data = builders.csv({**ROWS, "b": [1] * 400})
    one = (await builders.judged(tmp_path, onnx_models.logistic(), data, builders.plan(checks=[invariance("b")])))["fixed"]
    assert one.records[0].reason_code == "column_is_constant"


async def test_a_regression_may_move_within_the_tolerance(tmp_path: Path) -> None:
    for tolerance, status in ((1.5, "PASS"), (0.5, "FAIL")):
        document = builders.regression(invariance("b", tolerance=tolerance))
        one = (await builders.judged(tmp_path, onnx_models.linear([1.0, 1.0]), builders.csv(ROWS), document))["fixed"]
        assert one.status == status


@pytest.mark.parametrize(
    ("check", "field"),
    [
        (invariance("income"), "columns"),
        (invariance("a", "a"), "columns"),
        (invariance(), "columns"),
        (invariance("a", share=0), "share"),
        (invariance("a", values=0), "values"),
    ],
)
def test_a_wrong_plan_is_refused_by_its_field(check: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        builders.plan(checks=[check])
