"""Curves are those of scikit-learn, thinned; histograms count every row once."""

import numpy as np
import pytest
from sklearn import metrics as reference

from placet_verification.adapters.evaluation.statistics.arrays import Bools, Floats
from placet_verification.adapters.evaluation.statistics.curves import POINTS, histogram, precision_recall_points, roc_points

RANDOM = np.random.default_rng(5)
FEW, MANY = 60, 5000


def rows(n: int, digits: int) -> tuple[Bools, Floats]:
    true = RANDOM.integers(0, 2, n)
    return true == 1, np.round(0.4 * true + RANDOM.random(n), digits)


@pytest.mark.parametrize("digits", [1, 9])
def test_a_short_curve_has_every_threshold_of_scikit_learn(digits: int) -> None:
    positive, scores = rows(FEW, digits)
    found, recalls = roc_points(positive, scores), precision_recall_points(positive, scores)
    fpr, tpr, _ = reference.roc_curve(positive, scores, drop_intermediate=False)
    precision, recall, _ = reference.precision_recall_curve(positive, scores)
    assert found is not None
    assert recalls is not None
    np.testing.assert_allclose(found, np.stack([fpr, tpr], axis=1))
    np.testing.assert_allclose(recalls, np.stack([recall, precision], axis=1)[:-1][::-1])


def test_a_long_curve_keeps_its_ends_and_its_area() -> None:
    positive, scores = rows(MANY, 9)
    found, recalls = roc_points(positive, scores), precision_recall_points(positive, scores)
    assert found is not None
    assert recalls is not None
    assert len(found) <= POINTS
    assert len(recalls) <= POINTS
    assert found[0].tolist() == [0, 0]
    assert found[-1].tolist() == [1, 1]
    assert recalls[-1].tolist() == [1, positive.mean()]
    assert np.trapezoid(found[:, 1], found[:, 0]) == pytest.approx(reference.roc_auc_score(positive, scores), abs=2e-3)


@pytest.mark.parametrize("positive", [[], [True, True], [False, False]])
def test_one_class_has_no_roc_curve(positive: list[bool]) -> None:
    assert roc_points(np.array(positive, dtype=np.bool_), np.linspace(0, 1, len(positive))) is None


@pytest.mark.parametrize("positive", [[], [False, False]])
def test_no_positive_row_has_no_recall(positive: list[bool]) -> None:
    assert precision_recall_points(np.array(positive, dtype=np.bool_), np.linspace(0, 1, len(positive))) is None


def test_equal_scores_are_one_threshold() -> None:
    found = roc_points(np.array([True, False, True]), np.full(3, 0.5))
    assert found is not None
    assert found.tolist() == [[0, 0], [1, 1]]


def test_a_histogram_counts_every_row_in_its_class() -> None:
    positive, scores = rows(MANY, 9)
    found = histogram(scores, positive.astype(np.int64), 2)
    assert found is not None
    assert [int(counts.sum()) for counts in found.counts] == [(~positive).sum(), positive.sum()]
    np.testing.assert_array_equal(sum(found.counts), np.histogram(scores, 20)[0])
    assert histogram(np.array([]), np.array([], dtype=np.int64), 2) is None


def test_a_histogram_of_equal_scores_has_one_full_bin() -> None:
    found = histogram(np.full(7, 0.3), np.zeros(7, dtype=np.int64), 2)
    assert found is not None
    assert sorted(found.counts[0].tolist())[-2:] == [0, 7]
