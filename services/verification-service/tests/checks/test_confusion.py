"""`confusion`: evidence that agrees with scikit-learn and never fails a run."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference

from placet_shared.errors import Malformed
from placet_verification.adapters.evaluation.dataset import Dataset
from placet_verification.adapters.evaluation.inputs import Files, Inputs
from placet_verification.adapters.evaluation.measures.confusion import measure
from placet_verification.adapters.evaluation.prediction import Predictions
from placet_verification.checks.kinds.confusion import KIND, ConfusionParameters

from .. import builders, onnx_models
from .data import FEATURES, LABELS, TRUE_MODEL, WRONG_MODEL, N, multiclass, records, rows, tried

CHECK = {"id": "c", "check": "confusion"}
SCORES = 1 / (1 + np.exp(-(FEATURES @ np.array([2.0, -1.0]))))


def evidence(document: dict[str, Any], labels: Any, scores: Any) -> dict[str, Any]:
    inputs = Inputs(document, Files(b"", None, {}))
    vars(inputs)["data"] = Dataset(np.asarray(labels), {})
    vars(inputs)["predictions"] = Predictions(np.asarray(scores, dtype=np.float64), None)
    [record] = KIND.judge(ConfusionParameters(), measure(document["checks"], inputs)["c"])
    assert record.status == "PASS"
    json.dumps(record.plain(), allow_nan=False)
    return dict(record.parameters)


async def test_a_good_and_a_bad_model_pass_with_what_scikit_learn_counts(tmp_path: Path) -> None:
    document = builders.plan(checks=[CHECK])
    [good] = records(await tried(tmp_path, TRUE_MODEL, document), "c")
    [bad] = records(await tried(tmp_path, WRONG_MODEL, document), "c")
    assert (good["status"], bad["status"]) == ("PASS", "PASS")
    assert good["value"] > 0.7 > 0.5 > bad["value"]
    matrix = good["parameters"]["matrix"]
    assert matrix == {"classes": ["0", "1"], "counts": reference.confusion_matrix(LABELS, SCORES >= 0.5).tolist()}
    [curve] = good["parameters"]["curves"]
    fpr, tpr = np.array(curve["roc"]).T
    assert (curve["class"], np.trapezoid(tpr, fpr)) == ("1", pytest.approx(reference.roc_auc_score(LABELS, SCORES), abs=2e-3))
    assert curve["precision_recall"][-1] == [1, pytest.approx(LABELS.mean())]
    assert [sum(part["counts"]) for part in good["parameters"]["histogram"]["of"]] == [N - LABELS.sum(), LABELS.sum()]


async def test_several_classes_have_a_curve_each(tmp_path: Path) -> None:
    weights = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]])
    numbers = (FEATURES @ weights).argmax(axis=1)
    result = await tried(tmp_path, onnx_models.softmax(weights), multiclass(CHECK), rows(["xyz"[number] for number in numbers]))
    [record] = records(result, "c")
    assert record["parameters"]["matrix"]["counts"] == np.diag(np.bincount(numbers)).tolist()
    assert [curve["class"] for curve in record["parameters"]["curves"]] == ["x", "y", "z"]
    assert [sum(part["counts"]) for part in record["parameters"]["histogram"]["of"]] == [0, N]


def test_of_very_many_classes_the_most_frequent_are_listed() -> None:
    classes = [f"c{number}" for number in range(1000)]
    document = builders.plan(task="multiclass", prediction={"scores": "P", "classes": classes}, checks=[CHECK])
    labels = np.concatenate([np.arange(1000), np.repeat(np.arange(900, 930), 3)])
    found = evidence(document, labels, np.eye(1000)[labels])
    assert found["matrix"]["classes"] == [*classes[900:930], "others"]
    assert np.trace(found["matrix"]["counts"]) == np.sum(found["matrix"]["counts"]) == len(labels)
    assert found["matrix"]["counts"][-1][-1] == 970
    assert len(found["curves"]) == 10
    assert len(json.dumps(found)) < 65536


@pytest.mark.parametrize(("labels", "scores"), [([1], [0.7]), ([0, 0], [0.2, 0.2]), ([1, 1], [-5.0, 9.0])])
def test_one_class_has_no_roc_curve_and_no_nan(labels: list[int], scores: list[float]) -> None:
    [curve] = evidence(builders.plan(checks=[CHECK]), labels, scores)["curves"]
    assert curve["roc"] is None


def test_a_positive_class_that_comes_first_has_the_curve() -> None:
    document = builders.plan(prediction={"scores": "P", "classes": ["bad", "good"], "positive": "bad"}, checks=[CHECK])
    found = evidence(document, [0, 0, 1, 1], [0.9, 0.8, 0.2, 0.1])
    assert found["curves"][0]["class"] == "bad"
    assert [0, 1] in found["curves"][0]["roc"]
    assert found["matrix"]["counts"] == [[2, 0], [0, 2]]


def test_a_regression_confuses_nothing() -> None:
    with pytest.raises(Malformed, match=r"checks\.0\.check: a check of a binary or multiclass task"):
        builders.regression(CHECK)
    with pytest.raises(Malformed, match=r"checks\.0\.bins"):
        builders.plan(checks=[{**CHECK, "bins": 5}])
