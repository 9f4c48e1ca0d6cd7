"""A column that must move the score one way: models that do, that do not, and that do only in a part of the data."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.checks.kinds.direction import KIND, DirectionParameters

from .. import builders, onnx_models

RANDOM = np.random.default_rng(4)
ROWS = {"a": RANDOM.normal(0, 1, 300), "b": RANDOM.integers(0, 5, 300), "y": RANDOM.integers(0, 2, 300)}
UP, DOWN = "must_not_fall", "must_not_rise"


def direction(*columns: str, **parts: Any) -> dict[str, Any]:
    return {"id": "way", "check": "direction", "columns": list(columns), "score": UP, **parts}


def found(value: float | None = 0.96, failure: str | None = None, n: int = 30) -> dict[str, Any]:
    one = {"failure": failure, "n": n, "value": value, "ci": [0.9, 0.99], "raised_by": 1.0, "mean_move": 0.1, "first_wrong_rows": [3]}
    return {"seed": 7, "parameters": {"rows": n, "of": 300}, "columns": {"a": one}}


@pytest.mark.parametrize(
    ("measured", "status", "reason_code"),
    [
        (found(0.95), "PASS", None),
        (found(0.949), "FAIL", "wrong_direction"),
        (found(0.0, n=29), "INSUFFICIENT_DATA", "too_few_rows"),
        (found(None, n=0), "NOT_APPLICABLE", "column_is_constant"),
        (found(None, "prediction_failed"), "FAIL", "prediction_failed"),
    ],
)
def test_verdict(measured: dict[str, Any], status: str, reason_code: str | None) -> None:
    [record] = KIND.judge(DirectionParameters(columns=("a",), score="must_not_fall"), measured)
    assert (record.status, record.reason_code, record.slice) == (status, reason_code, "a")
    json.dumps(record.plain(), allow_nan=False)


@pytest.mark.parametrize(("score", "statuses"), [(UP, ["PASS", "FAIL"]), (DOWN, ["FAIL", "PASS"])])
async def test_a_score_follows_the_sign_of_its_weight(tmp_path: Path, score: str, statuses: list[str]) -> None:
    document = builders.plan(checks=[direction("a", "b", score=score)])
    one = (await builders.judged(tmp_path, onnx_models.logistic([2.0, -1.0]), builders.csv(ROWS), document))["way"]
    assert [record.status for record in one.records] == statuses
    assert [record.value for record in one.records] == [float(status == "PASS") for status in statuses]
    assert one.records[0].n == 299  # the row with the largest value can't be raised
    assert one.records[1].n == int((ROWS["b"] < 4).sum())
    assert one.records[0].parameters["mean_move"] > 0 > one.records[1].parameters["mean_move"]


async def test_a_column_without_weight_moves_nothing_and_passes_both_ways(tmp_path: Path) -> None:
    checks = [direction("b", score=score, id=name) for name, score in (("up", UP), ("down", DOWN))]
    seen = await builders.judged(tmp_path, onnx_models.logistic([1.0, 0.0]), builders.csv(ROWS), builders.plan(checks=checks))
    assert [one.status for one in seen.values()] == ["PASS", "PASS"]


async def test_a_wrong_move_within_the_slack_is_none(tmp_path: Path) -> None:
    for slack, status in ((10.0, "PASS"), (0.1, "FAIL")):
        document = builders.regression(direction("a", slack=slack))
        one = (await builders.judged(tmp_path, onnx_models.linear([-1.0, 0.0]), builders.csv(ROWS), document))["way"]
        assert one.status == status


async def test_a_constant_column_is_not_applicable(tmp_path: Path) -> None:
    data = builders.csv({**ROWS, "a": [1] * 300})
    one = (await builders.judged(tmp_path, onnx_models.logistic(), data, builders.plan(checks=[direction("a")])))["way"]
    assert one.status == "NOT_APPLICABLE"


async def test_of_several_classes_the_score_of_one_is_followed(tmp_path: Path) -> None:
    parts = {"task": "multiclass", "prediction": {"scores": "P", "classes": ["0", "1", "2"]}}
    model = onnx_models.softmax(np.array([[1.0, 0.0, -1.0], [0.0, 0.0, 0.0]]))
    checks = [direction("a", of_class=number, id=f"of_{number}") for number in (0, 2)]
    seen = await builders.judged(tmp_path, model, builders.csv(ROWS), builders.plan(checks=checks, **parts))
    assert [one.status for one in seen.values()] == ["PASS", "FAIL"]


@pytest.mark.parametrize(
    ("check", "field"),
    [
        (direction("income"), "columns"),
        (direction("a", "a"), "columns"),
        (direction("a", score="up"), "score"),
        (direction("a", of_class=1), "of_class"),
        (direction("a", by=0), "by"),
    ],
)
def test_a_wrong_plan_is_refused_by_its_field(check: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        builders.plan(checks=[check])


def test_texts_have_no_direction_and_several_classes_no_one_score() -> None:
    with pytest.raises(Malformed, match=r"checks\.0\.columns"):
        builders.plan(inputs=[{"name": "X", "columns": ["a"], "type": "string"}], checks=[direction("a")])
    parts = {"task": "multiclass", "prediction": {"scores": "P", "classes": ["0", "1", "2"]}}
    with pytest.raises(Malformed, match=r"checks\.0\.of_class"):
        builders.plan(checks=[direction("a")], **parts)
