"""Held against scikit-learn under the same resamples, statsmodels, and the definition of DeLong's components."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar

from placet_verification.adapters.evaluation.rows import average_precision, roc_auc, row_mean
from placet_verification.adapters.evaluation.statistics.arrays import Bools, Floats
from placet_verification.adapters.evaluation.statistics.delong import area, area_difference
from placet_verification.adapters.evaluation.statistics.intervals import percentiles
from placet_verification.adapters.evaluation.statistics.paired import (
    bootstrap_of_counts,
    bootstrap_of_rows,
    cells,
    difference_of_means,
    mcnemar,
)
from placet_verification.adapters.evaluation.tallies import TALLY_METRICS

RANDOM = np.random.default_rng(5)
N = 300
TRUE = RANDOM.integers(0, 2, N)
POSITIVE = TRUE == 1
CHAMPION = np.round(0.4 * TRUE + RANDOM.random(N), 1)
CHALLENGER = np.round(0.3 * TRUE + 0.5 * CHAMPION + 0.5 * RANDOM.random(N), 1)
ONES = np.ones(N, dtype=np.int64)


def brute_force(positive: Bools, scores: Floats) -> tuple[Floats, Floats]:
    pairs = (scores[positive][:, None] > scores[~positive]) + 0.5 * (scores[positive][:, None] == scores[~positive])
    return pairs.mean(axis=1), pairs.mean(axis=0)


def test_bootstrap_of_rows_agrees_with_scikit_learn_on_the_same_resamples() -> None:
    found = bootstrap_of_rows(roc_auc(POSITIVE, CHAMPION), roc_auc(POSITIVE, CHALLENGER), ONES, seed=3, resamples=40)
    random, differences = np.random.Generator(np.random.PCG64(3)), []
    for _ in range(40):
        rows = random.integers(0, N, N)
        areas = [reference.roc_auc_score(TRUE[rows], scores[rows]) for scores in (CHALLENGER, CHAMPION)]
        differences.append(areas[0] - areas[1])
    assert found is not None
    assert found.champion == pytest.approx(reference.roc_auc_score(TRUE, CHAMPION))
    assert found.value == pytest.approx(reference.roc_auc_score(TRUE, CHALLENGER) - reference.roc_auc_score(TRUE, CHAMPION))
    assert found.ci == pytest.approx(percentiles(np.array(differences)))


def test_bootstrap_gives_the_same_for_a_seed_and_another_for_another() -> None:
    metrics = roc_auc(POSITIVE, CHAMPION), roc_auc(POSITIVE, CHALLENGER)
    once, again, other = (bootstrap_of_rows(*metrics, ONES, seed=seed, resamples=50) for seed in (1, 1, 2))
    assert once == again != other


def test_a_model_against_itself_differs_by_nothing() -> None:
    metric = average_precision(POSITIVE, CHAMPION)
    found = bootstrap_of_rows(metric, metric, ONES, seed=1, resamples=20)
    assert found is not None
    assert (found.value, found.ci) == (0, (0, 0))


def test_bootstrap_of_merged_rows_agrees_with_that_of_rows() -> None:
    merged = cells(POSITIVE, CHAMPION, CHALLENGER)
    assert merged is not None
    assert merged.counts.sum() == N
    assert len(merged.counts) < N
    champion, challenger = (roc_auc(merged.positive, scores) for scores in (merged.champion, merged.challenger))
    found = bootstrap_of_rows(champion, challenger, merged.counts, seed=1)
    rows = bootstrap_of_rows(roc_auc(POSITIVE, CHAMPION), roc_auc(POSITIVE, CHALLENGER), ONES, seed=1)
    assert found is not None
    assert rows is not None
    assert found.value == pytest.approx(rows.value)
    assert found.ci == pytest.approx(rows.ci, abs=5e-3)


@pytest.mark.parametrize("name", sorted(TALLY_METRICS))
def test_bootstrap_of_counts_agrees_with_that_of_rows(name: str) -> None:
    true, old, new = (RANDOM.integers(0, 3, 200) for _ in range(3))
    old, new = np.where(RANDOM.random(200) < 0.5, true, old), np.where(RANDOM.random(200) < 0.7, true, new)
    found = bootstrap_of_counts(TALLY_METRICS[name], true, old, new, 3, seed=4)
    assert found is not None
    assert found.champion < found.challenger
    assert found.ci is not None
    assert found.ci[0] < found.value < found.ci[1]
    if name == "accuracy":
        assert found.value == pytest.approx(reference.accuracy_score(true, new) - reference.accuracy_score(true, old))
        errors = (true == old).astype(np.float64), (true == new).astype(np.float64)
        rows = bootstrap_of_rows(row_mean(errors[0]), row_mean(errors[1]), np.ones(200, dtype=np.int64), seed=4)
        assert rows is not None
        assert found.ci == pytest.approx(rows.ci, abs=0.02)


def test_area_difference_agrees_with_the_definition_of_its_components() -> None:
    found = area_difference(POSITIVE, CHAMPION, CHALLENGER)
    old, new = brute_force(POSITIVE, CHAMPION), brute_force(POSITIVE, CHALLENGER)
    covariances = [np.cov(np.stack([old[side], new[side]])) / len(old[side]) for side in (0, 1)]
    covariance = covariances[0] + covariances[1]
    assert found is not None
    assert found.champion == pytest.approx(reference.roc_auc_score(TRUE, CHAMPION))
    assert found.challenger == pytest.approx(reference.roc_auc_score(TRUE, CHALLENGER))
    assert found.variance == pytest.approx(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    one = area(POSITIVE, CHAMPION)
    assert one is not None
    assert one.variance == pytest.approx(covariance[0, 0])


def test_area_difference_has_the_interval_of_the_bootstrap() -> None:
    found = area_difference(POSITIVE, CHAMPION, CHALLENGER)
    rows = bootstrap_of_rows(roc_auc(POSITIVE, CHAMPION), roc_auc(POSITIVE, CHALLENGER), ONES, seed=1)
    assert found is not None
    assert rows is not None
    assert found.ci == pytest.approx(rows.ci, abs=5e-3)
    assert (found.p < 0.05) == (found.ci[0] > 0 or found.ci[1] < 0)


def test_areas_of_scores_that_rank_alike_differ_by_nothing() -> None:
    found = area_difference(POSITIVE, CHAMPION, 2 * CHAMPION + 1)
    assert found is not None
    assert (found.value, found.variance, found.p) == (0, 0, 1)


def test_area_of_scores_that_are_all_tied_is_one_half() -> None:
    found = area(POSITIVE, np.zeros(N))
    assert found is not None
    assert (found.value, found.ci) == (0.5, (0.5, 0.5))


def test_area_needs_both_classes_and_numbers_and_its_variance_two_of_each() -> None:
    assert area(np.array([], dtype=bool), np.array([])) is None
    assert area(np.array([True]), np.array([0.5])) is None
    assert area(np.array([True, True]), np.array([0.5, 0.1])) is None
    assert area(np.array([True, False]), np.array([np.nan, 0.1])) is None
    two = area(np.array([True, False]), np.array([0.9, 0.1]))
    assert two is not None
    assert (two.value, two.ci) == (1, None)
    assert area_difference(np.array([True, False]), np.array([0.9, 0.1]), np.array([0.9, 0.1])) is None


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 9), st.integers(0, 9))
def test_mcnemar_agrees_with_statsmodels(broken: int, repaired: int, both: int, neither: int) -> None:
    champion = np.repeat([True, False, True, False], [broken, repaired, both, neither])
    challenger = np.repeat([False, True, True, False], [broken, repaired, both, neither])
    found = mcnemar(champion, challenger)
    assert (found.broken, found.repaired) == (broken, repaired)
    exact = broken + repaired < 25
    assert found.variant == ("exact_binomial" if exact else "continuity_corrected")
    table = [[both, broken], [repaired, neither]]
    if exact:
        assert found.p == pytest.approx(reference_mcnemar(table, exact=True).pvalue)
    elif broken != repaired:  # statsmodels squares (0 − 1) where both are equal
        expected = reference_mcnemar(table, exact=False, correction=True)
        assert (found.statistic, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    else:
        assert found.p == 1


def test_difference_of_means_is_that_of_the_paired_rows() -> None:
    old, new = RANDOM.normal(1, 1, 400), RANDOM.normal(1.2, 1, 400)
    found = difference_of_means(old, new)
    rows = bootstrap_of_rows(row_mean(old), row_mean(new), np.ones(400, dtype=np.int64), seed=1)
    assert found is not None
    assert rows is not None
    assert found.value == pytest.approx(rows.value)
    assert found.ci == pytest.approx(rows.ci, abs=0.02)


def test_what_is_not_defined_has_no_difference() -> None:
    nothing = np.array([], dtype=np.int64)
    assert bootstrap_of_rows(row_mean(np.array([])), row_mean(np.array([])), nothing, seed=1) is None
    assert bootstrap_of_counts(TALLY_METRICS["mcc"], nothing, nothing, nothing, 2, seed=1) is None
    one_class = roc_auc(np.array([True, True]), np.array([0.1, 0.2]))
    assert bootstrap_of_rows(one_class, one_class, np.ones(2, dtype=np.int64), seed=1) is None
    assert cells(np.array([], dtype=bool), np.array([]), np.array([])) is None
    assert cells(np.array([True]), np.array([np.nan]), np.array([0.1])) is None
    assert difference_of_means(np.array([1.0]), np.array([2.0])) is None
    assert mcnemar(np.array([], dtype=bool), np.array([], dtype=bool)).p == 1
