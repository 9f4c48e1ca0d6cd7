"""The difference of two independent sets of rows, held against the closed form for means."""

import numpy as np
import pytest

from placet_verification.adapters.evaluation.rows import r2, row_mean
from placet_verification.adapters.evaluation.statistics.independent import apart

RANDOM = np.random.default_rng(23)


def test_the_interval_of_two_means_is_welchs() -> None:
    first, second = RANDOM.normal(1.0, 2.0, 800), RANDOM.normal(0.4, 1.0, 500)
    found = apart(row_mean(first), len(first), row_mean(second), len(second), 3)
    assert found is not None
    assert found.ci is not None
    half = 1.96 * np.sqrt(first.var() / len(first) + second.var() / len(second))
    assert found.value == pytest.approx(first.mean() - second.mean())
    assert found.ci == pytest.approx((found.value - half, found.value + half), abs=0.02)
    assert found.p is not None
    assert found.p < 1e-6


def test_equal_constants_are_not_apart() -> None:
    found = apart(row_mean(np.ones(5)), 5, row_mean(np.ones(4)), 4, 3)
    assert found is not None
    assert (found.value, found.ci, found.p) == (0.0, (0.0, 0.0), 1.0)


def test_without_rows_or_where_the_metric_is_not_defined_there_is_no_difference() -> None:
    ones = row_mean(np.ones(3))
    assert apart(row_mean(np.ones(0)), 0, ones, 3, 3) is None
    assert apart(r2(np.ones(3), np.ones(3)), 3, ones, 3, 3) is None
