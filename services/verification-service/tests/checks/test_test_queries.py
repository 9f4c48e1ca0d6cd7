"""Rows of the plan with expected answers: some are answered so, some are not, and as many must be as the plan says."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.checks.kinds.test_queries import KIND, TestQueriesParameters

from .. import builders, onnx_models

SIGN = onnx_models.logistic([5.0, 0.0], 0.0)
DATA = builders.csv({"a": [-2, 2], "b": [0, 0], "y": [0, 1]})


def query(name: str, a: Any = 2.0, **expected: Any) -> dict[str, Any]:
    return {"name": name, "row": {"a": a, "b": 0}, **expected}


def queries(*entries: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {"id": "asked", "check": "test_queries", "queries": list(entries), **parts}


def answered(failure: str | None = None, score: float | None = 0.9, decided: int | None = 1) -> dict[str, Any]:
    return {"classes": ["0", "1"], "answers": {"one": {"failure": failure, "score": score, "decided": decided}}}


@pytest.mark.parametrize(
    ("expected", "measured", "status", "reason_code"),
    [
        ({"predicted": 1}, answered(), "PASS", None),
        ({"predicted": 0}, answered(), "FAIL", "another_class"),
        ({"at_least": 0.9, "at_most": 0.9}, answered(), "PASS", None),
        ({"at_least": 0.91}, answered(), "FAIL", "out_of_range"),
        ({"at_most": 0.89}, answered(), "FAIL", "out_of_range"),
        ({"predicted": 1, "at_most": 0.89}, answered(), "FAIL", "out_of_range"),
        ({"near": 0.75, "tolerance": 0.25}, answered(score=1.0), "PASS", None),
        ({"near": 0.75, "tolerance": 0.2}, answered(score=1.0), "FAIL", "out_of_range"),
        ({"near": 0.0}, answered(score=0.0, decided=None), "PASS", None),
        ({"predicted": 1}, answered("prediction_not_finite", None, None), "FAIL", "prediction_not_finite"),
    ],
)
def test_verdict(expected: dict[str, Any], measured: dict[str, Any], status: str, reason_code: str | None) -> None:
    whole, single = KIND.judge(TestQueriesParameters.model_validate({"queries": [query("one", **expected)]}), measured)
    assert (single.status, single.reason_code, single.counts) == (status, reason_code, False)
    assert (whole.status, whole.counts) == (status, True)
    json.dumps([whole.plain(), single.plain()], allow_nan=False)


@pytest.mark.parametrize(("must_hold", "status"), [(None, "FAIL"), (3, "FAIL"), (2, "PASS"), (1, "PASS")])
async def test_as_many_must_hold_as_the_plan_says(tmp_path: Path, must_hold: int | None, status: str) -> None:
    entries = [query("high", predicted=1), query("low", a=-2.0, predicted=0, at_most=0.1), query("wrong", predicted=0)]
    document = builders.plan(checks=[queries(*entries, must_hold=must_hold)])
    one = (await builders.judged(tmp_path, SIGN, DATA, document))["asked"]
    assert one.status == status
    assert [(record.slice, record.status) for record in one.records[1:]] == [("high", "PASS"), ("low", "PASS"), ("wrong", "FAIL")]
    assert one.records[0].value == 2.0
    assert one.records[3].parameters == {"decided": "1", "expected": {"predicted": "0", "tolerance": 0.0}}


TYPED = [{"name": name, "columns": [name], "type": type_} for name, type_ in onnx_models.OF_EVERY_TYPE.items()]


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        ("children", 1.5, "a whole number below 2.*53 for children"),
        ("children", 1e300, "a whole number below 2.*53 for children"),
        ("children", "1", "a whole number below 2.*53 for children"),
        ("married", 0.3, "0 or 1 for married"),
        ("married", 7, "0 or 1 for married"),
        ("region", 1, "a text for region"),
        ("x", "1", "a number for x"),
        ("children", 3, None),
        ("married", 0, None),
        ("x", 1e300, None),
    ],
)
def test_a_row_that_would_be_rounded_is_refused(column: str, value: Any, complaint: str | None) -> None:
    row = {"x": 0.1, "region": "north", "children": 1, "married": 1, column: value}
    with nullcontext() if complaint is None else pytest.raises(Malformed, match=complaint):
        builders.plan(inputs=TYPED, checks=[queries({"name": "one", "row": row, "predicted": 1})])


def test_a_row_fits_every_input_that_takes_a_column() -> None:
    inputs = [{"name": "I", "columns": ["a"], "type": "int64"}, {"name": "X", "columns": ["a", "b"]}]
    with pytest.raises(Malformed, match="a whole number"):
        builders.plan(inputs=inputs, checks=[queries(query("one", a=0.5, predicted=1))])
    with pytest.raises(Malformed, match=r"up to .3\.4e.38"):
        builders.plan(checks=[queries(query("one", a=1e39, predicted=1))])


async def test_a_query_that_the_model_can_not_answer_fails_alone(tmp_path: Path) -> None:
    model = onnx_models.linear([3e38, 0.0])  # overflows beyond 1
    document = builders.regression(queries(query("fine", a=0.5, at_least=0), query("overflow", a=100.0, at_least=0)))
    one = (await builders.judged(tmp_path, model, builders.csv({"a": [0.1, 0.2], "b": [0, 0], "y": [0, 1]}), document))["asked"]
    assert [(record.status, record.reason_code) for record in one.records[1:]] == [("PASS", None), ("FAIL", "prediction_not_finite")]


async def test_of_several_classes_the_one_that_is_decided_for_counts(tmp_path: Path) -> None:
    parts = {"task": "multiclass", "prediction": {"scores": "P", "classes": ["red", "green", "blue"]}}
    model = onnx_models.softmax(np.array([[1.0, 0.0, -1.0], [0.0, 0.0, 0.0]]))
    document = builders.plan(checks=[queries(query("up", predicted="red"), query("down", a=-2.0, predicted="blue"))], **parts)
    data = builders.csv({"a": [1, 2], "b": [0, 0], "y": ["red", "blue"]})
    assert (await builders.judged(tmp_path, model, data, document))["asked"].status == "PASS"


@pytest.mark.parametrize(
    ("check", "field"),
    [
        (queries(query("one")), "queries"),
        (queries(query("one", predicted=2)), "queries"),
        (queries(query("one", at_least=1, at_most=0)), "queries"),
        (queries(query("one", predicted=1, tolerance=0.1)), "queries"),
        (queries(query("one", predicted=1), query("one", predicted=0)), "queries"),
        (queries(query("one", a="high", predicted=1)), "queries"),
        (queries({"name": "one", "row": {"a": 1}, "predicted": 1}), "queries"),
        (queries({"name": "one", "row": {"a": 1, "b": 0, "c": 0}, "predicted": 1}), "queries"),
        (queries(query("one", predicted=1), must_hold=2), "must_hold"),
        (queries(), "queries"),
    ],
)
def test_a_wrong_plan_is_refused_by_its_field(check: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        builders.plan(checks=[check])


def test_several_classes_have_no_range() -> None:
    parts = {"task": "multiclass", "prediction": {"scores": "P", "classes": ["0", "1", "2"]}}
    with pytest.raises(Malformed, match=r"checks\.0\.queries"):
        builders.plan(checks=[queries(query("one", at_least=0.5))], **parts)
