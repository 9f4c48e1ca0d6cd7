"""Curves of the model's answers: straight where the model is, flat where a column has no weight, and never a verdict."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.checks.kinds.dependence import KIND, DependenceParameters

from .. import builders, onnx_models

RANDOM = np.random.default_rng(6)
ROWS = {"a": RANDOM.normal(0, 1, 700), "b": RANDOM.normal(0, 1, 700), "y": RANDOM.integers(0, 2, 700)}
SEVERAL = {"task": "multiclass", "prediction": {"scores": "P", "classes": ["red", "green", "blue"]}}


def dependence(**parts: Any) -> dict[str, Any]:
    return {"id": "curves", "check": "dependence", **parts}


def found(**parts: Any) -> dict[str, Any]:
    curve = {"values": [0.0, 1.0], "mean": [0.2, 0.6], "low": [0.1, 0.5], "high": [0.3, 0.7], "single": [[0.2, 0.6]]}
    column = {"name": "a", "reason_code": None, **curve}
    return {"failure": None, "n": 500, "seed": 7, "parameters": {"rows": 500, "of": 700}, "columns": [column], **parts}


@pytest.mark.parametrize(
    ("measured", "status", "reason_code"),
    [
        (found(), "PASS", None),
        (found(failure="prediction_not_finite"), "WARN", "prediction_not_finite"),
        (found(columns=[{"name": "a", "reason_code": "no_known_value"}]), "NOT_APPLICABLE", "no_known_value"),
    ],
)
def test_there_is_no_verdict_against_the_model(measured: dict[str, Any], status: str, reason_code: str | None) -> None:
    [record] = KIND.judge(DependenceParameters(), measured)
    assert (record.status, record.reason_code) == (status, reason_code)
    json.dumps(record.plain(), allow_nan=False)


async def test_the_curve_of_a_straight_model_is_straight(tmp_path: Path) -> None:
    document = builders.regression(dependence())
    one = (await builders.judged(tmp_path, onnx_models.linear([2.0, 0.0]), builders.csv(ROWS), document))["curves"]
    a, b = one.records
    assert (a.slice, a.status, b.slice, b.value) == ("a", "PASS", "b", 0.0)
    values, mean = np.array(a.parameters["values"]), np.array(a.parameters["mean"])
    assert len(values) <= 21
    np.testing.assert_allclose(mean, 2 * values, atol=1e-5)
    assert a.value == pytest.approx(2 * (values.max() - values.min()), rel=1e-5)
    assert a.parameters["rows"] == 500
    assert len(a.parameters["single"]) == 10


async def test_of_many_columns_the_six_most_important_are_shown(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(9)]
    columns = {name: RANDOM.normal(0, 1, 400) for name in names}
    weights = [float(number) for number in range(9)]  # the later, the heavier
    target = sum((weight * columns[name] for weight, name in zip(weights, names, strict=True)), start=np.zeros(400))
    parts = {"task": "regression", "prediction": {"scores": "P"}, "inputs": [{"name": "X", "columns": names}]}
    document = builders.plan(checks=[dependence()], **parts)
    one = (await builders.judged(tmp_path, onnx_models.linear(weights), builders.csv({**columns, "y": target}), document))["curves"]
    assert {record.slice for record in one.records} == set(names[3:])


async def test_of_several_classes_the_score_of_one_is_shown(tmp_path: Path) -> None:
    model = onnx_models.softmax(np.array([[1.0, 0.0, -1.0], [0.0, 0.0, 0.0]]))
    data = builders.csv({**ROWS, "y": ["red", "blue"] * 350})
    for name, rises in ((None, True), ("red", True), ("blue", False)):
        document = builders.plan(checks=[dependence(columns=["a"], of_class=name)], **SEVERAL)
        [record] = (await builders.judged(tmp_path, model, data, document))["curves"].records
        assert (record.parameters["mean"][-1] > record.parameters["mean"][0]) == rises


@pytest.mark.parametrize(
    ("parts", "field"), [({"columns": ["income"]}, "columns"), ({"columns": ["a", "a"]}, "columns"), ({"of_class": 1}, "of_class")]
)
def test_a_wrong_plan_is_refused_by_its_field(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        builders.plan(checks=[dependence(**parts)])
