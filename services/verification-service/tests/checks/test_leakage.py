"""A column that tells the target by itself fails, by name; one that only helps does not."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.checks.kinds.leakage import KIND, LeakageParameters

from .. import builders, onnx_models
from .tried import judged

N = 600


def wanted(**parts: Any) -> LeakageParameters:
    return LeakageParameters.model_validate(parts)


def found(*values: float | None, rows: int = 500, **parts: Any) -> dict[str, Any]:
    facts = {"n": 5000, "rows": rows, "seed": 7, "n_positive": 200, "smallest_class": 200, "metric": "column_auc", **parts}
    return {**facts, "columns": [{"column": name, "value": value} for name, value in zip("abc", values, strict=False)]}


@pytest.mark.parametrize(
    ("parameters", "measured", "status", "reason_code", "slices"),
    [
        ({}, found(0.98, 0.7), "PASS", None, []),
        ({}, found(0.7, 0.981, 0.99), "FAIL", "column_tells_the_target", ["c", "b"]),
        ({"allow": ["b"]}, found(0.7, 0.99), "PASS", None, []),
        ({"threshold": 0.6}, found(0.7), "FAIL", "column_tells_the_target", ["a"]),
        ({}, found(None, None), "INSUFFICIENT_DATA", "not_defined", []),
        ({}, found(None, 0.7), "PASS", None, []),
        ({}, found(0.99, rows=99), "INSUFFICIENT_DATA", "too_few_rows", []),
        ({}, found(0.99, smallest_class=9), "INSUFFICIENT_DATA", "too_few_of_a_class", []),
        ({}, found(0.99, n_positive=None, smallest_class=0), "FAIL", "column_tells_the_target", ["a"]),
        ({}, found(0.99, n_positive=None, smallest_class=None), "FAIL", "column_tells_the_target", ["a"]),
    ],
)
def test_each_column_above_the_threshold_fails(parameters: Any, measured: Any, status: str, reason_code: Any, slices: list[str]) -> None:
    head, *others = KIND.judge(wanted(**parameters), measured)
    assert (head.status, head.reason_code) == (status, reason_code)
    assert [record.slice for record in others] == slices


def rows(task: str, *, leaks: bool) -> bytes:
    random = np.random.default_rng(4)
    a = random.normal(0, 1, N)
    number = a + random.normal(0, 1, N)
    y = {"binary": (number > 0).astype(int), "multiclass": np.digitize(number, [-1, 1]), "regression": number.round(4)}[task]
    b = y + random.normal(0, 0.05, N) if leaks else random.normal(0, 1, N)
    return builders.csv({"a": a.round(4), "b": b.round(4), "y": y})


CHECKS = [{"id": "leakage", "check": "leakage"}]
PLANS = {
    "binary": builders.plan(checks=CHECKS),
    "multiclass": builders.plan(task="multiclass", prediction={"scores": "P", "classes": ["0", "1", "2"]}, checks=CHECKS),
    "regression": builders.regression(*CHECKS),
}
MODELS = {
    "binary": onnx_models.logistic(),
    "multiclass": onnx_models.softmax(np.array([[-1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])),
    "regression": onnx_models.linear((1.0, 0.0)),
}


@pytest.mark.parametrize("task", PLANS)
@pytest.mark.parametrize("leaks", [False, True])
async def test_a_column_made_of_the_target_fails(tmp_path: Path, task: str, leaks: bool) -> None:
    judgement = await judged(tmp_path, MODELS[task], rows(task, leaks=leaks), PLANS[task])
    assert judgement.status == ("FAIL" if leaks else "PASS")
    assert [record.slice for record in judgement.records[1:]] == (["b"] if leaks else [])


@pytest.mark.parametrize(
    ("parts", "field"), [({"allow": ["z"]}, "allow"), ({"allow": ["a", "a"]}, "allow"), ({"threshold": 2}, "threshold")]
)
def test_a_plan_that_can_not_be_meant_is_refused_by_its_field(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        builders.plan(checks=[{"id": "leakage", "check": "leakage", **parts}])
