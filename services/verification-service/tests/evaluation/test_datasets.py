"""A CSV is read as the plan says, and what is otherwise is refused by its line."""

from typing import Any

import numpy as np
import pytest

from placet_verification.adapters.evaluation.dataset import read_dataset
from placet_verification.adapters.evaluation.refused import Refused

from .. import builders

GOOD = b"a,b,y,other\n1,2,0,x\n0.5,-1e3,1,y\n"


def test_columns_come_in_the_plans_order_whatever_else_the_file_has() -> None:
    document = builders.plan(inputs=[{"name": "X", "columns": ["b", "a"]}, {"name": "S", "columns": ["other"], "type": "string"}])
    data = read_dataset(GOOD, document)
    assert data.labels.tolist() == [0, 1]
    assert data.inputs["X"].tolist() == [[2, 1], [-1000, 0.5]]
    assert data.inputs["X"].dtype == np.float32
    assert data.inputs["S"].tolist() == [["x"], ["y"]]


def test_a_byte_order_mark_and_carriage_returns_are_no_content() -> None:
    assert len(read_dataset(b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n"), builders.plan())) == 2


def test_an_empty_cell_is_nan_only_where_the_plan_says_so() -> None:
    raw = b"a,b,y\n,2,0\n"
    with pytest.raises(Refused):
        read_dataset(raw, builders.plan())
    data = read_dataset(raw, builders.plan(dataset={"label": "y", "empty": "nan"}))
    assert np.isnan(data.inputs["X"][0, 0])


@pytest.mark.parametrize(
    ("raw", "reason_code", "facts"),
    [
        (b"", "dataset_empty", {}),
        (b"a,b,y\n", "dataset_empty", {}),
        (b"a,b\n1,2\n", "column_missing", {"column": "y"}),
        (b"a,a,b,y\n1,1,2,0\n", "column_twice", {"column": "a"}),
        (b"a,b,y\n1,2,0\n1,2\n", "malformed_row", {"row": 3, "cells": 2, "expected": 3}),
        (b"a,b,y\n1,2,0\n1,two,0\n", "malformed_row", {"row": 3, "column": "b", "expected": "a finite number"}),
        (b"a,b,y\n1,inf,0\n", "malformed_row", {"row": 2, "column": "b", "expected": "a finite number"}),
        (b"a,b,y\n1,1e39,0\n", "malformed_row", {"row": 2, "column": "b", "expected": "a finite number"}),
        (b"a,b,y\n1,1_0,0\n", "malformed_row", {"row": 2, "column": "b", "expected": "a finite number"}),
        (b"a,b,y\n1,2,0\n1,2,2\n", "unknown_label", {"row": 3, "column": "y"}),
        (b'a,b,y\n1,"2,0\n', "malformed_row", {"row": 2}),
        (b"a,b,y\n1,2,0\n1,\xff,0\n", "malformed_row", {"row": 3, "expected": "UTF-8"}),
    ],
)
def test_a_file_that_is_not_as_the_plan_says_is_refused_by_its_line(raw: bytes, reason_code: str, facts: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        read_dataset(raw, builders.plan())
    assert caught.value.reason_code == reason_code
    assert caught.value.facts == facts
