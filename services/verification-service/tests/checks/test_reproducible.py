"""`reproducible`: a model that draws, or looks at the rows beside one, does not predict the same again."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.adapters.evaluation.dataset import Dataset
from placet_verification.adapters.evaluation.inputs import Files, Inputs
from placet_verification.adapters.evaluation.measures.reproducible import ROWS, measure
from placet_verification.adapters.evaluation.sessions.onnx_session import open_session
from placet_verification.checks.kinds.reproducible import KIND, ReproducibleParameters

from .. import builders, onnx_models
from .data import FEATURES, TRUE_MODEL, N, multiclass, records, rows, tried

CHECK = {"id": "r", "check": "reproducible"}


def counted(decisions: int = 0, scores: int = 0) -> dict[str, int]:
    return {"decisions": decisions, "scores": scores, "rows": max(decisions, scores), "of_rows": 500, "batch": 97}


@pytest.mark.parametrize(
    ("again", "other", "verdicts"),
    [
        (counted(), counted(), [("PASS", None), ("PASS", None)]),
        (counted(1), counted(), [("FAIL", "decisions_differ"), ("PASS", None)]),
        (counted(), counted(0, 1), [("PASS", None), ("FAIL", "scores_differ")]),
        (counted(), None, [("PASS", None), ("NOT_APPLICABLE", "fixed_batch_size")]),
    ],
)
def test_verdict(again: Any, other: Any, verdicts: list[Any]) -> None:
    judged = KIND.judge(ReproducibleParameters(), {"n": 500, "again": again, "other_batch_size": other})
    assert [(record.status, record.reason_code) for record in judged] == verdicts


@pytest.mark.parametrize(
    ("model", "statuses"),
    [
        (TRUE_MODEL, ["PASS", "PASS"]),
        (onnx_models.drawing(), ["FAIL", "FAIL"]),
        (onnx_models.of_its_batch(), ["PASS", "FAIL"]),
        (onnx_models.of_company(), ["PASS", "FAIL"]),
        (onnx_models.of_batches_of(N), ["PASS", "NOT_APPLICABLE"]),
        (onnx_models.of_batches_of(50), ["PASS", "NOT_APPLICABLE"]),
        (onnx_models.classifier(zip_map=True), ["PASS", "PASS"]),
    ],
    ids=["honest", "drawing", "of its batch", "of company", "of all rows", "of 50 rows", "maps"],
)
async def test_a_model_is_as_reproducible_as_it_is(tmp_path: Path, model: bytes, statuses: list[str]) -> None:
    found = records(await tried(tmp_path, model, builders.plan(checks=[CHECK])), "r")
    assert [record["status"] for record in found] == statuses
    assert [record["value"] == 0 for record in found if record["value"] is not None] == [
        status == "PASS" for status in statuses if status != "NOT_APPLICABLE"
    ]


@pytest.mark.parametrize("model", [onnx_models.of_its_batch(), onnx_models.of_company()], ids=["of its batch", "of company"])
async def test_rows_that_all_fit_into_one_batch_are_predicted_alone_too(tmp_path: Path, model: bytes) -> None:
    found = records(await tried(tmp_path, model, builders.plan(checks=[CHECK]), builders.labelled_rows(60)), "r")
    assert [record["status"] for record in found] == ["PASS", "FAIL"]


async def test_several_classes_and_numbers_are_predicted_again(tmp_path: Path) -> None:
    weights = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]])
    classes = ["xyz"[number] for number in (FEATURES @ weights).argmax(axis=1)]
    result = await tried(tmp_path, onnx_models.softmax(weights), multiclass(CHECK), rows(classes))
    assert result.outcome == "passed"
    for model, outcome in ((onnx_models.linear([1.0, 2.0]), "passed"), (onnx_models.drawing(), "failed")):
        assert (await tried(tmp_path, model, builders.regression(CHECK), rows(FEATURES[:, 0]))).outcome == outcome


@pytest.mark.parametrize("model", [TRUE_MODEL, onnx_models.of_batches_of(300)], ids=["any batch", "of 300 rows"])
def test_of_very_many_rows_the_first_are_predicted_again(model: bytes) -> None:
    n = 30_000
    document = builders.plan(checks=[CHECK])
    inputs = Inputs(document, Files(model, None, {}))
    random = np.random.default_rng(1)
    vars(inputs)["data"] = Dataset(random.integers(0, 2, n), {"X": random.normal(size=(n, 2)).astype(np.float32)})
    vars(inputs)["session"] = open_session(model, document)
    found = measure(document["checks"], inputs)["r"]
    assert 0.9 * ROWS < found["n"] <= ROWS
    assert found["again"] == {**found["again"], "rows": 0, "of_rows": n}


@pytest.mark.parametrize(("parts", "complaint"), [({"tolerance": -1}, "checks.0.tolerance"), ({"times": 3}, "checks.0.times")])
def test_a_wrong_plan_is_refused_by_its_field(parts: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        builders.plan(checks=[{**CHECK, **parts}])
