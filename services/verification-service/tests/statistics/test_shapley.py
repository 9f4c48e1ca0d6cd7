"""Held against the exact values: by the definition over all coalitions, and for linear models in closed form."""

from itertools import combinations
from math import comb

import numpy as np
import pytest

from placet_verification.adapters.evaluation.statistics.arrays import Column, Floats
from placet_verification.adapters.evaluation.statistics.probing import Columns
from placet_verification.adapters.evaluation.statistics.shapley import explain

RANDOM = np.random.default_rng(12)
REFERENCE: dict[str, Column] = {name: RANDOM.normal(0, 1, 60) for name in "abc"}
ROW: dict[str, Column] = {"a": np.array([1.0]), "b": np.array([-2.0]), "c": np.array([0.5])}


def linear(columns: Columns) -> Floats:
    return np.asarray(3 * columns["a"] - columns["b"] + 7)


def crossed(columns: Columns) -> Floats:
    return np.asarray(columns["a"] * columns["b"] + np.maximum(columns["b"], columns["c"]))


def exact(name: str) -> float:
    others = [other for other in "abc" if other != name]

    def value(known: tuple[str, ...]) -> float:
        mixed = {one: np.repeat(ROW[one], 60) if one in known else REFERENCE[one] for one in "abc"}
        return float(crossed(mixed).mean())

    return sum((value((*known, name)) - value(known)) / (3 * comb(2, size)) for size in range(3) for known in combinations(others, size))


def test_sampled_values_agree_with_the_definition() -> None:
    found = explain(ROW, REFERENCE, crossed, seed=1, permutations=6000)
    assert found is not None
    for one in found.contributions:
        assert one.standard_error is not None
        assert one.value == pytest.approx(exact(one.column), abs=5 * one.standard_error)
        assert one.standard_error < 0.03
    assert found.gap == pytest.approx(0, abs=1e-9)  # every background row was used equally often


def test_contributions_of_a_linear_model_are_its_weights_times_the_distance_from_the_mean() -> None:
    found = explain(ROW, REFERENCE, linear, seed=1, permutations=60)
    assert found is not None
    values = {one.column: one.value for one in found.contributions}
    expected = {"a": 3 * (1 - REFERENCE["a"].mean()), "b": 2 + REFERENCE["b"].mean(), "c": 0}
    assert values == pytest.approx(expected, abs=1e-9)


def test_what_sampling_leaves_over_is_the_gap() -> None:
    found = explain(ROW, REFERENCE, crossed, seed=1)
    assert found is not None
    assert found.prediction == pytest.approx(float(crossed(ROW)[0]))
    assert found.base == pytest.approx(float(crossed(REFERENCE).mean()))
    assert found.prediction - found.base == pytest.approx(sum(one.value for one in found.contributions) + found.gap)
    assert found.gap != 0
    assert found == explain(ROW, REFERENCE, crossed, seed=1) != explain(ROW, REFERENCE, crossed, seed=2)


def test_categories_and_a_single_background_row_and_permutation_are_enough() -> None:
    row, reference = {"kind": np.array(["longer"])}, {"kind": np.array(["x"])}
    found = explain(row, reference, lambda one: np.asarray(one["kind"] == "longer", dtype=np.float64), seed=1, permutations=1)
    assert found is not None
    assert [(one.value, one.standard_error) for one in found.contributions] == [(1, None)]


def test_a_row_without_columns_or_reference_has_no_explanation() -> None:
    assert explain({}, REFERENCE, linear, seed=1) is None
    assert explain(ROW, {name: np.array([]) for name in "abc"}, linear, seed=1) is None
