"""Held against scikit-learn's permutation importance."""

from typing import Any

import numpy as np
import pytest
from sklearn.inspection import permutation_importance as reference
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from placet_verification.adapters.evaluation.statistics.arrays import Column, Floats
from placet_verification.adapters.evaluation.statistics.importance import Importances, correlated_groups, permutation_importance
from placet_verification.adapters.evaluation.statistics.probing import Columns

RANDOM = np.random.default_rng(6)
N = 1200
X = RANDOM.normal(0, 1, (N, 3))
Y = 2 * X[:, 0] + X[:, 1] + RANDOM.normal(0, 0.5, N)
MODEL = LinearRegression().fit(X, Y)
COLUMNS: dict[str, Column] = {"weak": X[:, 1], "strong": X[:, 0], "idle": X[:, 2]}


def predict(columns: Columns) -> Floats:
    return np.asarray(MODEL.predict(np.column_stack([columns[name] for name in ("strong", "weak", "idle")])))


def r2(predictions: Floats, rows: Any) -> float:
    return float(r2_score(Y[rows], predictions))


def importances(columns: Columns = COLUMNS, **limits: int) -> Importances:
    found = permutation_importance(columns, predict, r2, 3, **limits)
    assert found is not None
    return found


def test_drops_agree_with_scikit_learn() -> None:
    peer = reference(MODEL, X, Y, n_repeats=40, random_state=0)
    found = {one.columns: one for one in importances(repeats=40).columns}
    expected = dict(zip(["strong", "weak", "idle"], peer.importances_mean, strict=True))
    for name, drop in expected.items():
        assert found[(name,)].drop == pytest.approx(drop, rel=0.03, abs=1e-3)
    assert found["strong",].deviation == pytest.approx(peer.importances_std[0], rel=0.5)


def test_columns_are_ordered_by_their_drop_and_share_it() -> None:
    found = importances()
    assert [one.columns for one in found.columns] == [("strong",), ("weak",), ("idle",)]
    assert sum(one.share for one in found.columns) == pytest.approx(1)
    assert found.metric == pytest.approx(MODEL.score(X, Y))
    assert found == importances()


def test_a_large_data_set_is_sampled() -> None:
    assert importances(rows=100).rows == 100
    assert importances().rows == N


def test_correlated_columns_are_permuted_as_one() -> None:
    twin = np.exp(X[:, 0])  # the same ranks
    found = importances({**COLUMNS, "twin": twin})
    assert ("strong", "twin") in [one.columns for one in found.columns]


def test_columns_are_linked_by_others_and_not_by_gaps_constants_or_categories() -> None:
    x = np.arange(100.0)
    columns: dict[str, Column] = {
        "a": x,
        "word": np.full(100, "w"),
        "b": -x,
        "constant": np.ones(100),
        "with_gaps": np.where(x < 3, np.nan, x),
        "unknown": np.full(100, np.nan),
        "other": RANDOM.normal(0, 1, 100),
    }
    assert correlated_groups(columns) == [("a", "b", "with_gaps"), ("word",), ("constant",), ("unknown",), ("other",)]


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows_have_no_importance(rows: int) -> None:
    assert permutation_importance({name: column[:rows] for name, column in COLUMNS.items()}, predict, r2, 1) is None
    assert permutation_importance({}, predict, r2, 1) is None


def test_a_metric_that_is_not_defined_has_no_importance_and_a_constant_model_none_to_share() -> None:
    assert permutation_importance(COLUMNS, predict, lambda predictions, rows: float("nan"), 1) is None
    idle = permutation_importance(COLUMNS, predict, lambda predictions, rows: 1.0, 1)
    assert idle is not None
    assert {(one.drop, one.share) for one in idle.columns} == {(0, 0)}
