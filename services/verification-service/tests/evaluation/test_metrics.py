"""What is computed is what scikit-learn computes, and the intervals are what their sources say."""

from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference

from placet_verification.adapters.evaluation.dataset import Dataset
from placet_verification.adapters.evaluation.inputs import Files, Inputs
from placet_verification.adapters.evaluation.measures.metric import measure
from placet_verification.adapters.evaluation.prediction import Predictions
from placet_verification.adapters.evaluation.rows import average_precision, r2, rmse, roc_auc
from placet_verification.adapters.evaluation.statistics import intervals
from placet_verification.adapters.evaluation.statistics.delong import delong

from .. import builders
from ..builders import check

RANDOM = np.random.default_rng(11)
N = 400
TRUE = RANDOM.integers(0, 2, N)
# rounded, so that many scores are equal
SCORES = np.round(np.clip(0.5 * TRUE + RANDOM.random(N) * 0.6, 0.001, 0.999), 2).astype(np.float64)
CLASSES = RANDOM.integers(0, 4, N)
MATRIX = RANDOM.dirichlet(np.ones(4), N)
MATRIX[np.arange(N), CLASSES] += 0.3
MATRIX /= MATRIX.sum(axis=1, keepdims=True)
LABELS = RANDOM.normal(5, 2, N)
GUESSES = LABELS + RANDOM.normal(0, 1, N)


def found(plan: dict[str, Any], labels: Any, scores: Any) -> dict[str, dict[str, Any]]:
    inputs = Inputs(plan, Files(b"", None, {}))
    # as if they had been read and predicted
    vars(inputs)["data"] = Dataset(labels, {})
    vars(inputs)["predictions"] = Predictions(np.asarray(scores, dtype=np.float64), None)
    return measure(plan["checks"], inputs)


def test_binary_metrics_agree_with_scikit_learn() -> None:
    expected = {
        "roc_auc": reference.roc_auc_score(TRUE, SCORES),
        "average_precision": reference.average_precision_score(TRUE, SCORES),
        "log_loss": reference.log_loss(TRUE, SCORES),
        "brier": reference.brier_score_loss(TRUE, SCORES),
        "accuracy": reference.accuracy_score(TRUE, SCORES >= 0.5),
        "balanced_accuracy": reference.balanced_accuracy_score(TRUE, SCORES >= 0.5),
        "f1": reference.f1_score(TRUE, SCORES >= 0.5),
        "mcc": reference.matthews_corrcoef(TRUE, SCORES >= 0.5),
    }
    seen = found(builders.plan(checks=[check(name) for name in expected]), TRUE, SCORES)
    assert {name: entry["value"] for name, entry in seen.items()} == pytest.approx(expected, rel=1e-12)
    for entry in seen.values():
        assert entry["ci"][0] <= entry["value"] <= entry["ci"][1]


def test_the_positive_class_may_be_the_first_one() -> None:
    document = builders.plan(
        prediction={"scores": "P", "classes": ["bad", "good"], "positive": "bad"}, checks=[check("roc_auc"), check("f1"), check("log_loss")]
    )
    seen = found(document, 1 - TRUE, SCORES)
    assert seen["roc_auc"]["value"] == pytest.approx(reference.roc_auc_score(TRUE, SCORES))
    assert seen["f1"]["value"] == pytest.approx(reference.f1_score(TRUE, SCORES >= 0.5))
    assert seen["log_loss"]["value"] == pytest.approx(reference.log_loss(TRUE, SCORES))
    assert seen["f1"]["n_positive"] == TRUE.sum()


def test_multiclass_metrics_agree_with_scikit_learn() -> None:
    said = MATRIX.argmax(axis=1)
    expected = {
        "accuracy": reference.accuracy_score(CLASSES, said),
        "balanced_accuracy": reference.balanced_accuracy_score(CLASSES, said),
        "f1_macro": reference.f1_score(CLASSES, said, average="macro"),
        "f1_weighted": reference.f1_score(CLASSES, said, average="weighted"),
        "mcc": reference.matthews_corrcoef(CLASSES, said),
        "log_loss": reference.log_loss(CLASSES, MATRIX),
        "top_k_accuracy": reference.top_k_accuracy_score(CLASSES, MATRIX, k=2),
    }
    document = builders.plan(
        task="multiclass",
        prediction={"scores": "P", "classes": ["a", "b", "c", "d"]},
        checks=[check(name, k=2 if name == "top_k_accuracy" else None) for name in expected],
    )
    seen = found(document, CLASSES, MATRIX)
    assert {name: entry["value"] for name, entry in seen.items()} == pytest.approx(expected, rel=1e-12)


def test_regression_metrics_agree_with_scikit_learn() -> None:
    expected = {
        "mae": reference.mean_absolute_error(LABELS, GUESSES),
        "rmse": reference.root_mean_squared_error(LABELS, GUESSES),
        "r2": reference.r2_score(LABELS, GUESSES),
        "mape": reference.mean_absolute_percentage_error(LABELS, GUESSES),
    }
    seen = found(builders.regression(*(check(name) for name in expected)), LABELS, GUESSES)
    assert {name: entry["value"] for name, entry in seen.items()} == pytest.approx(expected, rel=1e-12)


def test_weighted_forms_agree_with_scikit_learn() -> None:
    """The bootstrap draws rows by weights, so each metric must be right under any weights."""
    weights = RANDOM.integers(0, 4, N).astype(np.float64)
    positive = TRUE == 1
    assert roc_auc(positive, SCORES)(weights) == pytest.approx(reference.roc_auc_score(TRUE, SCORES, sample_weight=weights))
    assert average_precision(positive, SCORES)(weights) == pytest.approx(
        reference.average_precision_score(TRUE, SCORES, sample_weight=weights)
    )
    assert r2(LABELS, GUESSES - LABELS)(weights) == pytest.approx(reference.r2_score(LABELS, GUESSES, sample_weight=weights))
    assert rmse(GUESSES - LABELS)(weights) == pytest.approx(reference.root_mean_squared_error(LABELS, GUESSES, sample_weight=weights))


@pytest.mark.parametrize("label", [0.1, 1.40355471, -1e100, 0.0])
def test_r2_of_constant_labels_is_not_defined_though_their_mean_is_rounded(label: float) -> None:
    for n in (1, 3, 7, 100):
        true = np.full(n, label)
        assert np.isnan(r2(true, np.zeros(n))(np.full(n, 3.0)))
    assert r2(np.array([1.0, 1.0 + 1e-12]), np.zeros(2))(np.ones(2)) == 1.0


def test_mape_with_a_label_near_zero_is_not_defined() -> None:
    seen = found(builders.regression(check("mape", guard=0.1)), np.append(LABELS, 0.01), np.append(GUESSES, 1.0))
    assert seen["mape"]["value"] is None
    assert seen["mape"]["reason_code"] == "label_near_zero"


def test_scores_that_are_no_probabilities_have_an_auc_and_no_log_loss() -> None:
    seen = found(builders.plan(checks=[check("roc_auc"), check("log_loss")]), TRUE, SCORES * 3)
    assert seen["roc_auc"]["value"] == pytest.approx(reference.roc_auc_score(TRUE, SCORES))
    assert seen["log_loss"]["reason_code"] == "not_probabilities"


def test_a_single_class_has_no_auc() -> None:
    seen = found(builders.plan(), np.ones(N, dtype=np.int64), SCORES)
    assert seen["roc_auc"]["reason_code"] == "single_class"
    assert seen["roc_auc"]["smallest_class"] == 0


def test_bootstrap_of_rows_and_of_counts_agree_with_closed_forms() -> None:
    seen = found(builders.plan(checks=[check("roc_auc"), check("balanced_accuracy"), check("brier")]), TRUE, SCORES)
    losses = (SCORES - TRUE) ** 2
    assert seen["brier"]["ci"] == pytest.approx(intervals.normal(losses), abs=2e-3)
    assert seen["roc_auc"]["ci"] == pytest.approx(delong(TRUE == 1, SCORES), abs=5e-3)


def test_above_fifty_thousand_rows_intervals_are_closed_forms_and_say_so() -> None:
    many = intervals.ROWS_FOR_BOOTSTRAP + 1
    true = RANDOM.integers(0, 2, many)
    scores = np.clip(0.3 * true + RANDOM.random(many) * 0.7, 0, 1)
    seen = found(builders.plan(checks=[check("roc_auc"), check("brier"), check("f1"), check("average_precision")]), true, scores)
    methods = {name: entry["method"] for name, entry in seen.items()}
    assert methods == {
        "roc_auc": "delong",
        "brier": "normal",
        "f1": "percentile_bootstrap_of_counts",
        "average_precision": "no_interval_above_50000_rows",
    }
    assert seen["average_precision"]["ci"] is None
    assert seen["roc_auc"]["ci"][0] < seen["roc_auc"]["value"] < seen["roc_auc"]["ci"][1]
