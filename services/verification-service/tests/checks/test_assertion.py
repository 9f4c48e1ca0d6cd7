"""Rows that match a condition are predicted as stated: planted rules that hold, that break, and that nothing matches."""

import json
from pathlib import Path
from typing import Any

import pytest

from placet_shared.errors import Malformed
from placet_verification.checks import further_columns
from placet_verification.checks.kinds.assertion import KIND, AssertionParameters

from .. import builders, onnx_models

SIGN = onnx_models.logistic([5.0, 0.0], 0.0)
DATA = builders.csv(
    {
        "a": [-2, -1, 1, 2, 3, "", 4, -3],
        "b": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
        "region": ["north", "north", "south", "south", "south", "south", "", "north"],
        "age": [20, 30, 40, 50, "unknown", 70, 80, 90],
        "y": [0, 0, 1, 1, 1, 0, 1, 0],
    }
)


def condition(column: str, comparator: str, value: Any) -> dict[str, Any]:
    return {"column": column, "comparator": comparator, "value": value}


def assertion(*conditions: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {"id": "rule", "check": "assertion", "condition": list(conditions or [condition("a", ">", 0)]), **parts}


def wanted(**parts: Any) -> AssertionParameters:
    return AssertionParameters.model_validate({"condition": [condition("a", ">", 0)], "predicted": [1], "share": 0.9, **parts})


def found(value: float | None, matching: int = 100, ci: list[float] | None = None) -> dict[str, Any]:
    counts = {"rows": 200, "matching": matching, "dropped": 3, "valid": 90, "first_invalid_rows": [4]}
    return {**counts, "value": value, "ci": ci or ([0.8, 0.95] if matching else None)}


@pytest.mark.parametrize(
    ("parameters", "measured", "status", "reason_code"),
    [
        (wanted(), found(0.9), "PASS", None),
        (wanted(), found(0.89), "FAIL", "assertion_broken"),
        (wanted(judge="interval"), found(0.95), "WARN", "inconclusive"),
        (wanted(judge="interval"), found(0.95, ci=[0.9, 0.99]), "PASS", None),
        (wanted(judge="interval"), found(0.85, ci=[0.7, 0.89]), "FAIL", "assertion_broken"),
        (wanted(), found(None, matching=0), "INSUFFICIENT_DATA", "no_row_matches"),
        (wanted(minimum_rows=101), found(1.0), "INSUFFICIENT_DATA", "too_few_rows_match"),
        (wanted(minimum_rows=100), found(1.0), "PASS", None),
    ],
)
def test_verdict(parameters: AssertionParameters, measured: dict[str, Any], status: str, reason_code: str | None) -> None:
    [record] = KIND.judge(parameters, measured)
    assert (record.status, record.reason_code) == (status, reason_code)
    assert record.parameters["dropped"] == 3
    json.dumps(record.plain(), allow_nan=False)


@pytest.mark.parametrize(
    ("check", "status", "matching", "dropped", "valid"),
    [
        (assertion(predicted=[1]), "PASS", 4, 0, 4),
        (assertion(predicted=[0]), "FAIL", 4, 0, 0),
        (assertion(predicted=[0, 1]), "PASS", 4, 0, 4),
        (assertion(condition("b", "<=", 0.4), predicted=[1]), "FAIL", 4, 0, 2),
        (assertion(condition("b", "<=", 0.4), predicted=[1], share=0.5), "PASS", 4, 0, 2),
        (assertion(condition("region", "==", "south"), predicted=[1]), "PASS", 3, 1, 3),
        (assertion(condition("region", "!=", "south"), predicted=[0]), "PASS", 3, 1, 3),
        (assertion(condition("region", "==", "south"), condition("a", "<", 3), predicted=[1]), "PASS", 2, 1, 2),
        (assertion(condition("age", ">=", 40), at_most=0.5), "FAIL", 4, 1, 1),
        (assertion(condition("age", ">=", 40), at_least=0.0, at_most=1.0), "PASS", 4, 1, 4),
        (assertion(condition("a", ">", 1000), predicted=[1]), "INSUFFICIENT_DATA", 0, 0, 0),
    ],
)
async def test_rows_that_match_are_counted(tmp_path: Path, check: Any, status: str, matching: int, dropped: int, valid: int) -> None:
    # the row without `a` has no prediction
    data = DATA.replace(b"\n,0.6,south,70,0", b"")
    [record] = (await builders.judged(tmp_path, SIGN, data, builders.plan(checks=[check])))["rule"].records
    assert record.status == status
    assert {name: record.parameters[name] for name in ("matching", "dropped", "valid")} == {
        "matching": matching, "dropped": dropped, "valid": valid,
    }  # fmt: skip


async def test_the_first_rows_that_break_it_are_named_by_number(tmp_path: Path) -> None:
    document = builders.plan(checks=[assertion(condition("b", "<=", 0.4), predicted=[1])])
    [record] = (await builders.judged(tmp_path, SIGN, DATA.replace(b"\n,0.6", b"\n9,0.6"), document))["rule"].records
    assert record.parameters["first_invalid_rows"] == [1, 2]


async def test_a_regression_is_asserted_by_its_range(tmp_path: Path) -> None:
    data = builders.csv({"a": [1, 2, 3], "b": [0, 0, 0], "y": [1, 2, 3]})
    for most, status in ((3.0, "PASS"), (2.9, "FAIL")):
        document = builders.regression(assertion(at_least=0, at_most=most))
        assert (await builders.judged(tmp_path, onnx_models.linear([1.0, 0.0]), data, document))["rule"].status == status


TYPED = [{"name": name, "columns": [name], "type": type_} for name, type_ in onnx_models.OF_EVERY_TYPE.items()]


@pytest.mark.parametrize(
    ("comparator", "value", "status", "matching"),
    [("==", "true", "PASS", 2), ("!=", "true", "FAIL", 2), ("==", "False", "FAIL", 2), ("!=", "False", "PASS", 2)],
)
async def test_a_truth_value_is_compared_by_its_name(tmp_path: Path, comparator: str, value: str, status: str, matching: int) -> None:
    married = ["true", "FALSE", "1", "0"]
    data = builders.csv({"x": [0] * 4, "region": ["west"] * 4, "children": [1] * 4, "married": married, "y": [1, 0, 1, 0]})
    document = builders.plan(inputs=TYPED, checks=[assertion(condition("married", comparator, value), predicted=[1])])
    [record] = (await builders.judged(tmp_path, onnx_models.of_every_type(), data, document))["rule"].records
    assert (record.status, record.parameters["matching"]) == (status, matching)


@pytest.mark.parametrize("value", ["yes", "1", ""])
def test_a_truth_value_is_true_or_false(value: str) -> None:
    with pytest.raises(Malformed, match="'true' or 'false' for married"):
        builders.plan(inputs=TYPED, checks=[assertion(condition("married", "!=", value), predicted=[1])])


def test_a_column_of_two_inputs_has_the_type_of_the_first() -> None:
    inputs = [{"name": "X", "columns": ["a", "b"]}, {"name": "T", "columns": ["a"], "type": "string"}]
    with pytest.raises(Malformed, match="a number for a"):
        builders.plan(inputs=inputs, checks=[assertion(condition("a", "==", "1"), predicted=[1])])


def test_a_column_that_an_input_takes_is_not_read_twice() -> None:
    both = assertion(condition("a", ">", 0), condition("region", "==", "south"), predicted=[1])
    assert further_columns(builders.plan(checks=[both])) == ["region"]


@pytest.mark.parametrize(
    ("check", "field"),
    [
        (assertion(), "predicted"),
        (assertion(predicted=[1], at_least=0.5), "predicted"),
        (assertion(predicted=[2]), "predicted"),
        (assertion(at_least=1, at_most=0), "at_least"),
        (assertion(condition("a", "==", "high"), predicted=[1]), "condition"),
        (assertion(condition("region", "<", "south"), predicted=[1]), "condition"),
        (assertion(condition("a", "~", 1), predicted=[1]), "condition"),
        ({**assertion(predicted=[1]), "condition": []}, "condition"),
        (assertion(predicted=[1], share=0), "share"),
    ],
)
def test_a_wrong_plan_is_refused_by_its_field(check: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        builders.plan(checks=[check])


def test_several_classes_have_no_range() -> None:
    parts = {"task": "multiclass", "prediction": {"scores": "P", "classes": ["0", "1", "2"]}}
    with pytest.raises(Malformed, match=r"checks\.0\.at_least"):
        builders.plan(checks=[assertion(at_least=0.5)], **parts)
