"""Rows that a person gives: predicted, explained against the plan's data, and changed as little as would change the answer."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_verification.adapters.evaluation.statistics.counterfactual import EVALUATIONS
from placet_verification.api.trial_models import TriedRows
from placet_verification.domain.result import Evaluation
from placet_verification.ports import Refusal
from placet_verification.workers.row_trial_worker import MEASURE, ROWS

from .. import builders, onnx_models

RANDOM = np.random.default_rng(4)
DATA = {"a": RANDOM.normal(0, 1, 400).round(3), "b": RANDOM.normal(0, 1, 400).round(3), "y": RANDOM.integers(0, 2, 400)}


def answered(folder: Path, model: bytes, document: dict[str, Any], *rows: dict[str, Any], data: dict[str, Any] = DATA) -> list[Any]:
    """Measured here, in the form of the API."""
    found = tried(folder, model, document, *rows, data=data)
    assert isinstance(found, Evaluation), found
    return TriedRows.model_validate(found.measured[ROWS], strict=True).rows


def tried(folder: Path, model: bytes, document: dict[str, Any], *rows: dict[str, Any], data: dict[str, Any] = DATA) -> Evaluation | Refusal:
    trial = builders.trial(folder, model, builders.csv(data), document)
    wanted = {**document, "checks": [{"id": ROWS, "check": ROWS, "rows": list(rows)}]}
    return builders.measured_here(replace(trial, document=wanted, measures={ROWS: MEASURE}))


def sigmoid(z: float) -> float:
    return 1 / (1 + float(np.exp(-z)))


def test_a_row_is_predicted_as_the_model_says(tmp_path: Path) -> None:
    low, high = answered(tmp_path, onnx_models.logistic(), builders.plan(), {"a": -1, "b": 0.5}, {"a": "1.5", "b": "-1e-1"})
    assert (low.prediction.class_, high.prediction.class_) == ("0", "1")
    assert low.prediction.scores["1"] == pytest.approx(sigmoid(-2 - 0.5 + 0.1), abs=1e-6)
    assert high.prediction.scores["1"] == pytest.approx(sigmoid(3 + 0.1 + 0.1), abs=1e-6)


def test_what_the_columns_add_leads_from_the_data_to_the_prediction(tmp_path: Path) -> None:
    [row] = answered(tmp_path, onnx_models.linear([2.0, -0.5]), builders.regression(builders.check("rmse")), {"a": 1.25, "b": -2})
    explanation = row.explanation
    assert row.prediction.value == pytest.approx(3.5, abs=1e-5)
    assert [(one.column, one.given) for one in explanation.contributions] == [("a", 1.25), ("b", -2.0)]
    for one, weight in zip(explanation.contributions, (2.0, -0.5), strict=True):
        assert abs(one.value - weight * (one.given - DATA[one.column].mean())) < 6 * one.standard_error
    total = sum(one.value for one in explanation.contributions)
    assert explanation.base + total + explanation.gap == pytest.approx(explanation.prediction, abs=1e-6)


@pytest.mark.parametrize("given", [{"a": -0.4, "b": 0.2}, {"a": 0.6, "b": 0.1}])
def test_a_counterfactual_is_decided_otherwise_by_values_of_the_data(tmp_path: Path, given: dict[str, float]) -> None:
    [row] = answered(tmp_path, onnx_models.logistic(), builders.plan(), given)
    other = row.counterfactual
    assert other.prediction.class_ != row.prediction.class_
    changed = {**given, **{one.column: one.to for one in other.changes}}
    assert all(one.from_ == given[one.column] and one.to in DATA[one.column] for one in other.changes)
    score = sigmoid(2 * changed["a"] - changed["b"] + 0.1)
    assert other.prediction.scores["1"] == pytest.approx(score, abs=1e-6)
    assert other.evaluations <= EVALUATIONS
    assert other.distance > 0


def test_a_column_that_may_not_change_is_left_as_it_is(tmp_path: Path) -> None:
    document = builders.plan(explanation={"immutable": ["a"]})
    [row] = answered(tmp_path, onnx_models.logistic([0.5, -2.0]), document, {"a": 0.3, "b": 0.9})
    assert [one.column for one in row.counterfactual.changes] == ["b"]
    both = builders.plan(explanation={"immutable": ["a", "b"]})
    [row] = answered(tmp_path, onnx_models.logistic(), both, {"a": 0.3, "b": 0.9})
    assert (row.counterfactual, row.counterfactual_reason) == (None, "no_column_may_change")
    assert row.explanation is not None


def test_a_model_that_nothing_moves_has_no_counterfactual(tmp_path: Path) -> None:
    constant = onnx_models.logistic([0.0, 0.0])
    [row] = answered(tmp_path, constant, builders.plan(), {"a": 0, "b": 0})
    assert (row.counterfactual, row.counterfactual_reason) == (None, "none_found")
    document = builders.regression(builders.check("rmse"))
    [row] = answered(tmp_path, onnx_models.linear([0.0, 0.0]), document, {"a": 0, "b": 0})
    assert (row.counterfactual, row.counterfactual_reason) == (None, "none_found")


def test_of_a_number_the_counterfactual_is_a_standard_deviation_away(tmp_path: Path) -> None:
    document = builders.regression(builders.check("rmse"))
    [row] = answered(tmp_path, onnx_models.linear([2.0, -0.5]), document, {"a": 0, "b": 0})
    deviation = (2 * DATA["a"] - 0.5 * DATA["b"]).std()
    assert abs(row.counterfactual.prediction.value) >= deviation - 1e-6


def test_of_several_classes_the_predicted_one_is_explained_and_left(tmp_path: Path) -> None:
    model = onnx_models.softmax(np.array([[1.0, 0.0, -1.0], [0.0, 0.0, 0.0]]))
    several: dict[str, Any] = {"task": "multiclass", "prediction": {"scores": "P", "classes": ["red", "green", "blue"]}}
    document = builders.plan(checks=[builders.check("accuracy")], **several)
    data = {**DATA, "y": ["red", "blue"] * 200}
    [row] = answered(tmp_path, model, document, {"a": 2, "b": 0}, data=data)
    assert (row.prediction.class_, row.explanation.of_class) == ("red", "red")
    assert set(row.prediction.scores) == {"red", "green", "blue"}
    assert row.counterfactual.prediction.class_ in ("green", "blue")


def test_columns_of_every_type_are_tried(tmp_path: Path) -> None:
    rows = len(DATA["a"])
    data: dict[str, Any] = {
        "x": DATA["a"],
        "region": ["north", "south", "east", "west"] * (rows // 4),
        "children": [0, 1, 2, 3, 4] * (rows // 5),
        "married": ["true", "false"] * (rows // 2),
        "y": DATA["y"],
    }
    inputs = [
        {"name": "x", "columns": ["x"], "type": "float64"},
        {"name": "region", "columns": ["region"], "type": "string"},
        {"name": "children", "columns": ["children"], "type": "int64"},
        {"name": "married", "columns": ["married"], "type": "bool"},
    ]
    document = builders.plan(inputs=inputs, dataset={"label": "y", "empty": "nan"})
    given = {"x": 0.25, "region": "north", "children": 1, "married": False}
    strange = {"x": "0.25", "region": "Atlantis, sunk", "children": "1", "married": "0"}
    known, unknown = answered(tmp_path, onnx_models.of_every_type(), document, given, strange, data=data)
    assert known.prediction.scores["1"] == pytest.approx(sigmoid(0.25 + 1.0 - 1 / 2))
    assert {one.column: one.given for one in known.explanation.contributions} == given
    changed = {one.column: one.to for one in known.counterfactual.changes}
    assert known.counterfactual.prediction.class_ == "0"
    assert all(value in (data[name] if name != "married" else [True, False]) for name, value in changed.items())
    assert all(type(value) is type(given[name]) for name, value in changed.items())
    assert (known.unlike_data, unknown.unlike_data) == ([], ["region"])
    assert unknown.prediction.scores["1"] == pytest.approx(sigmoid(0.25 - 3.0 - 1 / 2))


def test_long_texts_are_shown_by_their_beginning(tmp_path: Path) -> None:
    inputs = [{"name": "x", "columns": ["x"], "type": "float64"}, {"name": "region", "columns": ["region"], "type": "string"}]
    inputs += [{"name": "children", "columns": ["children"], "type": "int64"}, {"name": "married", "columns": ["married"], "type": "bool"}]
    data = {"x": [0.5, -1], "region": ["north", "south"], "children": [1, 2], "married": ["true", "false"], "y": [0, 1]}
    long = {"x": 1, "region": "n" * 10_000, "children": 2, "married": True}
    [row] = answered(tmp_path, onnx_models.of_every_type(), builders.plan(inputs=inputs), long, data=data)
    shown = {one.column: one.given for one in row.explanation.contributions}
    assert shown["region"] == "n" * 99 + "…"


def test_values_unlike_the_data_are_named(tmp_path: Path) -> None:
    [inside, outside] = answered(tmp_path, onnx_models.logistic(), builders.plan(), {"a": 0, "b": 0}, {"a": 3e38, "b": 0})
    assert (inside.unlike_data, outside.unlike_data) == ([], ["a"])


def test_a_row_that_the_model_can_not_answer_leaves_the_others_theirs(tmp_path: Path) -> None:
    """X·w is beyond float32 for the first row."""
    document = builders.regression(builders.check("rmse"))
    [beyond, fine] = answered(tmp_path, onnx_models.linear([2.0, -0.5]), document, {"a": 3e38, "b": 0}, {"a": 1, "b": 1})
    assert (beyond.prediction, beyond.reason_code) == (None, "prediction_not_finite")
    assert fine.prediction.value == pytest.approx(1.5)


def test_of_very_many_columns_there_are_fewer_permutations(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(1000)]
    data = {name: RANDOM.normal(size=30).round(3) for name in names} | {"y": RANDOM.normal(size=30)}
    document = builders.regression(builders.check("rmse")) | {"inputs": [{"name": "X", "columns": names, "type": "float32"}]}
    found = tried(tmp_path, onnx_models.linear([1.0] * 1000), document, dict.fromkeys(names, 0.5), data=data)
    assert isinstance(found, Evaluation), found
    measured = TriedRows.model_validate(found.measured[ROWS], strict=True)
    [row] = measured.rows
    assert measured.permutations == 19
    assert row.prediction is not None
    assert row.prediction.value == pytest.approx(500)
    assert row.explanation is not None
    assert (len(row.explanation.contributions), row.explanation.not_listed) == (50, 950)


def test_a_model_of_fixed_batches_is_refused_by_its_signature(tmp_path: Path) -> None:
    found = tried(tmp_path, onnx_models.of_batches_of(4), builders.plan(), {"a": 1, "b": 1})
    assert isinstance(found, Refusal)
    assert found.reason_code == "signature_mismatch"
