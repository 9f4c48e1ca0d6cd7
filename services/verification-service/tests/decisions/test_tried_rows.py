"""Rows that a person gives: what a column may hold is what a data set's may, and a refusal says where and what is allowed."""

from typing import Any

import pytest

from placet_shared.errors import Malformed
from placet_verification.adapters.evaluation.columns import Column
from placet_verification.adapters.evaluation.csv_rows import read_rows
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.domain.tried_rows import TEXT_LIMIT, check_rows

from .. import builders

CELLS = [
    "0", "1", "-1", "+1", "1.", ".5", "-.5e3", "1e5", "1e400", "1E-400", "nan", "NaN", "inf", "-inf", "", " 1", "1 ", "0x10", "1_000",
    "1,5", "٣", "3.5e38", "3.4028234e38", "2147483647", "2147483648", "-2147483648", "9223372036854775807", "9223372036854775808",
    "00000000000000000001", "true", "FALSE", "True", "yes", "text", "é", "1e", "e1", ".", "-", "--1", "1" * 400,
]  # fmt: skip
TYPES = ["float32", "float64", "int32", "int64", "bool", "string"]


def planned(type_: str, empty: str = "refuse") -> dict[str, Any]:
    return builders.plan(inputs=[{"name": "X", "columns": ["a"], "type": type_}], dataset={"label": "y", "empty": empty})


def accepted(document: dict[str, Any], **row: Any) -> bool:
    try:
        check_rows(document, [row])
    except Malformed:
        return False
    return True


def readable(cell: str, type_: str, empty: str) -> bool:
    """Whether the exact reader of files takes the cell, in a file that has another column too."""
    try:
        read_rows(f'a,b\n"{cell}",x\n'.encode(), [Column("a", type_, empty == "nan")], ",")
    except Refused:
        return False
    return True


@pytest.mark.parametrize("empty", ["refuse", "nan"])
@pytest.mark.parametrize("type_", TYPES)
def test_a_text_is_taken_where_a_file_could_have_it(type_: str, empty: str) -> None:
    document = planned(type_, empty)
    assert {cell: accepted(document, a=cell) for cell in CELLS} == {cell: readable(cell, type_, empty) for cell in CELLS}


@pytest.mark.parametrize(
    ("type_", "value", "taken"),
    [
        ("float32", 1, True),
        ("float32", 1.5, True),
        ("float32", True, False),
        ("float32", None, False),
        ("float32", float("nan"), False),
        ("float32", float("inf"), False),
        ("float32", 1e39, False),
        ("float32", 10**39, False),
        ("float64", 1e39, True),
        ("float64", 10**400, False),
        ("float64", [1], False),
        ("float64", {"a": 1}, False),
        ("int32", 2**31, False),
        ("int64", 2**31, True),
        ("int64", 2**63, False),
        ("int64", 1.0, False),
        ("int64", True, False),
        ("bool", True, True),
        ("bool", 1, False),
        ("string", "", True),
        ("string", 5, False),
        ("string", None, False),
        ("string", "\ud800", False),
        ("string", "a\0b", False),
        ("string", "x" * TEXT_LIMIT, True),
        ("string", "x" * (TEXT_LIMIT + 1), False),
    ],
)
def test_a_value_of_json_is_of_the_columns_type(type_: str, value: Any, taken: bool) -> None:
    assert accepted(planned(type_), a=value) == taken


def test_nothing_is_a_number_where_the_plan_takes_empty_cells() -> None:
    assert accepted(planned("float32", "nan"), a=None)
    assert accepted(planned("float32", "nan"), a="")
    assert not accepted(planned("int64", "nan"), a=None)


def test_a_column_that_two_inputs_take_fits_both() -> None:
    inputs = [{"name": "X", "columns": ["a"], "type": "float32"}, {"name": "Z", "columns": ["a"], "type": "string"}]
    document = builders.plan(inputs=inputs)
    assert accepted(document, a="1")
    assert not accepted(document, a=1)
    assert not accepted(document, a="one")


def test_every_mistake_is_named_by_row_and_column() -> None:
    with pytest.raises(Malformed) as refused:
        check_rows(builders.plan(), [{"a": 1, "b": 2}, {"a": "many", "c": 3}])
    error = refused.value
    assert error.code == "malformed_rows"
    assert error.detail == "Row 2, column a: a finite number up to ±3.4e+38 (and 2 more)."
    assert [(one.field, one.value, one.allowed) for one in error.errors] == [
        ("rows.1.a", "many", "a finite number up to ±3.4e+38"),
        ("rows.1.b", None, "is required: a finite number up to ±3.4e+38"),
        ("rows.1.c", 3, "left out: the model takes a, b"),
    ]


def test_of_very_many_mistakes_the_first_hundred_are_named() -> None:
    with pytest.raises(Malformed) as refused:
        check_rows(builders.plan(), [{f"c{number}": number for number in range(5000)}] * 20)
    assert len(refused.value.errors) == 100


def test_a_number_of_very_many_digits_is_refused() -> None:
    """In linear time: the pattern does not backtrack."""
    assert not accepted(planned("float64"), a="1" * 1_000_000 + "x")
    assert not accepted(planned("int64"), a="1" * 1_000_000)
