"""Held against SciPy and worked values."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial import distance

from placet_verification.adapters.evaluation.statistics.arrays import Column
from placet_verification.adapters.evaluation.statistics.drift import (
    association,
    jensen_shannon,
    kolmogorov_smirnov,
    psi,
    psi_of_categories,
    wasserstein,
)

RANDOM = np.random.default_rng(21)
REFERENCE = RANDOM.normal(0, 1, 2000)
CURRENT = RANDOM.normal(0.5, 1.2, 900)
NONE = np.array([], dtype=np.float64)
COLUMNS = st.lists(st.sampled_from([-1.5, 0.0, 0.25, 1.0, 3.0]), min_size=1, max_size=40).map(np.array)
WORDS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=40).map(np.array)


def test_psi_is_the_sum_over_the_reference_deciles() -> None:
    edges = [-np.inf, *np.sort(REFERENCE)[199:1999:200], np.inf]
    p, q = (np.array([stats.percentileofscore(column, edge) / 100 for edge in edges]) for column in (REFERENCE, CURRENT))
    p, q = np.diff(p), np.diff(q)
    assert p == pytest.approx(0.1)
    assert psi(REFERENCE, CURRENT) == pytest.approx(float(((q - p) * np.log(q / p)).sum()))


def test_psi_of_a_worked_example_of_categories() -> None:
    """Shares 0.5/0.5 against 0.8/0.2: 0.3·ln 1.6 + 0.3·ln 2.5; a new category counts against one in ten thousand."""
    reference, current = np.repeat(["a", "b"], [50, 50]), np.repeat(["a", "b"], [8, 2])
    assert psi_of_categories(reference, current) == pytest.approx(0.3 * np.log(1.6) + 0.3 * np.log(2.5))
    with_new = np.repeat(["a", "b", "c"], [40, 40, 20])
    assert psi_of_categories(reference, with_new) == pytest.approx(-0.2 * np.log(0.8) + (0.2 - 1e-4) * np.log(0.2 / 1e-4))


@pytest.mark.parametrize("shift", [-1.0, 1.0])
def test_psi_notices_that_a_constant_column_moved_to_either_side(shift: float) -> None:
    constant = np.full(50, 3.0)
    assert psi(constant, constant) == 0
    moved = psi(constant, constant + shift)
    assert moved is not None
    assert moved > 1


def test_psi_notices_missing_values() -> None:
    with_missing = np.where(np.arange(900) < 180, np.nan, REFERENCE[:900])
    assert (psi(REFERENCE, REFERENCE[:900]) or 0) < 0.02
    assert (psi(REFERENCE, with_missing) or 0) > 0.25
    assert psi(np.array([np.nan]), np.array([np.nan, np.nan])) == 0
    assert (psi(np.array([np.nan]), np.array([1.0])) or 0) > 1


@settings(deadline=None)
@given(COLUMNS, COLUMNS)
def test_distances_of_columns_with_ties_agree_with_scipy(reference: Column, current: Column) -> None:
    with warnings.catch_warnings(action="ignore"):  # of its p-value
        expected = stats.ks_2samp(reference, current).statistic
    assert kolmogorov_smirnov(reference, current) == pytest.approx(expected)
    if reference.std() > 0:
        expected = stats.wasserstein_distance(reference, current) / reference.std()
        assert wasserstein(reference, current) == pytest.approx(expected)
    else:
        assert wasserstein(reference, current) is None
    found = psi(reference, current)
    assert found is not None
    assert found >= 0
    assert psi(reference, reference) == 0


@settings(deadline=None)
@given(WORDS, WORDS)
def test_distances_of_categories_agree_with_scipy(reference: Column, current: Column) -> None:
    words = np.unique(np.concatenate([reference, current]))
    table = np.array([[(column == word).sum() for word in words] for column in (reference, current)])
    expected = distance.jensenshannon(*table, base=2)
    assert jensen_shannon(reference, current) == pytest.approx(0 if np.isnan(expected) else expected, abs=1e-7)
    found = association(reference, current)
    if len(words) < 2:
        assert found is None
        return
    expected_test = stats.chi2_contingency(table, correction=False)
    assert found is not None
    assert (found.statistic, found.freedom, found.p) == pytest.approx((expected_test.statistic, expected_test.dof, expected_test.pvalue))
    assert found.cramers_v == pytest.approx(stats.contingency.association(table, method="cramer"))


def test_missing_numbers_are_left_out_of_distances() -> None:
    gaps = np.array([np.nan, np.nan])
    both = np.concatenate([gaps, REFERENCE]), np.concatenate([CURRENT, gaps])
    assert kolmogorov_smirnov(*both) == kolmogorov_smirnov(REFERENCE, CURRENT)
    assert wasserstein(*both) == wasserstein(REFERENCE, CURRENT)
    assert kolmogorov_smirnov(gaps, CURRENT) is None
    assert wasserstein(REFERENCE, gaps) is None


def test_no_rows_no_distance() -> None:
    one, words, no_words = np.array([1.0]), np.array(["a"]), np.array([], dtype="U1")
    for distance_of in (psi, kolmogorov_smirnov, wasserstein):
        assert distance_of(NONE, one) is distance_of(one, NONE) is distance_of(NONE, NONE) is None
    for distance_of_words in (psi_of_categories, jensen_shannon, association):
        assert distance_of_words(no_words, words) is None
        assert distance_of_words(words, no_words) is None
        assert distance_of_words(no_words, no_words) is None


def test_infinite_values_have_no_earth_movers_distance_and_the_others() -> None:
    endless = np.append(CURRENT, np.inf)
    assert wasserstein(REFERENCE, endless) is wasserstein(endless, REFERENCE) is None
    assert (kolmogorov_smirnov(REFERENCE, endless) or 0) > 0
    assert (psi(REFERENCE, endless) or 0) > 0
