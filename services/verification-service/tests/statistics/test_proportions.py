"""Held against published tables, SciPy and statsmodels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats import multitest, proportion

from placet_verification.adapters.evaluation.statistics.proportions import (
    benjamini_hochberg,
    binomial_test,
    newcombe,
    newcombe_paired,
    two_proportions_test,
    wilson,
)
from placet_verification.adapters.evaluation.statistics.tails import chi_squared_tail, normal_tails

COUNTS = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_wilson_interval_agrees_with_published_values() -> None:
    """Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    published = {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605), (0, 20): (0.0, 0.1611), (1, 29): (0.0061, 0.1718)}
    for (hits, n), expected in published.items():
        assert wilson(hits, n) == pytest.approx(expected, abs=5e-5)


@settings(deadline=None)
@given(COUNTS)
def test_wilson_interval_agrees_with_statsmodels(count: tuple[int, int]) -> None:
    assert wilson(*count) == pytest.approx(proportion.proportion_confint(*count, method="wilson"), abs=1e-12)


def test_newcombe_interval_agrees_with_published_values() -> None:
    """Newcombe (1998), Statistics in Medicine 17:873, table II, method 10: contrasts (a), (c) and (g)."""
    assert newcombe(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert newcombe(9, 10, 3, 10) == pytest.approx((0.1705, 0.8090), abs=5e-5)
    assert newcombe(10, 10, 0, 10) == pytest.approx((0.6075, 1.0), abs=5e-5)


@settings(deadline=None)
@given(COUNTS, COUNTS)
def test_newcombe_interval_agrees_with_statsmodels(first: tuple[int, int], second: tuple[int, int]) -> None:
    low, high = proportion.confint_proportions_2indep(*first, *second, method="newcomb", compare="diff")
    assert newcombe(*first, *second) == pytest.approx((max(-1.0, low), min(1.0, high)), abs=1e-9)


def test_paired_newcombe_interval_agrees_with_published_values() -> None:
    """Altman et al. (2000), Statistics with Confidence, table 6.2; Newcombe (1998), 17:2635, 36/12/2/0, method 10."""
    assert newcombe_paired(14, 5, 0, 22) == pytest.approx((0.011, 0.226), abs=5e-4)
    assert newcombe_paired(36, 12, 2, 0) == pytest.approx((0.0569, 0.3404), abs=5e-5)


@settings(deadline=None)
@given(st.tuples(*[st.integers(0, 60)] * 4).filter(any))
def test_paired_interval_holds_the_difference_and_turns_with_the_sides(cells: tuple[int, int, int, int]) -> None:
    both, only_first, only_second, neither = cells
    interval, turned = newcombe_paired(*cells), newcombe_paired(both, only_second, only_first, neither)
    assert interval is not None
    assert turned is not None
    difference = (only_first - only_second) / sum(cells)
    assert -1 <= interval[0] <= difference + 1e-12
    assert difference - 1e-12 <= interval[1] <= 1
    assert turned == pytest.approx((-interval[1], -interval[0]), abs=1e-12)


@settings(deadline=None)
@given(COUNTS, st.floats(0.01, 0.99))
def test_binomial_test_agrees_with_scipy(count: tuple[int, int], share: float) -> None:
    assert binomial_test(*count, share) == pytest.approx(stats.binomtest(*count, share).pvalue, rel=1e-6, abs=1e-12)


def test_binomial_test_against_a_certain_share_is_certain() -> None:
    assert binomial_test(3, 3, 1.0) == 1
    assert binomial_test(2, 3, 1.0) == 0
    assert binomial_test(0, 3, 0.0) == 1


@settings(deadline=None)
@given(COUNTS, COUNTS)
def test_test_of_two_proportions_agrees_with_statsmodels(first: tuple[int, int], second: tuple[int, int]) -> None:
    hits, n = first[0] + second[0], first[1] + second[1]
    if 0 < hits < n:
        expected = proportion.proportions_ztest([first[0], second[0]], [first[1], second[1]])[1]
        assert two_proportions_test(*first, *second) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    else:
        assert two_proportions_test(*first, *second) == 1


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_benjamini_hochberg_agrees_with_scipy_and_statsmodels(p_values: list[float]) -> None:
    adjusted = benjamini_hochberg(np.array(p_values))
    assert adjusted == pytest.approx(stats.false_discovery_control(p_values), abs=1e-12)
    assert adjusted == pytest.approx(multitest.multipletests(p_values, method="fdr_bh")[1], abs=1e-12)


def test_benjamini_hochberg_leaves_out_tests_that_were_not_made() -> None:
    adjusted = benjamini_hochberg(np.array([0.04, np.nan, 0.01]))
    assert adjusted[[0, 2]] == pytest.approx(stats.false_discovery_control([0.04, 0.01]))
    assert np.isnan(adjusted[1])
    assert len(benjamini_hochberg(np.array([]))) == 0


def test_proportions_without_rows_have_no_interval_and_no_test() -> None:
    assert wilson(0, 0) is None
    assert newcombe(0, 0, 1, 2) is None
    assert newcombe(1, 2, 0, 0) is None
    assert newcombe_paired(0, 0, 0, 0) is None
    assert binomial_test(0, 0) is None
    assert two_proportions_test(0, 0, 1, 1) is None


@settings(deadline=None)
@given(st.integers(1, 60), st.floats(0, 900))
def test_tail_of_chi_squared_agrees_with_scipy(freedom: int, statistic: float) -> None:
    assert chi_squared_tail(statistic, freedom) == pytest.approx(stats.chi2.sf(statistic, freedom), rel=1e-9, abs=1e-300)


def test_tails_at_their_ends() -> None:
    assert chi_squared_tail(float("inf"), 3) == 0
    assert chi_squared_tail(0.0, 3) == 1
    assert normal_tails(1.959963984540054) == pytest.approx(0.05)
