"""Decisions that outlast corrupted data, and those that do not: planted, measured in the sandbox, judged."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.checks.kinds.robustness import KIND, RobustnessParameters

from .. import builders, onnx_models

RANDOM = np.random.default_rng(5)
SIGN = onnx_models.logistic([5.0, 0.0], 0.0)
"""Decides by the sign of the first column."""


def wanted(**parts: Any) -> RobustnessParameters:
    return RobustnessParameters.model_validate({"corruptions": ["noise"], **parts})


def facts(**parts: Any) -> dict[str, Any]:
    drop = {"value": 0.01, "after": 0.89, "ci": [0.0, 0.02], "method": "x", "group": None, "n": 200}
    stays = {"value": 0.96, "ci": [0.94, 0.98], "n": 200}
    return {"reason_code": None, "failure": None, "resilience": stays, "groups": [], "drops": [drop], **parts}


def found(one: dict[str, Any], **parts: Any) -> dict[str, Any]:
    whole = {"n": 200, "n_positive": 90, "seed": 7, "metric": "roc_auc", "relative": False, "before": 0.9, "parameters": {}}
    return {**whole, "corruptions": {"noise": one}, "critical": [], "corrupted": 1, **parts}


def dropped(**parts: Any) -> dict[str, Any]:
    return facts(drops=[{**facts()["drops"][0], **parts}])


def group(n: int, value: float, ci: list[float]) -> dict[str, Any]:
    return facts(groups=[{"name": "sex = f", "n": n, "value": value, "ci": ci}])


@pytest.mark.parametrize(
    ("measured", "statuses", "reasons"),
    [
        (found(facts()), ["PASS", "PASS"], [None, None]),
        (found(facts(resilience={"value": 0.95, "ci": [0.9, 0.97], "n": 200})), ["PASS", "PASS"], [None, None]),
        (found(facts(resilience={"value": 0.949, "ci": [0.9, 0.97], "n": 200})), ["FAIL", "PASS"], ["decisions_changed", None]),
        (found(dropped(value=0.05, ci=[0.01, 0.09])), ["PASS", "PASS"], [None, None]),
        (found(dropped(value=0.06, ci=[0.01, 0.11])), ["PASS", "FAIL"], [None, "metric_dropped"]),
        (found(dropped(value=0.06, ci=[0.0, 0.12])), ["PASS", "WARN"], [None, "inconclusive"]),
        (found(dropped(value=0.06, ci=None)), ["PASS", "INSUFFICIENT_DATA"], [None, "no_interval"]),
        (found(dropped(value=None, ci=None)), ["PASS", "INSUFFICIENT_DATA"], [None, "metric_not_defined"]),
        (found(facts(), before=None), ["PASS", "INSUFFICIENT_DATA"], [None, "metric_not_defined"]),
        (found(facts(), n=99), ["INSUFFICIENT_DATA"], ["too_few_rows"]),
        (found(facts(failure="prediction_failed")), ["FAIL"], ["prediction_failed"]),
        (found(facts(reason_code="no_column_to_corrupt")), ["NOT_APPLICABLE"], ["no_column_to_corrupt"]),
        (found(facts(resilience=None)), ["PASS"], [None]),
        (found(group(100, 0.9, [0.8, 0.949])), ["PASS", "FAIL", "PASS"], [None, "decisions_changed", None]),
        (found(group(100, 0.9, [0.8, 0.95])), ["PASS", "WARN", "PASS"], [None, "inconclusive", None]),
        (found(group(99, 0.1, [0.0, 0.2])), ["PASS", "INSUFFICIENT_DATA", "PASS"], [None, "group_too_small", None]),
    ],
)
def test_verdict(measured: dict[str, Any], statuses: list[str], reasons: list[str | None]) -> None:
    records = KIND.judge(wanted(), measured)
    assert [record.status for record in records] == statuses
    assert [record.reason_code for record in records] == reasons
    json.dumps([record.plain() for record in records], allow_nan=False)


def test_a_group_that_is_too_small_is_listed_and_decides_nothing() -> None:
    [_, small, _] = KIND.judge(wanted(), found(group(99, 0.1, [0.0, 0.2])))
    assert (small.slice, small.counts) == ("noise, sex = f", False)
    [_, shift] = KIND.judge(wanted(), found(dropped(group="sex = f", n=99)))
    assert (shift.status, shift.counts) == ("INSUFFICIENT_DATA", False)


def test_critical_samples_are_listed_and_decide_nothing() -> None:
    *_, rows = KIND.judge(wanted(), found(facts(), critical=[{"row": 3, "flips": 2}], corrupted=3))
    assert (rows.metric, rows.value, rows.counts) == ("critical_samples", 1.0, False)
    assert rows.parameters == {"rows": [{"row": 3, "flips": 2}], "corruptions": 3}


def rows_far_from_the_border(near: int = 0, n: int = 2000) -> dict[str, Any]:
    """Labels are the sign of `a`; the first `near` rows are so close to 0 that noise decides."""
    y = RANDOM.integers(0, 2, n)
    size = np.where(np.arange(n) < near, 0.01, RANDOM.uniform(8, 12, n))
    return {"a": np.where(y == 1, size, -size), "b": RANDOM.normal(0, 1, n), "y": y, "sex": np.where(np.arange(n) < near, "f", "m")}


def robustness(**parts: Any) -> dict[str, Any]:
    return {"id": "stress", "check": "robustness", **parts}


async def test_decisions_far_from_the_border_outlast_every_corruption(tmp_path: Path) -> None:
    document = builders.plan(checks=[robustness()])
    one = (await builders.judged(tmp_path, SIGN, builders.csv(rows_far_from_the_border()), document))["stress"]
    assert one.status == "PASS"
    statuses = {(record.slice, record.metric): record.status for record in one.records}
    assert statuses == {
        ("missing", None): "NOT_APPLICABLE",  # the plan refuses empty cells
        ("noise", "resilience"): "PASS",
        ("noise", "roc_auc_drop"): "PASS",
        ("scaling", "resilience"): "PASS",
        ("scaling", "roc_auc_drop"): "PASS",
        ("category_swap", None): "NOT_APPLICABLE",
        ("typos", None): "NOT_APPLICABLE",
        ("prior_shift", "roc_auc_drop"): "PASS",
        ("subgroup_shift", None): "NOT_APPLICABLE",
    }


async def test_decisions_at_the_border_fail_with_their_rows(tmp_path: Path) -> None:
    data = builders.csv(rows_far_from_the_border(near=600))
    one = (await builders.judged(tmp_path, SIGN, data, builders.plan(checks=[robustness(corruptions=["noise"], metric="accuracy")])))[
        "stress"
    ]
    stays, drop, critical = one.records
    assert (stays.status, drop.status) == ("FAIL", "FAIL")
    assert stays.value is not None
    assert stays.value == pytest.approx(0.85, abs=0.03)  # half of the 30 % that noise decides
    assert drop.value == pytest.approx(1 - stays.value)
    assert drop.baseline_value == 1.0
    assert len(critical.parameters["rows"]) == 20
    assert all(1 <= entry["row"] <= 600 for entry in critical.parameters["rows"])


async def test_a_weak_group_fails_where_all_rows_together_pass(tmp_path: Path) -> None:
    data = builders.csv(rows_far_from_the_border(near=120, n=3000))
    check = robustness(corruptions=["noise", "subgroup_shift"], group="sex", metric="accuracy")
    one = (await builders.judged(tmp_path, SIGN, data, builders.plan(checks=[check])))["stress"]
    found = {(record.slice, record.metric): record.status for record in one.records}
    assert found[("noise", "resilience")] == "PASS"
    assert found[("noise, sex = f", "resilience")] == "FAIL"
    assert found[("noise, sex = m", "resilience")] == "PASS"
    assert found[("subgroup_shift, sex = f", "accuracy_drop")] == "PASS"  # on clean data the group is served as well as others


async def test_a_group_that_is_served_badly_shows_when_it_comes_more_often(tmp_path: Path) -> None:
    rows = rows_far_from_the_border(near=300)
    rows["y"] = np.where(np.arange(2000) < 300, 1 - rows["y"], rows["y"])
    check = robustness(corruptions=["subgroup_shift", "prior_shift"], group="sex", metric="accuracy")
    one = (await builders.judged(tmp_path, SIGN, builders.csv(rows), builders.plan(checks=[check])))["stress"]
    found = {record.slice: record for record in one.records}
    assert found["subgroup_shift, sex = f"].status == "FAIL"
    assert found["subgroup_shift, sex = f"].value == pytest.approx(0.35, abs=0.02)  # 85 % right, and 50 % when half of the rows are theirs
    assert found["prior_shift"].status == "PASS"


async def test_missing_values_reach_the_model_only_where_the_plan_lets_them(tmp_path: Path) -> None:
    document = builders.plan(dataset={"label": "y", "empty": "nan"}, checks=[robustness(corruptions=["missing"])])
    [record] = (await builders.judged(tmp_path, SIGN, builders.csv(rows_far_from_the_border()), document))["stress"].records
    assert (record.status, record.reason_code) == ("FAIL", "prediction_not_finite")


async def test_typos_reach_texts_alone(tmp_path: Path) -> None:
    y = RANDOM.integers(0, 2, 1000)
    data = builders.csv({"word": np.where(y == 1, "yes", "no"), "y": y})
    inputs = [{"name": "X", "columns": ["word"], "type": "string"}]
    document = builders.plan(inputs=inputs, checks=[robustness(corruptions=["typos", "noise"], metric="accuracy")])
    model = onnx_models.of_words({"yes": 0.9, "no": 0.1})
    one = (await builders.judged(tmp_path, model, data, document))["stress"]
    stays, drop, noise, critical = one.records
    assert (stays.slice, stays.metric, drop.metric) == ("typos", "resilience", "accuracy_drop")
    assert stays.value == pytest.approx(0.95, abs=0.02)  # a tenth of the texts, and only "yes" has another decision when it is unknown
    assert (noise.status, noise.reason_code) == ("NOT_APPLICABLE", "no_column_to_corrupt")
    assert critical.parameters["rows"][0].keys() == {"row", "flips"}
    assert all(y[entry["row"] - 1] == 1 for entry in critical.parameters["rows"])


async def test_a_plan_without_typos_measures_on_the_rows_that_it_had(tmp_path: Path) -> None:
    y = RANDOM.integers(0, 2, 30_000)
    data = builders.csv({"a": y, "b": y, "y": y})
    checks = [robustness(corruptions=["noise"]), {**robustness(corruptions=["noise", "typos"]), "id": "with-typos"}]
    found = await builders.judged(tmp_path, SIGN, data, builders.plan(checks=checks))
    assert [one.records[0].n for one in found.values()] == [20_000, 18_000]


async def test_a_regression_stays_within_a_tolerance_and_drops_relatively(tmp_path: Path) -> None:
    a, b = RANDOM.normal(0, 1, 500), RANDOM.normal(0, 1, 500)
    data = builders.csv({"a": a, "b": b, "y": a + RANDOM.normal(0, 1, 500)})
    for tolerance, status in ((0.5, "PASS"), (0.01, "FAIL")):
        document = builders.regression(robustness(corruptions=["noise", "prior_shift"], tolerance=tolerance))
        stays, drop, shift, *_ = (await builders.judged(tmp_path, onnx_models.linear([1.0, 0.0]), data, document))["stress"].records
        assert stays.status == status
        assert (drop.metric, drop.parameters["relative"], drop.status) == ("rmse_drop", True, "PASS")
        assert shift.value is not None
        assert abs(shift.value) < 0.05


async def test_of_several_classes_decisions_are_compared(tmp_path: Path) -> None:
    y = RANDOM.integers(0, 3, 600)
    data = builders.csv({"a": np.where(y == 1, 9.0, -9.0), "b": np.where(y == 2, 9.0, -9.0), "y": y})
    model = onnx_models.softmax(np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))
    parts = {"task": "multiclass", "prediction": {"scores": "P", "classes": ["0", "1", "2"]}}
    check = robustness(corruptions=["noise", "prior_shift"])
    one = (await builders.judged(tmp_path, model, data, builders.plan(checks=[check], **parts)))["stress"]
    assert [record.metric for record in one.records[:3]] == ["resilience", "balanced_accuracy_drop", "balanced_accuracy_drop"]
    assert one.records[0].status == "PASS"


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"corruptions": ["noise", "noise"]}, "corruptions"),
        ({"corruptions": ["hail"]}, "corruptions"),
        ({"corruptions": []}, "corruptions"),
        ({"metric": "rmse"}, "metric"),
        ({"metric": "top_k_accuracy"}, "metric"),
        ({"resilience": 1.1}, "resilience"),
        ({"prior": 1.0}, "prior"),
        ({"group": "a\nb"}, "group"),
    ],
)
def test_a_wrong_plan_is_refused_by_its_field(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        builders.plan(checks=[robustness(**parts)])
