"""Whatever form a model answers in, the same predictions are measured."""

from pathlib import Path
from typing import Any

import numpy as np

from placet_verification.domain.result import Evaluation
from placet_verification.ports import Refusal

from .. import builders, onnx_models
from ..builders import check

CHECKS = [check("roc_auc"), check("accuracy")]


async def values(folder: Path, model: bytes, **prediction: Any) -> list[float | None]:
    document = builders.plan(prediction={"scores": "P", "classes": ["0", "1"], "positive": "1", **prediction}, checks=CHECKS)
    report = await builders.try_out(folder, model, builders.labelled_rows(), document)
    assert isinstance(report.finding, Evaluation), report.finding
    return [measurement.value for measurement in report.finding.measurements]


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
    assert isinstance(report.finding, Evaluation)
    assert [measurement.value for measurement in report.finding.measurements] == [1.0, 1.0]
    exact = builders.csv({**columns, "y": rows @ np.array([2.0, -3.0])})
    number = await builders.try_out(
        tmp_path, onnx_models.linear([2.0, -3.0]), exact, builders.regression(check("r2"), check("mae", 1e-5, "<="))
    )
    assert isinstance(number.finding, Evaluation)
    assert number.finding.measurements[0].value == 1.0
