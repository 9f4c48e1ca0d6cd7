"""Held against an exhaustive search where that is possible."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats

from placet_verification.adapters.evaluation.statistics.arrays import Column, Floats
from placet_verification.adapters.evaluation.statistics.counterfactual import Counterfactual, _Change, _combined, nearest
from placet_verification.adapters.evaluation.statistics.probing import Columns, choices

RANDOM = np.random.default_rng(9)
REFERENCE: dict[str, Column] = {"a": RANDOM.normal(0, 1, 400), "b": RANDOM.normal(0, 10, 400), "kind": np.repeat(["x", "y"], 200)}
ROW: dict[str, Column] = {"a": np.array([0.0]), "b": np.array([0.0]), "kind": np.array(["x"])}


def score(columns: Columns) -> Floats:
    return np.asarray(columns["a"] + columns["b"] / 10 + 0.5 * (columns["kind"] == "y"), dtype=np.float64)


def found(least: float, *mutable: str, **limits: int) -> Counterfactual | None:
    return nearest(ROW, REFERENCE, mutable, score, lambda answers: answers - least, **limits)


@pytest.mark.parametrize("least", [0.3, 1.0, 1.4, 2.0, 3.0])
def test_the_nearest_change_is_that_of_an_exhaustive_search(least: float) -> None:
    spread = {name: stats.median_abs_deviation(REFERENCE[name]) for name in ("a", "b")}
    values = [[0.0, *choices(REFERENCE["a"], 10)], [0.0, *choices(REFERENCE["b"], 10)], ["x", "y"]]
    distances = [
        abs(a) / spread["a"] + abs(b) / spread["b"] + (kind == "y")
        for a, b, kind in product(*values)
        if a + b / 10 + 0.5 * (kind == "y") >= least
    ]
    seen = found(least, "a", "b", "kind")
    assert seen is not None
    assert seen.distance == pytest.approx(min(distances))
    assert seen.prediction >= least
    assert seen.evaluations <= 2000


def test_what_may_not_change_does_not() -> None:
    seen = found(1.0, "b")
    assert seen is not None
    assert list(seen.changes) == ["b"]
    assert found(0.4, "kind") == Counterfactual({"kind": "y"}, 1.0, 0.5, 1)
    assert found(0.6, "kind") is None
    assert found(0.6) is None


@pytest.mark.parametrize(("columns", "size"), [(1, 2), (2, 2), (5, 2), (3, 3), (9, 3)])
def test_combinations_come_by_the_sum_of_their_places(columns: int, size: int) -> None:
    options = [[_Change(str(place), 0.0, 1.0)] for place in range(columns)]
    came = [tuple(int(change.column) for change in changes) for changes in _combined(options, size)]
    assert came == sorted(combinations(range(columns), size), key=sum)


def test_a_thousand_columns_are_searched_within_the_bounds() -> None:
    """They have 166 million combinations of three."""
    names = [f"c{place}" for place in range(1000)]
    reference = {name: np.linspace(-1, 1, 40) for name in names}
    row: dict[str, Column] = {name: np.array([0.0]) for name in names}
    calls: list[int] = []

    def weighed(columns: Columns) -> Floats:
        calls.append(len(columns["c0"]))
        return np.asarray(3 * columns["c7"] + sum(columns[name] for name in names[8:]), dtype=np.float64)

    seen = nearest(row, reference, names, weighed, lambda answers: answers - 2.0)
    assert seen is not None
    assert "c7" in seen.changes
    assert nearest(row, reference, names, weighed, lambda answers: answers - 99) is None
    assert sum(calls) <= 2 * 2000


def test_the_search_is_bounded() -> None:
    calls: list[int] = []

    def counted(columns: Columns) -> Floats:
        calls.append(len(columns["a"]))
        return score(columns)

    assert nearest(ROW, REFERENCE, ["a", "b", "kind"], counted, lambda answers: answers - 99, evaluations=25) is None
    assert sum(calls) <= 25
    assert len(calls) <= 3


def test_at_most_so_many_columns_change() -> None:
    assert found(3.0, "a", "b", "kind", at_most=1) is None
    seen = found(3.0, "a", "b", "kind")
    assert seen is not None
    assert len(seen.changes) > 1


def test_references_without_a_spread_offer_nothing_and_mostly_equal_ones_their_mean_deviation() -> None:
    for constant in (np.ones(5), np.array([]), np.full(3, np.nan)):
        assert nearest(ROW, {"a": constant}, ["a"], score, lambda answers: answers - 0.1) is None
    mostly = np.array([0.0] * 17 + [1.0] * 3)
    seen = nearest(ROW, {"a": mostly}, ["a"], score, lambda answers: answers - 1)
    assert seen is not None
    assert seen.changes == {"a": 1.0}
    assert seen.distance == pytest.approx(1 / 0.15)


def test_a_missing_value_can_be_filled_at_the_price_of_one() -> None:
    row = {**ROW, "a": np.array([np.nan])}
    seen = nearest(row, REFERENCE, ["a"], score, lambda answers: answers - 1)
    assert seen is not None
    assert seen.distance == 1
