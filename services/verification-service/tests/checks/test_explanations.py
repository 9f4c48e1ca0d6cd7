"""What columns add to the predictions of single rows: exact for a straight model, and never a verdict."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.checks.kinds.explanations import KIND, ExplanationsParameters

from .. import builders, onnx_models

RANDOM = np.random.default_rng(2)
ROWS = {"a": RANDOM.normal(0, 1, 60), "b": RANDOM.normal(0, 1, 60), "y": RANDOM.integers(0, 2, 60)}
SEVERAL = {"task": "multiclass", "prediction": {"scores": "P", "classes": ["red", "green", "blue"]}}


def explanations(**parts: Any) -> dict[str, Any]:
    return {"id": "why", "check": "explanations", **parts}


def found(**parts: Any) -> dict[str, Any]:
    contribution = {"column": "a", "value": 0.2, "standard_error": 0.01}
    facts = {"of_class": None, "prediction": 0.7, "base": 0.5, "gap": 0.0, "contributions": [contribution], "not_listed": 0}
    row = {"row": 3, "reason_code": None, "failure": None, **facts, **parts}
    return {"n": 60, "seed": 7, "parameters": {"background_rows": 60, "permutations": 50}, "rows": [row]}


@pytest.mark.parametrize(
    ("measured", "status", "reason_code"),
    [
        (found(), "PASS", None),
        (found(failure="prediction_failed"), "WARN", "prediction_failed"),
        (found(reason_code="row_not_in_data"), "NOT_APPLICABLE", "row_not_in_data"),
    ],
)
def test_there_is_no_verdict_against_the_model(measured: dict[str, Any], status: str, reason_code: str | None) -> None:
    [record] = KIND.judge(ExplanationsParameters(), measured)
    assert (record.status, record.reason_code, record.slice) == (status, reason_code, "row 3")
    json.dumps(record.plain(), allow_nan=False)


async def test_contributions_add_up_to_the_prediction(tmp_path: Path) -> None:
    document = builders.regression(explanations(rows=[2, 60, 61]))
    one = (await builders.judged(tmp_path, onnx_models.linear([2.0, -0.5]), builders.csv(ROWS), document))["why"]
    second, last, beyond = one.records
    assert (beyond.status, beyond.reason_code) == ("NOT_APPLICABLE", "row_not_in_data")
    for record, number in ((second, 1), (last, 59)):
        assert record.status == "PASS"
        assert record.value == pytest.approx(2 * ROWS["a"][number] - 0.5 * ROWS["b"][number], abs=1e-5)
        of = {entry["column"]: entry for entry in record.parameters["contributions"]}
        for name, weight in (("a", 2.0), ("b", -0.5)):
            expected = weight * (ROWS[name][number] - ROWS[name].mean())
            assert abs(of[name]["value"] - expected) < 5 * of[name]["standard_error"]
        total = sum(entry["value"] for entry in of.values())
        assert (record.value or 0.0) - (record.baseline_value or 0.0) - total == pytest.approx(record.parameters["gap"], abs=1e-6)


async def test_of_several_classes_the_one_that_is_predicted_is_explained(tmp_path: Path) -> None:
    model = onnx_models.softmax(np.array([[1.0, 0.0, -1.0], [0.0, 0.0, 0.0]]))
    data = builders.csv({"a": [3.0, -3.0, 0.1], "b": [0, 0, 0], "y": ["red", "blue", "green"]})
    document = builders.plan(checks=[explanations(rows=[1, 2]), explanations(id="named", rows=[1], of_class="blue")], **SEVERAL)
    seen = await builders.judged(tmp_path, model, data, document)
    assert [record.parameters["of_class"] for record in seen["why"].records] == ["red", "blue"]
    assert all((record.value or 0.0) > 0.9 for record in seen["why"].records)
    assert (seen["named"].records[0].value or 1.0) < 0.1


@pytest.mark.parametrize(
    ("parts", "field"),
    [({"rows": [1, 1]}, "rows"), ({"rows": [0]}, "rows"), ({"rows": []}, "rows"), ({"of_class": 1}, "of_class")],
)
def test_a_wrong_plan_is_refused_by_its_field(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        builders.plan(checks=[explanations(**parts)])
