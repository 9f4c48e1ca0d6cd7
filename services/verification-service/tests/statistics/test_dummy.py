"""Held against scikit-learn's dummy models; for random draws, against their mean over many seeds."""

import numpy as np
import pytest
from sklearn import metrics as reference
from sklearn.dummy import DummyClassifier, DummyRegressor

from placet_verification.adapters.evaluation.statistics.dummy import best_dummy, mean_dummy

RANDOM = np.random.default_rng(19)
N = 800
BINARY = (RANDOM.random(N) < 0.7).astype(np.int64)
CLASSES = RANDOM.choice(3, N, p=[0.5, 0.3, 0.2])
TARGET = RANDOM.gamma(2, 3, N) + 1
NOTHING = np.zeros((N, 1))
DECIDED = {
    "accuracy": reference.accuracy_score,
    "balanced_accuracy": reference.balanced_accuracy_score,
    "f1_macro": lambda true, said: reference.f1_score(true, said, average="macro"),
    "f1_weighted": lambda true, said: reference.f1_score(true, said, average="weighted"),
    "mcc": reference.matthews_corrcoef,
}


def value(metric: str, true: object = BINARY, **facts: int) -> float:
    found = best_dummy(metric, np.asarray(true), 3 if true is CLASSES else 2, **facts)
    assert found is not None
    return found.value


@pytest.mark.parametrize("metric", sorted(DECIDED))
@pytest.mark.parametrize("true", [BINARY, CLASSES], ids=["binary", "multiclass"])
def test_metrics_of_decisions_are_those_of_the_better_dummy(metric: str, true: object) -> None:
    frequent = DummyClassifier(strategy="most_frequent").fit(NOTHING, true).predict(NOTHING)
    drawn = [DummyClassifier(strategy="stratified", random_state=seed).fit(NOTHING, true).predict(NOTHING) for seed in range(60)]
    with_draws = float(np.mean([DECIDED[metric](true, said) for said in drawn]))
    assert value(metric, true) == pytest.approx(max(DECIDED[metric](true, frequent), with_draws), abs=8e-3)


def test_f1_of_the_positive_class_is_that_of_the_better_dummy() -> None:
    assert value("f1") == pytest.approx(reference.f1_score(BINARY, np.ones(N)))
    rare = 1 - BINARY
    drawn = [DummyClassifier(strategy="stratified", random_state=seed).fit(NOTHING, rare).predict(NOTHING) for seed in range(60)]
    assert value("f1", rare) == pytest.approx(np.mean([reference.f1_score(rare, said) for said in drawn]), abs=8e-3)
    assert value("f1", rare, positive=0) == value("f1")


def test_metrics_of_probabilities_are_those_of_the_classes_shares() -> None:
    shares = DummyClassifier(strategy="prior").fit(NOTHING, BINARY).predict_proba(NOTHING)
    assert value("log_loss") == pytest.approx(reference.log_loss(BINARY, shares))
    assert value("brier") == pytest.approx(reference.brier_score_loss(BINARY, shares[:, 1]))
    assert value("roc_auc") == reference.roc_auc_score(BINARY, shares[:, 1]) == 0.5
    assert value("average_precision") == pytest.approx(reference.average_precision_score(BINARY, shares[:, 1]))
    of_three = DummyClassifier(strategy="prior").fit(NOTHING, CLASSES).predict_proba(NOTHING)
    assert value("log_loss", CLASSES) == pytest.approx(reference.log_loss(CLASSES, of_three))
    assert value("top_k_accuracy", CLASSES, k=2) == pytest.approx(reference.top_k_accuracy_score(CLASSES, of_three, k=2))


def test_metrics_of_regressions_are_those_of_the_mean() -> None:
    said = DummyRegressor(strategy="mean").fit(NOTHING, TARGET).predict(NOTHING)
    expected = {
        "mae": reference.mean_absolute_error(TARGET, said),
        "rmse": reference.root_mean_squared_error(TARGET, said),
        "r2": reference.r2_score(TARGET, said),
        "mape": reference.mean_absolute_percentage_error(TARGET, said),
    }
    for metric, known in expected.items():
        found = mean_dummy(metric, TARGET)
        assert found is not None
        assert found.value == pytest.approx(known, abs=1e-12)


def test_a_dummy_is_measured_under_the_weights_of_a_resample() -> None:
    weights = RANDOM.integers(0, 3, N).astype(np.float64)
    accuracy, loss = best_dummy("accuracy", BINARY, 2), best_dummy("log_loss", BINARY, 2)
    shares = np.tile(np.bincount(BINARY) / N, (N, 1))
    assert accuracy is not None
    assert loss is not None
    assert accuracy.strategy == "most_frequent"
    assert accuracy.metric(weights) == pytest.approx(reference.accuracy_score(BINARY, np.ones(N), sample_weight=weights))
    assert loss.metric(weights) == pytest.approx(reference.log_loss(BINARY, shares, sample_weight=weights))


def test_a_single_class_has_a_perfect_dummy_and_no_area() -> None:
    ones = np.ones(5, dtype=np.int64)
    assert value("accuracy", ones) == value("balanced_accuracy", ones) == value("f1", ones) == 1
    assert value("log_loss", ones) == value("brier", ones) == 0
    assert best_dummy("roc_auc", ones, 2) is None
    assert best_dummy("average_precision", 0 * ones, 2) is None


@pytest.mark.parametrize("metric", ["accuracy", "f1", "log_loss", "unknown"])
def test_no_rows_no_dummy(metric: str) -> None:
    assert best_dummy(metric, np.array([], dtype=np.int64), 2) is None
    assert best_dummy("unknown", BINARY, 2) is None


def test_regressions_without_rows_numbers_or_spread_have_no_dummy() -> None:
    assert mean_dummy("mae", np.array([])) is None
    assert mean_dummy("mae", np.array([1.0, np.nan])) is None
    assert mean_dummy("r2", np.array([2.0, 2.0])) is None
    assert mean_dummy("mape", np.array([0.0, 1.0])) is None
    one = mean_dummy("mae", np.array([3.0]))
    assert one is not None
    assert one.value == 0
