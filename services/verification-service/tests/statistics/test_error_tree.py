"""Held against scikit-learn's decision tree."""

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from placet_verification.adapters.evaluation.statistics.arrays import Column
from placet_verification.adapters.evaluation.statistics.error_tree import error_tree
from placet_verification.adapters.evaluation.statistics.proportions import wilson

RANDOM = np.random.default_rng(4)
N = 1500
X = np.round(RANDOM.normal(0, 1, (N, 3)), 2).astype(np.float32).astype(np.float64)
WRONG = RANDOM.random(N) < 0.05 + 0.3 * (X[:, 0] > 1) + 0.25 * ((X[:, 1] < -0.5) & (X[:, 2] > 0))
COLUMNS: dict[str, Column] = {"a": X[:, 0], "b": X[:, 1], "c": X[:, 2]}


def test_leaves_agree_with_scikit_learn() -> None:
    peer = DecisionTreeClassifier(max_depth=3, min_samples_leaf=30, random_state=0).fit(X, WRONG)
    leaf = peer.apply(X)
    expected = sorted((int((leaf == number).sum()), int(WRONG[leaf == number].sum())) for number in np.unique(leaf))
    found = error_tree(COLUMNS, WRONG, 1)
    assert sorted((one.n, one.errors) for one in found) == expected
    first = found[0].path[0]
    assert first.column == "abc"[peer.tree_.feature[0]]
    assert first.bound == pytest.approx(peer.tree_.threshold[0], abs=1e-6)


def test_leaves_hold_every_row_and_every_error_once() -> None:
    found = error_tree(COLUMNS, WRONG, 1)
    assert sum(one.n for one in found) == N
    assert sum(one.errors for one in found) == WRONG.sum()
    assert sum(one.share_of_errors for one in found) == pytest.approx(1)
    assert min(one.n for one in found) >= 30
    assert [one.error_rate for one in found] == sorted((one.error_rate for one in found), reverse=True)
    assert all(one.ci == wilson(one.errors, one.n) for one in found)


def test_a_leaf_says_by_which_steps_its_rows_were_chosen() -> None:
    kind = np.where(np.arange(400) % 4 == 0, "odd", "plain")
    x = np.arange(400.0)
    wrong = np.equal(kind, "odd") & (x > 200)
    worst = error_tree({"kind": kind, "x": x}, wrong, 1)[0]
    assert {str(step) for step in worst.path} == {"kind = odd", "x > 202"}
    assert (worst.n, worst.errors, worst.error_rate, worst.share_of_errors) == (49, 49, 1, 1)


def test_missing_numbers_lie_above_every_bound() -> None:
    x = np.where(np.arange(200) < 50, np.nan, 1.0)
    worst = error_tree({"x": x}, np.isnan(x), 1)[0]
    assert (worst.n, worst.errors) == (50, 50)
    assert str(worst.path[0]) == "x > 1"


def test_what_can_not_be_split_is_one_leaf() -> None:
    for columns in ({"x": np.ones(100)}, {"x": np.full(100, np.nan)}, {"x": np.full(100, "a")}, {}):
        found = error_tree(columns, np.arange(100) < 10, 1)
        assert [(one.path, one.n, one.errors) for one in found] == [((), 100, 10)]


def test_a_model_without_an_error_has_no_leaves_and_one_of_errors_alone_a_single_one() -> None:
    assert error_tree(COLUMNS, np.zeros(N, dtype=bool), 1) == ()
    assert [one.n for one in error_tree(COLUMNS, np.ones(N, dtype=bool), 1)] == [N]


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_few_rows_are_no_error(rows: int) -> None:
    found = error_tree({"x": np.arange(float(rows))}, np.arange(rows) == 0, 1)
    assert sum(one.n for one in found) == rows


def test_infinite_values_are_split_off_like_others() -> None:
    x = np.where(np.arange(100) < 40, -np.inf, np.where(np.arange(100) < 70, 0.0, np.inf))
    found = error_tree({"x": x}, np.isinf(x) & (x > 0), 1)
    assert [(one.n, one.errors) for one in found] == [(30, 30), (70, 0)]


def test_of_many_rows_a_sample_chooses_the_splits_and_all_are_counted() -> None:
    found = error_tree(COLUMNS, WRONG, 1, rows=500)
    assert found != error_tree(COLUMNS, WRONG, 1)
    assert found == error_tree(COLUMNS, WRONG, 1, rows=500)
    assert sum(one.n for one in found) == N
    assert sum(one.errors for one in found) == WRONG.sum()
    assert str(found[0].path[0]).startswith("a > ")
