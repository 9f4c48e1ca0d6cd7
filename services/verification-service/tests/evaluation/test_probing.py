"""Rows that checks make up: their values fit the model's inputs, and the model's predictions for them are told apart."""

from typing import Any

import numpy as np
import pytest

from placet_verification.adapters.evaluation.columns import fitted
from placet_verification.adapters.evaluation.dataset import Dataset
from placet_verification.adapters.evaluation.inputs import Files, Inputs
from placet_verification.adapters.evaluation.prediction import Predictions
from placet_verification.adapters.evaluation.probing import changes, failure_on_probes, predicted, sample_for, score_of
from placet_verification.adapters.evaluation.refused import Refused

from .. import builders, onnx_models

TWO_ROWS = Dataset(np.array([0, 1]), {"X": np.array([[0.0, 1.0], [2.0, 3.0]], dtype=np.float32)})


def prepared(model: bytes = b"", **parts: Any) -> Inputs:
    inputs = Inputs(builders.plan(**parts), Files(model, None, {}))
    vars(inputs)["data"] = TWO_ROWS  # as if it had been read
    return inputs


@pytest.mark.parametrize(
    ("rows", "runs", "sampled"), [(500, 1, 500), (500, 99, 500), (6_000, 9, 5_000), (30_000, 1, 20_000), (30_000, 9, 10_000)]
)
def test_rows_are_sampled_to_three_passes_and_to_no_fewer_than_five_thousand(rows: int, runs: int, sampled: int) -> None:
    inputs = prepared()
    vars(inputs)["data"] = Dataset(np.zeros(rows), {})
    numbers = sample_for(inputs, runs)
    assert len(numbers) == len(np.unique(numbers)) == sampled


@pytest.mark.parametrize(
    ("values", "type_", "expected"),
    [
        ([1.6, -1.6, 1e12], np.int32, [2, -2, 2**31 - 1]),
        ([-1e30], np.int64, [-(2**63)]),
        ([1.5, 1e300, -1e300], np.float32, [1.5, np.finfo(np.float32).max, np.finfo(np.float32).min]),
        ([0.1, np.nan], np.float64, [0.1, np.nan]),
    ],
)
def test_numbers_are_rounded_and_bounded_as_the_type_is(values: list[float], type_: Any, expected: list[float]) -> None:
    found = fitted(np.array(values), type_)
    assert found.dtype == type_
    np.testing.assert_array_equal(found, np.array(expected, dtype=type_))


def test_the_largest_integer_does_not_become_the_smallest() -> None:
    assert fitted(np.array([1e30]), np.int64)[0] > 2**62


def test_categories_and_truth_values_stay_as_they_are() -> None:
    for column, type_ in ((np.array(["a", ""]), np.object_), (np.array([True, False]), np.bool_)):
        assert fitted(column, type_) is column


def test_rows_are_predicted_from_columns_of_any_length() -> None:
    inputs = prepared(onnx_models.linear([2.0, -1.0]), task="regression", prediction={"scores": "P"}, checks=[builders.check("mae")])
    columns = {"a": np.array([1.0, 2.0, 3.0]), "b": np.array([0.0, 1.0, 1.0])}
    assert predicted(inputs, columns).scores.tolist() == [2.0, 3.0, 5.0]
    assert score_of(inputs, 0)(columns).tolist() == [2.0, 3.0, 5.0]


def test_a_change_is_another_decision_or_a_move_beyond_the_tolerance() -> None:
    before, after = (Predictions(np.array(scores), None) for scores in ([0.1, 0.6], [0.4, 0.4]))
    assert changes(prepared(), before, after, 0.0).tolist() == [False, True]
    regression = prepared(task="regression", prediction={"scores": "P"}, checks=[builders.check("mae")])
    assert changes(regression, before, after, 0.25).tolist() == [True, False]


def test_only_a_failure_of_the_model_is_a_finding() -> None:
    assert failure_on_probes(Refused("prediction_not_finite")) == "prediction_not_finite"
    with pytest.raises(Refused):
        failure_on_probes(Refused("memory_limit"))
