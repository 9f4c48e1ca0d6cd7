"""Drift from the reference: planted in a column, in what columns have in common, in the prediction; and none."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.adapters.evaluation.dataset import Dataset
from placet_verification.adapters.evaluation.inputs import Files, Inputs
from placet_verification.adapters.evaluation.measures.drift import measure
from placet_verification.checks.kinds.drift import KIND, DriftParameters
from placet_verification.domain.records import Judgement

from .. import builders, onnx_models

RANDOM = np.random.default_rng(3)


def wanted(**parts: Any) -> DriftParameters:
    return DriftParameters.model_validate(parts)


def found(
    psi: float | None = 0.05, by_chance: float = 0.01, auc: float = 0.5, ci: tuple[float, float] = (0.45, 0.55), **parts: Any
) -> dict[str, Any]:
    column: dict[str, Any] = {
        "name": "a",
        "psi": psi,
        "by_chance": by_chance,
        "kolmogorov_smirnov": 0.1,
        "wasserstein": None,
        "histogram": {},
    }
    classifier = {"auc": auc, "ci": ci, "n": 400, "parameters": {"p": 0.5}}
    whole = {"n": 200, "n_reference": 200, "seed": 7, "parameters": {"rows": 200}}
    return {**whole, "columns": [column], "classifier": classifier, **parts}


@pytest.mark.parametrize(
    ("measured", "statuses", "reason_code"),
    [
        (found(), ["PASS", "PASS"], None),
        (found(0.10), ["PASS", "PASS"], None),
        (found(0.11), ["WARN", "PASS"], "drifting"),
        (found(0.25), ["WARN", "PASS"], "drifting"),
        (found(0.26), ["FAIL", "PASS"], "drifted"),
        (found(None), ["INSUFFICIENT_DATA", "PASS"], "not_defined"),
        (found(3.0, by_chance=0.11), ["INSUFFICIENT_DATA", "PASS"], "too_few_rows_for_categories"),
        (found(auc=0.60, ci=(0.51, 0.7)), ["PASS", "PASS"], None),
        (found(auc=0.61, ci=(0.51, 0.7)), ["PASS", "WARN"], "drifting"),
        (found(auc=0.76, ci=(0.51, 0.9)), ["PASS", "FAIL"], "drifted"),
        (found(auc=0.76, ci=(0.50, 0.9)), ["PASS", "WARN"], "inconclusive"),
        (found(classifier=None), ["PASS", "NOT_APPLICABLE"], "no_column_to_compare"),
        (found(3.0, n=199), ["INSUFFICIENT_DATA"], "too_few_rows"),
        (found(3.0, n_reference=199), ["INSUFFICIENT_DATA"], "too_few_rows"),
    ],
)
def test_verdict(measured: dict[str, Any], statuses: list[str], reason_code: str | None) -> None:
    records = KIND.judge(wanted(), measured)
    assert [record.status for record in records] == statuses
    assert next((record.reason_code for record in records if record.reason_code), None) == reason_code
    json.dumps([record.plain() for record in records], allow_nan=False)


def test_a_column_that_chance_alone_moves_decides_nothing() -> None:
    [column, _] = KIND.judge(wanted(), found(3.0, by_chance=0.11))
    assert not column.counts


def test_a_classifier_with_nothing_to_compare_does_not_excuse_columns_that_can_not_be_judged() -> None:
    records = tuple(KIND.judge(wanted(), found(3.0, by_chance=0.11, classifier=None)))
    assert Judgement("d", "drift", 1, "blocking", records).status == "INSUFFICIENT_DATA"


def test_without_the_classifier_only_columns_are_judged() -> None:
    assert len(KIND.judge(wanted(classifier=False), found())) == 1


def rows(n: int = 2000, shift: float = 0.0, turn: float = 1.0) -> bytes:
    """`b` leans on `a`; with `turn` −1 it leans the other way and both columns are as before."""
    a = RANDOM.normal(0, 1, n)
    b = turn * a + RANDOM.normal(0, 0.5, n)
    return builders.csv({"a": a + shift, "b": b, "y": RANDOM.integers(0, 2, n)})


def document(**parts: Any) -> dict[str, Any]:
    return builders.plan(reference={"sha256": builders.SHA}, checks=[{"id": "drift", "check": "drift", **parts}])


async def test_rows_of_one_distribution_do_not_drift(tmp_path: Path) -> None:
    one = (await builders.judged(tmp_path, onnx_models.logistic(), rows(), document(), reference=rows()))["drift"]
    assert [(record.slice, record.status) for record in one.records] == [
        ("a", "PASS"), ("b", "PASS"), ("prediction", "PASS"), ("two-sample classifier", "PASS"),
    ]  # fmt: skip
    assert all(abs(record.value or 0.0) < 0.1 for record in one.records[:3])


async def test_a_column_that_moves_fails_and_takes_the_prediction_along(tmp_path: Path) -> None:
    one = (await builders.judged(tmp_path, onnx_models.logistic(), rows(shift=1.5), document(), reference=rows()))["drift"]
    assert {record.slice: record.status for record in one.records} == {
        "a": "FAIL", "b": "PASS", "prediction": "FAIL", "two-sample classifier": "FAIL",
    }  # fmt: skip
    moved = one.records[0]
    assert moved.parameters["wasserstein"] == pytest.approx(1.5, abs=0.15)
    histogram = moved.parameters["histogram"]
    assert len(histogram["reference"]) == len(histogram["edges"]) + 1
    assert sum(histogram["current"]) + histogram["missing"][1] == pytest.approx(1)


async def test_a_model_that_weighs_what_columns_have_in_common_shows_it(tmp_path: Path) -> None:
    data = rows(turn=-1.0)
    one = (await builders.judged(tmp_path, onnx_models.logistic([3.0, -3.0]), data, document(), reference=rows()))["drift"]
    assert {record.slice: record.status for record in one.records} == {
        "a": "PASS", "b": "PASS", "prediction": "FAIL", "two-sample classifier": "PASS",
    }  # fmt: skip


async def test_only_the_columns_of_the_plan_are_compared(tmp_path: Path) -> None:
    named = document(columns=["b"], prediction=False, classifier=False)
    one = (await builders.judged(tmp_path, onnx_models.logistic(), rows(shift=9), named, reference=rows()))["drift"]
    assert [(record.slice, record.status) for record in one.records] == [("b", "PASS")]


async def test_the_prediction_of_several_classes_is_what_is_decided(tmp_path: Path) -> None:
    parts = {"task": "multiclass", "prediction": {"scores": "P", "classes": ["0", "1", "2"]}, "reference": {"sha256": builders.SHA}}
    plan = builders.plan(checks=[{"id": "drift", "check": "drift"}], **parts)
    model = onnx_models.softmax(np.array([[1.0, 0.0, -1.0], [0.0, 0.0, 0.0]]))
    one = (await builders.judged(tmp_path, model, rows(shift=1.5), plan, reference=rows()))["drift"]
    prediction = next(record for record in one.records if record.slice == "prediction")
    assert prediction.status == "FAIL"
    assert prediction.parameters["histogram"]["categories"] == ["0", "2"]


async def test_a_regression_has_a_prediction_that_drifts(tmp_path: Path) -> None:
    parts = {"task": "regression", "prediction": {"scores": "P"}, "reference": {"sha256": builders.SHA}}
    plan = builders.plan(checks=[{"id": "drift", "check": "drift", "classifier": False}], **parts)
    one = (await builders.judged(tmp_path, onnx_models.linear([0.0, 1.0]), rows(shift=1.5), plan, reference=rows()))["drift"]
    assert [record.status for record in one.records] == ["FAIL", "PASS", "PASS"]


def of_texts(values: Any) -> Dataset:
    column = np.array(values, dtype=np.object_)
    return Dataset(np.zeros(len(column), dtype=np.int64), {"X": np.column_stack([column, column])})


def test_categories_are_compared_as_they_are_and_many_of_them_say_how_far_chance_goes() -> None:
    inputs = [{"name": "X", "columns": ["a", "b"], "type": "string"}]
    plan = builders.plan(reference={"sha256": builders.SHA}, inputs=inputs, checks=[{"id": "drift", "check": "drift", "prediction": False}])
    prepared = Inputs(plan, Files(b"", None, {}))
    vars(prepared)["reference"] = of_texts(["x", "y"] * 200)
    for current, psi, statuses in (
        (["y", "x"] * 200, 0.0, ["PASS", "PASS", "PASS"]),
        (["x"] * 400, None, ["FAIL", "FAIL", "WARN"]),
        ([f"id {row}" for row in range(400)], None, ["INSUFFICIENT_DATA", "INSUFFICIENT_DATA", "FAIL"]),
    ):
        vars(prepared)["data"] = of_texts(current)
        measured = json.loads(json.dumps(measure(plan["checks"], prepared), allow_nan=False))["drift"]
        assert psi is None or measured["columns"][0]["psi"] == psi
        assert (measured["columns"][0]["jensen_shannon"] > 0) == (psi is None)
        assert len(measured["columns"][0]["histogram"]["categories"]) <= 20
        assert [record.status for record in KIND.judge(wanted(), measured)] == statuses


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"columns": ["a", "income"]}, "columns"),
        ({"columns": ["a", "a"]}, "columns"),
        ({"columns": []}, "columns"),
        ({"warn": 0.25}, "warn"),
        ({"classifier_warn": 0.8}, "classifier_warn"),
        ({"classifier_fail": 0.5}, "classifier_fail"),
    ],
)
def test_a_wrong_plan_is_refused_by_its_field(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        document(**parts)


def test_a_plan_without_a_reference_is_refused() -> None:
    with pytest.raises(Malformed, match="reference"):
        builders.plan(checks=[{"id": "drift", "check": "drift"}])
