"""Held against scikit-learn and SciPy."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from placet_verification.adapters.evaluation.statistics.leakage import column_auc, column_auc_of_classes, column_r2

RANDOM = np.random.default_rng(14)
N = 2000
POSITIVE = RANDOM.random(N) < 0.3
X = np.round(RANDOM.normal(0, 1, N) + POSITIVE, 1)
TARGET = 2 * X + RANDOM.normal(0, 1, N)


def test_power_of_numbers_agrees_with_scikit_learn_and_scipy() -> None:
    assert column_auc(X, POSITIVE, 1) == pytest.approx(roc_auc_score(POSITIVE, X))
    assert column_auc(-X, POSITIVE, 1) == pytest.approx(roc_auc_score(POSITIVE, X))
    assert column_r2(X, TARGET, 1) == pytest.approx(stats.pearsonr(X, TARGET).statistic ** 2)


def test_a_category_that_is_the_target_tells_everything() -> None:
    assert column_auc(np.where(POSITIVE, "yes", "no"), POSITIVE, 1) == 1
    assert column_r2(np.where(POSITIVE, "yes", "no"), POSITIVE.astype(np.float64), 1) == pytest.approx(1)
    classes = RANDOM.integers(0, 3, N)
    assert column_auc_of_classes(classes.astype(str), classes, 3, 1) == 1
    assert column_auc_of_classes(classes.astype(np.float64), classes, 3, 1) == 1


def test_categories_that_occur_once_or_always_tell_nothing() -> None:
    assert column_auc(np.arange(N).astype(str), POSITIVE, 1) == 0.5
    assert column_auc(np.full(N, "same"), POSITIVE, 1) == 0.5
    assert column_auc(np.full(4, "same"), np.array([True, True, False, False]), 1) in {0.5, None}


def test_unrelated_columns_tell_little() -> None:
    assert (column_auc(RANDOM.choice(list("abcd"), N), POSITIVE, 1) or 0) < 0.56
    assert (column_r2(RANDOM.choice(list("abcd"), N), TARGET, 1) or 0) < 0.02


def test_that_a_value_is_missing_may_tell_the_target() -> None:
    assert column_auc(np.where(POSITIVE, np.nan, X), POSITIVE, 1) == 1
    few = np.full(N, np.nan)
    few[[int(np.argmax(POSITIVE)), int(np.argmin(POSITIVE))]] = 1.0, 0.0
    assert (column_auc(few, POSITIVE, 1) or 1) < 0.6


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_few_rows_constants_and_one_class_are_not_defined(rows: int) -> None:
    one_class = np.ones(rows, dtype=bool)
    for column in (np.arange(float(rows)), np.full(rows, np.nan), np.full(rows, "a")):
        assert column_auc(column, one_class, 1) is None
        assert column_r2(column, np.ones(rows), 1) is None
    assert column_auc_of_classes(np.arange(float(rows)), np.zeros(rows, dtype=np.int64), 1, 1) is None


def test_a_target_that_is_no_number_and_a_constant_column_have_no_r2() -> None:
    assert column_r2(np.array([1.0, 2.0]), np.array([np.nan, 1.0]), 1) is None
    assert column_r2(np.array([3.0, 3.0]), np.array([2.0, 1.0]), 1) is None
