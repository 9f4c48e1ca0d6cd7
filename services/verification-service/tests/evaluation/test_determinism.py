"""The same model, data and plan give the same result, byte for byte; durations and memory are outside it."""

from pathlib import Path

from placet_verification.checks import conclude
from placet_verification.domain.result import Evaluation, Result

from .. import builders, onnx_models
from ..builders import check

CHECKS = [
    check("roc_auc", 0.6),
    check("accuracy", 0.6),
    check("f1", 0.6),
    check("log_loss", 0.9, "<="),
    check("brier", 0.1, "<=", severity="advisory"),
]


async def result(folder: Path, model: bytes) -> tuple[Result, object]:
    document = builders.plan(checks=CHECKS)
    report = await builders.try_out(folder, model, builders.labelled_rows(), document)
    assert isinstance(report.finding, Evaluation)
    datasets = {"evaluation": builders.sha256(builders.labelled_rows())}
    bound = {"environment": "prod", "plan_sha256": builders.SHA, "model_sha256": builders.sha256(model), "datasets": datasets}
    return conclude(document, {**bound, "champion_sha256": None}, report.finding), report.observations


async def test_two_runs_of_the_same_inputs_have_the_same_digest(tmp_path: Path) -> None:
    first, seen = await result(tmp_path, onnx_models.logistic())
    second, seen_again = await result(tmp_path, onnx_models.logistic())
    assert first.body == second.body
    assert first.sha256 == second.sha256
    assert first.measured_sha256 == second.measured_sha256
    assert seen != seen_again


async def test_another_model_has_another_digest(tmp_path: Path) -> None:
    first, _ = await result(tmp_path, onnx_models.logistic())
    other, _ = await result(tmp_path, onnx_models.logistic([-1.0, 0.0]))
    assert first.outcome == "passed"
    assert other.outcome == "failed"
    assert first.sha256 != other.sha256
    assert first.measured_sha256 != other.measured_sha256


async def test_a_record_holds_everything_that_it_was_made_of(tmp_path: Path) -> None:
    found, _ = await result(tmp_path, onnx_models.logistic())
    assert found.report.keys() == {
        "format", "environment", "plan_sha256", "model_sha256", "datasets", "champion_sha256", "outcome", "engine_versions", "sandbox",
        "checks",
    }  # fmt: skip
    assert found.report["format"] == "placet.result.v2"
    assert found.report["sandbox"]["no_new_privs"] is True
    record = found.report["checks"][0]
    assert record.keys() == {
        "check_id", "check", "check_version", "status", "severity", "metric", "value", "ci", "threshold", "comparator", "baseline_value",
        "slice", "n", "n_positive", "reason_code", "method", "parameters", "seed", "counts",
    }  # fmt: skip
    assert record["seed"] == 7
    assert record["method"] == "percentile_bootstrap"
    assert record["parameters"] == {"confidence": 0.95, "resamples": 2000, "warn": None, "judge": "value"}
