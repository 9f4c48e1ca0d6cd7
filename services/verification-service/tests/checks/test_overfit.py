"""A model that is much better on its training data fails, beyond chance."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.checks.kinds.overfit import KIND, OverfitParameters

from .. import builders, onnx_models
from .tried import judged

TRAINING = {"sha256": builders.SHA}


def found(training: float | None = 0.9, evaluation: float | None = 0.7, ci: Any = (0.1, 0.3), **parts: Any) -> dict[str, Any]:
    facts = {"n": 500, "seed": 7, "same_data": False, "rows": [500, 500], "smallest_class": 200, "metric": "roc_auc", "parameters": {}}
    return {**facts, "training": training, "evaluation": evaluation, "ci": ci, **parts}


@pytest.mark.parametrize(
    ("measured", "status", "reason_code", "value"),
    [
        (found(), "FAIL", "overfit", 0.2),
        (found(0.8), "PASS", None, 0.1),
        (found(0.6), "PASS", None, -0.1),
        (found(ci=(0.0, 0.4)), "WARN", "inconclusive", 0.2),
        (found(10.0, 20.0, (-12.0, -8.0), metric="rmse"), "FAIL", "overfit", 0.5),
        (found(19.0, 20.0, (-3.0, 1.0), metric="rmse"), "PASS", None, 0.05),
        (found(0.0, 0.0, (0.0, 0.0), metric="rmse"), "PASS", None, 0.0),
        (found(0.1, 0.3, (-0.3, -0.1), metric="brier"), "FAIL", "overfit", 0.2),
        (found(same_data=True), "INSUFFICIENT_DATA", "evaluated_on_training_data", None),
        (found(rows=[29, 500]), "INSUFFICIENT_DATA", "too_few_rows", None),
        (found(smallest_class=4), "INSUFFICIENT_DATA", "too_few_of_a_class", None),
        (found(None, None, None), "INSUFFICIENT_DATA", "not_defined", None),
        (found(ci=None), "INSUFFICIENT_DATA", "no_interval", None),
        (found(smallest_class=None), "FAIL", "overfit", 0.2),
    ],
)
def test_a_gap_fails_beyond_its_threshold_and_beyond_chance(measured: dict[str, Any], status: str, reason_code: Any, value: Any) -> None:
    [record] = KIND.judge(OverfitParameters(), measured)
    assert (record.status, record.reason_code) == (status, reason_code)
    assert record.value == pytest.approx(value)
    assert record.ci is None or record.ci[0] <= record.ci[1]


def rows(seed: int, noise: float, *, regression: bool = False) -> bytes:
    random = np.random.default_rng(seed)
    a = random.normal(0, 1, 800)
    truth = a + random.normal(0, noise, 800)
    return builders.csv({"a": a.round(4), "b": [0] * 800, "y": truth.round(4) if regression else (truth > 0).astype(int)})


@pytest.mark.parametrize(("noise", "status"), [(1.0, "PASS"), (0.1, "FAIL")])
async def test_a_model_that_knows_its_training_data_better_fails(tmp_path: Path, noise: float, status: str) -> None:
    document = builders.plan(training=TRAINING, checks=[{"id": "overfit", "check": "overfit"}])
    further = {"training": rows(1, noise)}
    judgement = await judged(tmp_path, onnx_models.logistic((3.0, 0.0), 0.0), rows(2, 1.0), document, further)
    assert judgement.status == status


async def test_the_error_of_a_regression_is_compared_as_a_share(tmp_path: Path) -> None:
    document = builders.plan(
        task="regression", prediction={"scores": "P"}, training=TRAINING, checks=[{"id": "overfit", "check": "overfit", "gap": 0.4}]
    )
    further = {"training": rows(1, 0.5, regression=True)}
    judgement = await judged(tmp_path, onnx_models.linear((1.0, 0.0)), rows(2, 1.0, regression=True), document, further)
    assert (judgement.status, judgement.worst.metric) == ("FAIL", "rmse_gap")
    assert judgement.worst.value == pytest.approx(0.5, abs=0.05)


async def test_the_true_class_is_looked_for_among_the_k_best(tmp_path: Path) -> None:
    """The evaluation data are noise, and two of three classes hold the true one by chance as often as they are many."""
    check = {"id": "overfit", "check": "overfit", "metric": "top_k_accuracy", "k": 2}
    document = builders.plan(task="multiclass", prediction={"scores": "P", "classes": ["0", "1", "2"]}, training=TRAINING, checks=[check])
    random = np.random.default_rng(6)
    a = random.normal(0, 1, 900).round(4)
    known, noise = np.digitize(a, [-0.5, 0.5]), random.integers(0, 3, 900)
    model = onnx_models.softmax(np.array([[-1.0, 0.0, 1.0], [0.0, 0.0, 0.0]]))
    raw, training = (builders.csv({"a": a, "b": [0] * 900, "y": y}) for y in (noise, known))
    judgement = await judged(tmp_path, model, raw, document, {"training": training})
    assert (judgement.status, judgement.worst.parameters["training"]) == ("FAIL", 1.0)
    assert judgement.worst.parameters["evaluation"] == pytest.approx(2 / 3, abs=0.05)


async def test_the_same_data_twice_say_nothing(tmp_path: Path) -> None:
    raw = rows(2, 1.0)
    document = builders.plan(training=TRAINING, checks=[{"id": "overfit", "check": "overfit"}])
    judgement = await judged(tmp_path, onnx_models.logistic(), raw, document, {"training": raw})
    assert (judgement.status, judgement.worst.reason_code) == ("INSUFFICIENT_DATA", "evaluated_on_training_data")


@pytest.mark.parametrize(("parts", "field"), [({"metric": "rmse"}, "metric"), ({"gap": 0}, "gap"), ({"k": 2}, "k")])
def test_a_plan_that_can_not_be_meant_is_refused_by_its_field(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        builders.plan(training=TRAINING, checks=[{"id": "overfit", "check": "overfit", **parts}])


def test_a_plan_without_training_data_is_refused() -> None:
    with pytest.raises(Malformed, match=r"checks\.0\.check"):
        builders.plan(checks=[{"id": "overfit", "check": "overfit"}])
