"""Each corruption does what it says, as often as it says, and to nothing else."""

from collections.abc import Callable

import numpy as np
import pytest

from placet_verification.adapters.evaluation.statistics.arrays import Column
from placet_verification.adapters.evaluation.statistics.corruptions import (
    CORRUPTIONS,
    missing,
    noise,
    population_shift,
    scaling,
    swap,
    typos,
)

RANDOM = np.random.default_rng(40)
N = 20_000
COLUMNS: dict[str, Column] = {
    "x": RANDOM.normal(5, 2, N),
    "count": RANDOM.integers(1, 9, N),
    "kind": RANDOM.choice(["a", "b", "c"], N),
}


def test_a_tenth_of_the_values_goes_missing() -> None:
    found = missing(COLUMNS, 1)
    assert np.isnan(found["x"]).mean() == pytest.approx(0.1, abs=0.01)
    assert np.isnan(found["count"]).mean() == pytest.approx(0.1, abs=0.01)
    assert (found["kind"] == "").mean() == pytest.approx(0.1, abs=0.01)
    stayed = ~np.isnan(found["x"])
    assert (found["x"][stayed] == COLUMNS["x"][stayed]).all()


def test_noise_has_a_tenth_of_the_standard_deviation() -> None:
    found = noise(COLUMNS, 1)
    added = found["x"] - COLUMNS["x"]
    assert added.std() == pytest.approx(0.2, rel=0.05)
    assert added.mean() == pytest.approx(0, abs=0.01)
    assert (found["kind"] == COLUMNS["kind"]).all()


def test_a_tenth_of_the_numbers_is_scaled_by_ten_or_a_tenth() -> None:
    found = scaling(COLUMNS, 1)
    factor = np.round(found["x"] / COLUMNS["x"], 6)
    assert {float(value) for value in np.unique(factor)} == {0.1, 1.0, 10.0}
    for value in (0.1, 10.0):
        assert (factor == value).mean() == pytest.approx(0.05, abs=0.01)
    assert (found["kind"] == COLUMNS["kind"]).all()


def test_a_tenth_of_the_categories_becomes_another_one() -> None:
    found = swap(COLUMNS, 1)
    assert (found["kind"] != COLUMNS["kind"]).mean() == pytest.approx(0.1, abs=0.01)
    assert set(found["kind"]) == {"a", "b", "c"}
    for left in "abc":
        became = found["kind"][(found["kind"] != COLUMNS["kind"]) & np.equal(COLUMNS["kind"], left)]
        assert len(set(became)) == 2
    assert (found["x"] == COLUMNS["x"]).all()


def one_error_apart(text: str, other: str) -> bool:
    """A letter more, one less, another one, or two neighbours changed about."""
    pairs = range(max(len(text), len(other)))
    return any(
        other == one
        for at in pairs
        for one in (
            text[:at] + text[at + 1 :],
            text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :],
            *(text[:at] + letter + rest for letter in "abcdefghijklmnopqrstuvwxyz" for rest in (text[at:], text[at + 1 :])),
        )
    )


def test_a_tenth_of_the_texts_has_one_typing_error() -> None:
    texts = np.array(["a", "", "moon", "aa", "naïve café", "Überraschung 1"])[RANDOM.integers(0, 6, N)]
    found = typos({"text": texts, "x": COLUMNS["x"]}, 1)
    changed = found["text"] != texts
    assert changed[texts != ""].mean() == pytest.approx(0.1, abs=0.01)
    assert not changed[texts == ""].any()
    assert not (found["text"][texts != ""] == "").any()
    assert all(one_error_apart(text, other) for text, other in zip(texts[changed], found["text"][changed], strict=True))
    assert {len(other) - len(text) for text, other in zip(texts[changed], found["text"][changed], strict=True)} == {-1, 0, 1}
    assert found["x"] is COLUMNS["x"]


@pytest.mark.parametrize("name", sorted(CORRUPTIONS))
def test_a_corruption_is_repeated_by_its_seed_whatever_other_columns_there_are(name: str) -> None:
    before = {key: column.copy() for key, column in COLUMNS.items()}
    first, again, other = (CORRUPTIONS[name](COLUMNS, seed) for seed in (1, 1, 2))
    more = CORRUPTIONS[name]({"zzz": COLUMNS["x"], **COLUMNS}, 1)
    for key in COLUMNS:
        assert np.array_equal(first[key], again[key], equal_nan=key != "kind")
        assert np.array_equal(first[key], more[key], equal_nan=key != "kind")
        assert np.array_equal(COLUMNS[key], before[key])
    assert any(not np.array_equal(first[key], other[key], equal_nan=key != "kind") for key in COLUMNS)


@pytest.mark.parametrize("corruption", CORRUPTIONS.values(), ids=CORRUPTIONS)
def test_few_constant_and_missing_values_are_no_error(corruption: Callable[..., dict[str, Column]]) -> None:
    for columns in (
        {},
        {"x": np.array([]), "kind": np.array([], dtype="U1")},
        {"x": np.array([1.0]), "kind": np.array(["a"])},
        {"x": np.array([np.nan, np.inf]), "kind": np.array(["a", "a"])},
    ):
        found = corruption(columns, 1)
        assert {name: len(column) for name, column in found.items()} == {name: len(column) for name, column in columns.items()}


def test_a_shift_of_the_population_has_the_share_asked_for() -> None:
    members = np.arange(N) % 5 == 0
    weights = population_shift(members, 1, share=0.5)
    assert weights is not None
    assert weights.sum() == N
    assert weights[members].sum() / N == pytest.approx(0.5, abs=0.02)
    again = population_shift(members, 1, share=0.5)
    assert again is not None
    assert (again == weights).all()


def test_a_population_of_one_kind_can_not_shift() -> None:
    assert population_shift(np.array([], dtype=bool), 1, 0.5) is None
    assert population_shift(np.array([True]), 1, 0.5) is None
    assert population_shift(np.array([False, False]), 1, 0.5) is None
