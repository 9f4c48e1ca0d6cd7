"""Held against scikit-learn and worked values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve

from placet_verification.adapters.evaluation.statistics.calibration import (
    brier,
    brier_of_classes,
    reliability,
    reliability_of_top_label,
)
from placet_verification.adapters.evaluation.statistics.proportions import wilson

RANDOM = np.random.default_rng(8)
PROBABILITIES = np.round(RANDOM.random(500), 2)  # many of them on an edge between two bins
OCCURRED = RANDOM.random(500) < PROBABILITIES**2


def test_curve_agrees_with_scikit_learn() -> None:
    found = reliability(OCCURRED, PROBABILITIES)
    shares, means = calibration_curve(OCCURRED, PROBABILITIES, n_bins=10, strategy="uniform")
    assert found is not None
    filled = [part for part in found.curve if part.n]
    assert [part.share for part in filled] == pytest.approx(shares)
    assert [part.mean_probability for part in filled] == pytest.approx(means)
    weights = np.array([part.n for part in filled]) / 500
    assert found.ece == pytest.approx(float(weights @ abs(shares - means)))
    assert found.mce == pytest.approx(abs(shares - means).max())
    assert all(part.ci == wilson(round((part.share or 0) * part.n), part.n) for part in filled)


def test_calibration_error_of_a_worked_example() -> None:
    """Bins (0, 0.1] with mean 0.05 and nothing, (0.8, 0.9] with mean 0.85 and one of two: 2/4·0.05 + 2/4·0.35."""
    found = reliability(np.array([False, False, True, False]), np.array([0.04, 0.06, 0.84, 0.86]))
    assert found is not None
    assert (found.ece, found.mce) == pytest.approx((0.2, 0.35))
    assert [part.n for part in found.curve] == [2, 0, 0, 0, 0, 0, 0, 0, 2, 0]
    assert (found.curve[1].share, found.curve[1].ci) == (None, None)


def test_top_label_of_two_classes_is_that_of_the_surer_one() -> None:
    true = OCCURRED.astype(np.int64)
    matrix = np.stack([1 - PROBABILITIES, PROBABILITIES], axis=1)
    found = reliability_of_top_label(true, matrix)
    assert found == reliability(matrix.argmax(axis=1) == true, matrix.max(axis=1))
    assert found is not None
    assert [part.n for part in found.curve[:4]] == [0, 0, 0, 0]


def test_brier_scores_agree_with_scikit_learn() -> None:
    true = RANDOM.integers(0, 3, 90)
    matrix = RANDOM.dirichlet(np.ones(3), 90)
    assert brier(OCCURRED, PROBABILITIES) == pytest.approx(reference.brier_score_loss(OCCURRED, PROBABILITIES))
    assert brier_of_classes(true, matrix) == pytest.approx(reference.brier_score_loss(true, matrix, labels=[0, 1, 2], scale_by_half=False))


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=60))
def test_errors_lie_between_zero_and_one_and_bins_hold_every_row(rows: list[tuple[bool, float]]) -> None:
    found = reliability(np.array([row[0] for row in rows]), np.array([row[1] for row in rows]))
    assert found is not None
    assert 0 <= found.ece <= found.mce + 1e-12 <= 1 + 1e-12
    assert sum(part.n for part in found.curve) == len(rows)


@pytest.mark.parametrize("values", [[], [np.nan], [0.5, 1.5], [-0.1]])
def test_what_is_no_probability_is_not_judged(values: list[float]) -> None:
    scores, occurred = np.array(values), np.ones(len(values), dtype=bool)
    assert reliability(occurred, scores) is None
    assert brier(occurred, scores) is None
    matrix = scores.reshape(-1, 1)
    assert reliability_of_top_label(occurred.astype(np.int64), matrix) is None
    assert brier_of_classes(np.zeros(len(values), dtype=np.int64), matrix) is None


def test_all_probabilities_tied_fill_one_bin() -> None:
    found = reliability(np.array([True, False]), np.array([0.3, 0.3]))
    assert found is not None
    assert [part.n for part in found.curve] == [0, 0, 2, 0, 0, 0, 0, 0, 0, 0]
    assert found.ece == pytest.approx(0.2)
