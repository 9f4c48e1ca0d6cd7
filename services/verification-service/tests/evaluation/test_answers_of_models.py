"""Whatever form a model answers in, the same predictions are measured."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_verification.domain.result import Evaluation
from placet_verification.ports import Refusal, Report

from .. import builders, onnx_models
from ..builders import check

CHECKS = [check("roc_auc"), check("accuracy")]


async def values(folder: Path, model: bytes, **prediction: Any) -> list[float | None]:
    document = builders.plan(prediction={"scores": "P", "classes": ["0", "1"], "positive": "1", **prediction}, checks=CHECKS)
    return measured(await builders.try_out(folder, model, builders.labelled_rows(), document), document)


def measured(report: Report, document: dict[str, Any]) -> list[float | None]:
    """The values in the plan's order."""
    assert isinstance(report.finding, Evaluation), report.finding
    return [report.finding.measured[entry["id"]]["value"] for entry in document["checks"]]


async def test_a_column_two_columns_and_maps_say_the_same(tmp_path: Path) -> None:
    expected = await values(tmp_path, onnx_models.logistic([4.0, -2.0], 0.2))
    assert await values(tmp_path, onnx_models.classifier(zip_map=False)) == expected
    assert await values(tmp_path, onnx_models.classifier(zip_map=True)) == expected
    assert await values(tmp_path, onnx_models.classifier(zip_map=True), labels="label") == expected


async def test_an_output_that_the_model_does_not_have_is_refused(tmp_path: Path) -> None:
    document = builders.plan(prediction={"scores": "nothing", "classes": ["0", "1"], "positive": "1"})
    report = await builders.try_out(tmp_path, onnx_models.logistic(), builders.labelled_rows(), document)
    assert report.finding == Refusal("signature_mismatch", {"output": "nothing", "found": "P"})


async def test_several_classes_and_a_number_are_tried_too(tmp_path: Path) -> None:
    rows = np.random.default_rng(3).normal(size=(3000, 2)).round(3)
    best = (rows @ np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]])).argmax(axis=1)
    columns = {"a": rows[:, 0], "b": rows[:, 1]}
    several = builders.plan(
        task="multiclass",
        prediction={"scores": "P", "classes": ["x", "y", "z"]},
        checks=[check("f1_macro"), check("top_k_accuracy", k=2)],
    )
    model = onnx_models.softmax(np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]]))
    report = await builders.try_out(tmp_path, model, builders.csv({**columns, "y": ["xyz"[number] for number in best]}), several)
    assert measured(report, several) == [1.0, 1.0]
    exact = builders.csv({**columns, "y": rows @ np.array([2.0, -3.0])})
    number = builders.regression(check("r2"), check("mae", 1e-5))
    report = await builders.try_out(tmp_path, onnx_models.linear([2.0, -3.0]), exact, number)
    # the measured value itself; judging rounds to nine digits
    r2, mae = measured(report, number)
    assert r2 == pytest.approx(1.0, abs=1e-9)
    assert mae is not None
    assert mae < 1e-5
