"""`champion`: the verdict on a difference by its interval, and the comparison in the real child."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.adapters.evaluation import comparison
from placet_verification.adapters.evaluation.comparison import compare
from placet_verification.adapters.evaluation.prediction import Predictions
from placet_verification.adapters.evaluation.scoring import Scoring
from placet_verification.adapters.evaluation.statistics.intervals import ROWS_FOR_BOOTSTRAP
from placet_verification.adapters.evaluation.statistics.paired import bootstrap_of_rows
from placet_verification.checks.kinds.champion import KIND, ChampionParameters

from .. import builders, onnx_models
from .data import FEATURES, TRUE_MODEL, WRONG_MODEL, N, multiclass, records, rows, tried

CHECK = {"id": "c", "check": "champion"}
SLIGHTLY_WORSE = onnx_models.logistic([2.0, -0.8], 0.0)


def found(ci: list[float] | None, champion: float | None = 0.8, **parts: Any) -> dict[str, Any]:
    facts = {"n": 500, "n_positive": 200, "smallest_class": 200, "reason_code": None, "metric": "roc_auc", "method": "x", "seed": 7}
    challenger = None if champion is None or ci is None else champion + sum(ci) / 2
    return {**facts, "champion": champion, "challenger": challenger, "ci": ci, "parameters": {}, **parts}


@pytest.mark.parametrize(
    ("parameters", "measured", "status", "reason_code"),
    [
        ({}, found([-0.005, 0.01]), "PASS", None),
        ({}, found([-0.0051, 0.01]), "WARN", "inconclusive"),
        ({}, found([-0.02, -0.005]), "WARN", "inconclusive"),
        ({}, found([-0.02, -0.0051]), "FAIL", "worse_than_champion"),
        ({"margin": 0.02}, found([-0.02, -0.0051]), "PASS", None),
        ({"margin": 0.0}, found([0.0, 0.0]), "PASS", None),
        ({}, found([-0.1, 0.04], 4.0, metric="rmse"), "PASS", None),
        ({}, found([-0.1, 0.041], 4.0, metric="rmse"), "WARN", "inconclusive"),
        ({}, found([0.05, 0.1], 4.0, metric="rmse"), "FAIL", "worse_than_champion"),
        ({"margin": 0.2}, found([0.05, 0.1], 4.0, metric="rmse"), "PASS", None),
        ({}, found([-0.001, 0.01], n=29), "INSUFFICIENT_DATA", "too_few_rows"),
        ({}, found([-0.001, 0.01], smallest_class=4), "INSUFFICIENT_DATA", "too_few_of_a_class"),
        ({}, found([-0.001, 0.01], smallest_class=None), "PASS", None),
        ({}, found(None, challenger=0.9), "INSUFFICIENT_DATA", "no_interval"),
        ({}, found(None, None), "INSUFFICIENT_DATA", "not_defined"),
        ({}, {"reason_code": "nothing_deployed"}, "NOT_APPLICABLE", "nothing_deployed"),
        ({}, {"reason_code": "champion_signature_mismatch"}, "ERROR", "champion_signature_mismatch"),
    ],
)
def test_verdict(parameters: dict[str, Any], measured: dict[str, Any], status: str, reason_code: str | None) -> None:
    [record] = KIND.judge(ChampionParameters(**parameters), measured)
    assert (record.status, record.reason_code) == (status, reason_code)


def test_a_record_says_what_was_compared_with_what() -> None:
    [more] = KIND.judge(ChampionParameters(), found([-0.001, 0.003]))
    assert (more.metric, more.comparator, more.threshold, more.baseline_value) == ("roc_auc_difference", ">=", -0.005, 0.8)
    [less] = KIND.judge(ChampionParameters(), found([-0.1, 0.0], 4.0, metric="rmse"))
    assert (less.metric, less.comparator, less.threshold) == ("rmse_difference", "<=", 0.04)


async def test_a_model_as_good_as_the_champion_passes_and_a_worse_one_fails(tmp_path: Path) -> None:
    document = builders.plan(checks=[CHECK, {**CHECK, "id": "f", "metric": "f1"}, {**CHECK, "id": "l", "metric": "log_loss"}])
    good = await tried(tmp_path, TRUE_MODEL, document, champion=WRONG_MODEL)
    assert [summary["status"] for summary in good.summaries()] == ["PASS", "PASS", "PASS"]
    bad = await tried(tmp_path, WRONG_MODEL, document, champion=TRUE_MODEL)
    assert [summary["status"] for summary in bad.summaries()] == ["FAIL", "FAIL", "FAIL"]
    [record] = records(bad, "c")
    assert record["value"] == -records(good, "c")[0]["value"]
    assert (record["method"], record["seed"], record["n"]) == ("paired_bootstrap", 7, N)
    assert record["parameters"]["mcnemar"]["broken"] > record["parameters"]["mcnemar"]["repaired"]
    for curve in record["parameters"]["roc"].values():
        assert (curve[0], curve[-1]) == ([0, 0], [1, 1])
        assert len(curve) <= 100
    assert sum(part["n"] for part in record["parameters"]["calibration"]["champion"]) == N
    assert "roc" not in records(bad, "f")[0]["parameters"]


async def test_the_champion_against_itself_differs_by_nothing(tmp_path: Path) -> None:
    [record] = records(await tried(tmp_path, TRUE_MODEL, builders.plan(checks=[CHECK]), champion=TRUE_MODEL), "c")
    assert (record["status"], record["value"], record["ci"]) == ("PASS", 0.0, [0.0, 0.0])


async def test_a_difference_within_chance_is_inconclusive(tmp_path: Path) -> None:
    document = builders.plan(checks=[{**CHECK, "margin": 0.0}])
    [record] = records(await tried(tmp_path, SLIGHTLY_WORSE, document, champion=TRUE_MODEL), "c")
    assert (record["status"], record["reason_code"]) == ("WARN", "inconclusive")


async def test_where_nothing_is_deployed_the_check_does_not_apply(tmp_path: Path) -> None:
    result = await tried(tmp_path, TRUE_MODEL, builders.plan(checks=[CHECK]))
    assert [(one["status"], one["reason_code"]) for one in result.summaries()] == [("NOT_APPLICABLE", "nothing_deployed")]


async def test_a_champion_that_does_not_run_on_the_data_is_an_error_of_this_check_alone(tmp_path: Path) -> None:
    document = builders.plan(checks=[CHECK, builders.check("roc_auc")])
    result = await tried(tmp_path, TRUE_MODEL, document, champion=onnx_models.logistic([1.0, 2.0, 3.0]))
    found = [(one["status"], one["reason_code"]) for one in result.summaries()]
    assert found == [("ERROR", "champion_signature_mismatch"), ("PASS", None)]


async def test_several_classes_and_numbers_are_compared_by_their_own_metrics(tmp_path: Path) -> None:
    weights = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]])
    classes = ["xyz"[number] for number in (FEATURES @ weights).argmax(axis=1)]
    good, bad = onnx_models.softmax(weights), onnx_models.softmax(-weights)
    plan = multiclass(CHECK, {**CHECK, "id": "k", "metric": "top_k_accuracy", "k": 2})
    result = await tried(tmp_path, bad, plan, rows(classes), champion=good)
    assert [(one["status"], one["metric"]) for one in result.summaries()] == [
        ("FAIL", "balanced_accuracy_difference"),
        ("FAIL", "top_k_accuracy_difference"),
    ]
    target = FEATURES @ np.array([2.0, -3.0])
    result = await tried(
        tmp_path, onnx_models.linear([2.0, -2.0]), builders.regression(CHECK), rows(target), champion=onnx_models.linear([1.0, -2.0])
    )
    [record] = records(result, "c")
    assert (record["status"], record["metric"], record["parameters"]["mcnemar"]) == ("PASS", "rmse_difference", None)
    assert record["value"] < 0


@pytest.mark.parametrize(
    ("task", "metric", "method", "rows"),
    [
        ("binary", "roc_auc", "delong", None),
        ("binary", "brier", "normal_of_paired_differences", None),
        ("binary", "f1", "paired_bootstrap_of_counts", None),
        ("binary", "average_precision", "paired_bootstrap", ROWS_FOR_BOOTSTRAP),
        ("regression", "rmse", "paired_bootstrap", ROWS_FOR_BOOTSTRAP),
    ],
)
def test_above_fifty_thousand_rows_the_method_is_a_closed_form_or_a_sample(
    task: str, metric: str, method: str, rows: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "bootstrap_of_rows", partial(bootstrap_of_rows, resamples=50))
    n = ROWS_FOR_BOOTSTRAP + 1
    random = np.random.default_rng(4)
    labels = random.integers(0, 2, n)
    document = builders.plan() if task == "binary" else builders.regression(builders.check("rmse"))
    old, new = (Scoring(document, labels, Predictions(labels * 0.3 + share * random.random(n), None)) for share in (0.7, 0.5))
    compared = compare(old, new, {"metric": metric})
    assert (compared.method, compared.rows) == (method, rows or n)
    assert compared.difference is not None
    assert compared.difference.ci is not None
    assert compared.difference.ci[0] < compared.difference.value < compared.difference.ci[1]


def test_very_many_classes_are_compared_by_rows() -> None:
    classes = [f"c{number}" for number in range(200)]
    document = builders.plan(task="multiclass", prediction={"scores": "P", "classes": classes}, checks=[builders.check("accuracy")])
    labels = np.arange(400) % 200
    right = np.eye(200)[labels]
    compared = compare(
        Scoring(document, labels, Predictions(right[::-1], None)),
        Scoring(document, labels, Predictions(right, None)),
        {"metric": "accuracy"},
    )
    assert compared.method == "paired_bootstrap"
    assert compared.difference is not None
    assert compared.difference.challenger == 1


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({"metric": "rmse"}, "checks.0.metric: one of roc_auc"),
        ({"metric": "top_k_accuracy"}, "checks.0.metric: one of roc_auc"),
        ({"k": 2}, "checks.0.k: given for top_k_accuracy"),
        ({"guard": 0.1}, "checks.0.guard: given for mape only"),
        ({"margin": -1}, "checks.0.margin"),
        ({"champion": "v1"}, "checks.0.champion"),
    ],
)
def test_a_wrong_plan_is_refused_by_its_field(parts: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        builders.plan(checks=[{**CHECK, **parts}])


async def test_both_models_are_drawn_with_curves_and_scores(tmp_path: Path) -> None:
    result = await tried(tmp_path, TRUE_MODEL, builders.plan(checks=[CHECK]), champion=SLIGHTLY_WORSE)
    [record] = records(result, "c")
    drawn = record["parameters"]
    for what in ("roc", "precision_recall", "calibration"):
        assert {name for name, curve in drawn[what].items() if curve} == {"champion", "challenger"}
    assert [(one["name"], sum(one["counts"])) for one in drawn["scores"]["of"]] == [("champion", N), ("challenger", N)]
    assert sum(sum(line) for line in drawn["agreement"]["counts"]) == N


async def test_two_regressions_are_drawn_with_their_residuals(tmp_path: Path) -> None:
    document, data = builders.regression(CHECK), rows(FEATURES[:, 0])
    result = await tried(tmp_path, onnx_models.linear([1.0, 0.1]), document, data, champion=onnx_models.linear([1.0, 0.5]))
    [record] = records(result, "c")
    assert [one["name"] for one in record["parameters"]["residuals"]["of"]] == ["champion", "challenger"]


async def test_two_models_of_several_classes_are_drawn_with_the_scores_of_their_decisions(tmp_path: Path) -> None:
    weights = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]])
    labels = ["xyz"[number] for number in (FEATURES @ weights).argmax(axis=1)]
    result = await tried(tmp_path, onnx_models.softmax(weights), multiclass(CHECK), rows(labels), champion=onnx_models.softmax(weights / 2))
    [record] = records(result, "c")
    assert record["parameters"]["scores"] is not None
    assert "agreement" not in record["parameters"]
