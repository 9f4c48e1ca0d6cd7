"""Held against scikit-learn's partial dependence."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import partial_dependence as reference

from placet_verification.adapters.evaluation.statistics.arrays import Column, Floats
from placet_verification.adapters.evaluation.statistics.dependence import partial_dependence
from placet_verification.adapters.evaluation.statistics.probing import Columns

RANDOM = np.random.default_rng(6)
X = RANDOM.normal(0, 1, (300, 2))
MODEL = RandomForestRegressor(n_estimators=5, random_state=0).fit(X, X[:, 0] * X[:, 1])
COLUMNS: dict[str, Column] = {"a": X[:, 0], "b": X[:, 1]}


def predict(columns: Columns) -> Floats:
    return np.asarray(MODEL.predict(np.column_stack([columns["a"], columns["b"]])))


def test_dependence_and_single_rows_agree_with_scikit_learn() -> None:
    found = partial_dependence(COLUMNS, "a", predict, seed=1)
    assert found is not None
    assert len(found.values) == 20
    assert (found.values[0], found.values[-1]) == (X[:, 0].min(), X[:, 0].max())
    peer = reference(MODEL, X, [0], custom_values={0: found.values}, kind="both", method="brute")
    assert found.mean == pytest.approx(peer["average"][0])
    assert found.single == pytest.approx(peer["individual"][0])


def test_rows_are_sampled_and_values_are_the_references() -> None:
    found = partial_dependence(COLUMNS, "b", predict, 1, {"b": np.array([0.0, 1.0, np.nan])}, rows=50)
    assert found is not None
    assert found.values.tolist() == [0, 1]
    assert found.single.shape == (50, 2)


def test_categories_are_taken_as_they_are() -> None:
    columns: dict[str, Column] = {"kind": np.array(["x", "y", "y", "z"])}
    found = partial_dependence(columns, "kind", lambda one: np.asarray(one["kind"] == "y", dtype=np.float64), seed=1)
    assert found is not None
    assert found.values.tolist() == ["x", "y", "z"]
    assert found.mean.tolist() == [0, 1, 0]


def test_one_row_and_tied_values_have_one_point_and_none_no_dependence() -> None:
    for rows in (1, 2):
        found = partial_dependence({"a": np.ones(rows), "b": np.ones(rows)}, "a", predict, seed=1)
        assert found is not None
        assert found.single.shape == (rows, 1)
    assert partial_dependence({"a": np.array([]), "b": np.array([])}, "a", predict, seed=1) is None
    assert partial_dependence({"a": np.array([np.nan]), "b": np.ones(1)}, "a", predict, seed=1) is None
