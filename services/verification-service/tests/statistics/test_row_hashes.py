"""Held against pandas, which compares the rows themselves."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placet_verification.adapters.evaluation.statistics.arrays import Column
from placet_verification.adapters.evaluation.statistics.proportions import wilson
from placet_verification.adapters.evaluation.statistics.row_hashes import conflicting_labels, duplicates, overlap, row_hashes

ROWS = st.lists(
    st.tuples(st.sampled_from([0.0, -0.0, 1.5, float("nan"), float("inf")]), st.sampled_from(["a", "b", "", "longer"]), st.integers(0, 1)),
    max_size=30,
)


def columns_of(rows: list[tuple[float, str, int]]) -> dict[str, Column]:
    return {"x": np.array([row[0] for row in rows], dtype=np.float64), "kind": np.array([row[1] for row in rows], dtype=str)}


@settings(deadline=None)
@given(ROWS, ROWS)
def test_equal_rows_are_those_that_pandas_finds(first: list[tuple[float, str, int]], second: list[tuple[float, str, int]]) -> None:
    hashes, others = row_hashes(columns_of(first)), row_hashes(columns_of(second))
    labels = np.array([row[2] for row in first], dtype=np.int64)
    if not first:
        assert duplicates(hashes) is overlap(hashes, others) is conflicting_labels(hashes, labels) is None
        return
    frame = pd.DataFrame({**columns_of(first), "label": labels})
    again = frame.duplicated(["x", "kind"])
    found = duplicates(hashes)
    assert found is not None
    assert found.count == again.sum()
    assert found.first == (again.idxmax() if again.any() else None)
    conflict = frame.groupby(["x", "kind"], dropna=False)["label"].transform("nunique") > 1
    conflicting = conflicting_labels(hashes, labels)
    assert conflicting is not None
    assert conflicting.count == conflict.sum()
    known = {(repr(row[0] + 0.0), row[1]) for row in second}
    shared = overlap(hashes, others)
    assert shared is not None
    assert shared.count == sum((repr(row[0] + 0.0), row[1]) in known for row in first)
    assert shared.ci == wilson(shared.count, len(first))


def test_the_order_of_columns_and_the_type_of_a_number_do_not_matter_but_names_do() -> None:
    a, b = np.array([1, 2]), np.array([2, 1])
    one = row_hashes({"a": a, "b": b})
    assert (row_hashes({"b": b.astype(np.float64), "a": a.astype(np.float32)}) == one).all()
    assert (row_hashes({"a": b, "b": a}) != one).all()
    assert one[0] != one[1]


def test_a_million_different_rows_have_a_million_hashes() -> None:
    columns: dict[str, Column] = {"x": np.arange(1_000_000) // 1000, "y": np.arange(1_000_000) % 1000}
    assert len(np.unique(row_hashes(columns))) == 1_000_000


def test_rows_without_columns_are_none() -> None:
    assert len(row_hashes({})) == 0
    assert duplicates(row_hashes({"x": np.array([])})) is None


def test_shares_are_of_the_evaluation_rows() -> None:
    found = overlap(row_hashes({"x": np.array([9.0, 1.0, 2.0, 1.0])}), row_hashes({"x": np.array([1.0, 3.0])}))
    assert found is not None
    assert (found.count, found.n, found.first) == (2, 4, 1)
    assert found.share == pytest.approx(0.5)
