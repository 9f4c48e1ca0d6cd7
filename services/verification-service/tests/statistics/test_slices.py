"""Planted weaknesses are found, noise is not, and what is reported is what the confirming half says."""

import numpy as np
import pytest
from scipy import stats

from placet_verification.adapters.evaluation.statistics.arrays import Column, Floats
from placet_verification.adapters.evaluation.statistics.cuts import Condition, cut_columns, quantiles
from placet_verification.adapters.evaluation.statistics.intervals import Z
from placet_verification.adapters.evaluation.statistics.slices import SliceSearch, weakest_slices

RANDOM = np.random.default_rng(33)
N = 6000
AGE = RANDOM.uniform(18, 80, N)
CITY = RANDOM.choice(["bern", "graz", "lyon"], N)
NOISE = RANDOM.normal(0, 1, N)
COLUMNS: dict[str, Column] = {"noise": NOISE, "age": AGE, "city": CITY}
OLD_IN_GRAZ = (np.quantile(AGE, 0.8) < AGE) & np.equal(CITY, "graz")
WEAK: Floats = (RANDOM.random(N) < np.where(OLD_IN_GRAZ, 0.5, 0.9)).astype(np.float64)
EVEN: Floats = (RANDOM.random(N) < 0.9).astype(np.float64)


def search(columns: dict[str, Column], scores: Floats, seed: int = 1, **limits: int) -> SliceSearch:
    found = weakest_slices(columns, scores, seed, None, **limits)
    assert found is not None
    return found


def test_a_planted_pair_is_the_weakest_slice() -> None:
    found = search(COLUMNS, WEAK)
    weakest = found.slices[0]
    assert {part.column for part in weakest.conditions} == {"age", "city"}
    assert Condition("city", category="graz") in weakest.conditions
    assert str(weakest.conditions[0]).startswith("age > 6")
    assert weakest.score == pytest.approx(0.5, abs=0.1)
    assert weakest.ci[0] > 0.2


def test_a_slice_is_measured_on_the_half_that_did_not_choose_it() -> None:
    weakest = search(COLUMNS, WEAK).slices[0]
    confirming = np.ones(N, dtype=bool)
    confirming[np.random.Generator(np.random.PCG64(1)).permutation(N)[: N // 2]] = False
    edge = quantiles(AGE, 5)[-1]
    rows = (edge < AGE) & np.equal(CITY, "graz") & confirming
    inside, rest, every = WEAK[rows], WEAK[confirming & ~rows], WEAK[confirming]
    assert weakest.n == rows.sum()
    assert weakest.score == pytest.approx(inside.mean())
    assert weakest.shortfall == pytest.approx(every.mean() - inside.mean())
    welch = stats.ttest_ind(rest, inside, equal_var=False)
    share = len(rest) / len(every)
    error = share * (rest.mean() - inside.mean()) / welch.statistic
    assert weakest.ci == pytest.approx((weakest.shortfall - Z * error, weakest.shortfall + Z * error))


def test_an_even_model_has_no_weak_slice() -> None:
    found = [search(COLUMNS, EVEN, seed) for seed in range(20)]
    assert sum(len(one.slices) for one in found) <= 1
    assert all(one.candidates > 20 for one in found)


def test_candidates_are_limited_and_parts_of_single_columns_come_first() -> None:
    assert search(COLUMNS, WEAK, candidates=13).candidates == 13
    alone = search(COLUMNS, WEAK, candidates=13)
    assert all(len(one.conditions) == 1 for one in alone.slices)
    assert search(COLUMNS, WEAK, tested=2).tested == 2


def test_a_slice_with_too_few_rows_in_a_half_is_no_candidate() -> None:
    few = np.where(np.arange(N) < 150, "few", "many")
    scores = np.where(np.arange(N) < 150, 0.0, EVEN)
    assert search({"kind": few}, scores).candidates == 1  # the many
    assert search({"kind": few}, scores, least_rows=40).slices[0].conditions == (Condition("kind", category="few"),)


def test_missing_numbers_are_a_slice() -> None:
    gaps = np.where(np.arange(N) % 4 == 0, np.nan, NOISE)
    found = search({"noise": gaps}, np.where(np.isnan(gaps), 0.0, 1.0))
    assert [str(part) for part in found.slices[0].conditions] == ["noise is missing"]
    assert found.slices[0].p_adjusted == 0


def test_columns_are_cut_where_the_reference_says() -> None:
    reference: dict[str, Column] = {"x": np.arange(10.0), "kind": np.array(["a", "b"])}
    columns: dict[str, Column] = {"x": np.array([1.0, 1.5, 100.0, np.nan]), "kind": np.array(["b", "new", "a", ""]), "other": NOISE[:4]}
    numbers, names = cut_columns(columns, reference, 5)
    assert [str(part) for part in numbers.parts] == ["x <= 1", "1 < x <= 3", "3 < x <= 5", "5 < x <= 7", "x > 7", "x is missing"]
    assert numbers.codes.tolist() == [0, 1, 4, 5]
    assert [str(part) for part in names.parts] == ["kind = a", "kind = b"]
    assert names.codes.tolist() == [1, 2, 0, 2]


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_few_rows_have_no_candidates(rows: int) -> None:
    found = weakest_slices({name: column[:rows] for name, column in COLUMNS.items()}, EVEN[:rows], 1)
    assert (found is None) if rows == 0 else (found is not None and found.candidates == 0)


def test_ties_constant_columns_and_scores_that_are_no_numbers_are_no_error() -> None:
    constant = np.full(N, 2.0)
    assert search({"x": constant, "y": np.full(N, np.nan)}, EVEN).slices == ()
    assert search(COLUMNS, np.ones(N)).slices == ()
    assert weakest_slices(COLUMNS, np.where(NOISE > 0, np.nan, 1.0), 1) is None
    assert search({}, EVEN).candidates == 0
