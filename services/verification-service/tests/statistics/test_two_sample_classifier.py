"""Held against scikit-learn's logistic regression and what is known of the samples."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from placet_verification.adapters.evaluation.statistics.delong import area
from placet_verification.adapters.evaluation.statistics.two_sample_classifier import logistic_scores, separation

RANDOM = np.random.default_rng(2)
SAME = RANDOM.normal(0, 1, (1500, 4))
ALIKE = RANDOM.normal(0, 1, (1000, 4))
MOVED = ALIKE + np.array([1.0, 0, 0, 0])


def test_logits_agree_with_scikit_learn() -> None:
    columns, positive = np.concatenate([SAME, MOVED]), np.repeat([False, True], [1500, 1000])
    # scikit-learn's C is the inverse of the ridge
    peer = LogisticRegression(C=1 / (1e-3 * len(columns)), tol=1e-10, max_iter=1000).fit(columns, positive)
    assert logistic_scores(columns, positive, ALIKE) == pytest.approx(peer.decision_function(ALIKE), abs=1e-5)


def test_samples_of_one_distribution_can_not_be_told_apart() -> None:
    found = separation(SAME, ALIKE, seed=1)
    assert found is not None
    assert found.auc_ci[0] < 0.5 < found.auc_ci[1]
    assert found.p is not None
    assert found.p > 0.05
    assert found.n == 1000


def test_a_shift_is_seen_as_large_as_it_is() -> None:
    """Normal distributions one standard deviation apart have an AUC of Φ(1/√2) = 0.7602 and an accuracy of Φ(1/2) = 0.6915."""
    found = separation(SAME, MOVED, seed=1)
    assert found is not None
    assert found.auc == pytest.approx(0.7602, abs=0.03)
    assert found.auc_ci[0] < 0.7602 < found.auc_ci[1]
    assert found.accuracy == pytest.approx(0.6915, abs=0.03)
    assert found.accuracy_ci is not None
    assert found.accuracy_ci[0] > 0.5


def test_the_interval_of_both_folds_is_as_wide_as_that_of_all_rows() -> None:
    found = separation(SAME, MOVED, seed=1)
    of_all = area(np.repeat([False, True], 1000), np.concatenate([SAME[:1000, 0], MOVED[:, 0]]))
    assert found is not None
    assert of_all is not None
    assert of_all.ci is not None
    assert found.auc_ci[1] - found.auc_ci[0] == pytest.approx(of_all.ci[1] - of_all.ci[0], rel=0.1)


def test_columns_that_separate_perfectly_have_an_area_of_one() -> None:
    found = separation(SAME, ALIKE + 100, seed=1)
    assert found is not None
    assert (found.auc, found.accuracy) == (1, 1)


def test_values_that_are_missing_more_often_tell_the_samples_apart() -> None:
    gaps = ALIKE.copy()
    gaps[:600, 2] = np.nan
    found = separation(SAME, gaps, seed=1)
    assert found is not None
    assert found.auc_ci[0] > 0.7


def test_constant_infinite_and_huge_columns_tell_nothing() -> None:
    odd = np.column_stack([np.full(50, 3.0), np.full(50, np.inf), np.full(50, np.nan), RANDOM.normal(0, 1e300, 50)])
    found = separation(odd, odd[::-1], seed=1)
    assert found is not None
    assert 0.2 < found.auc < 0.8


def test_a_seed_repeats_the_folds_and_rows_are_limited() -> None:
    once, again, other = (separation(SAME, MOVED, seed=seed, rows=200) for seed in (1, 1, 2))
    assert once == again != other
    assert once is not None
    assert once.n == 200


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_few_rows_or_no_column_are_not_judged(rows: int) -> None:
    assert separation(SAME[:rows], ALIKE, seed=1) is None
    assert separation(SAME[:, :0], ALIKE[:, :0], seed=1) is None


def test_four_rows_that_are_all_tied_are_judged_alike() -> None:
    found = separation(np.zeros((4, 2)), np.zeros((4, 2)), seed=1)
    assert found is not None
    assert found.auc == 0.5
