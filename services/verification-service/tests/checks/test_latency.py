"""`latency`: a verdict by bounds, and no duration in a record."""

from pathlib import Path
from typing import Any

import pytest

from placet_shared.errors import Malformed
from placet_verification.checks import conclude
from placet_verification.checks.kinds.latency import KIND, LatencyParameters
from placet_verification.domain.result import Evaluation

from .. import builders, onnx_models
from .data import FEATURES, TRUE_MODEL, N, records, rows, tried

CHECK = {"id": "l", "check": "latency"}
OBSERVED = {"one_row": {"median_ms": 3.0, "p95_ms": 8.0}, "batch": {"ms_per_row": 0.5}, "peak_memory_mib": 200.0, "artifact_mib": 3.0}


@pytest.mark.parametrize(
    ("parameters", "verdicts"),
    [
        ({}, [("median_ms", "PASS", None)]),
        ({"median_ms": 3.0}, [("median_ms", "PASS", None)]),
        ({"median_ms": 2.0}, [("median_ms", "WARN", "near_threshold")]),
        ({"median_ms": 1.5}, [("median_ms", "WARN", "near_threshold")]),
        ({"median_ms": 1.4}, [("median_ms", "FAIL", "too_slow")]),
        ({"median_ms": 1.4, "factor": 5}, [("median_ms", "WARN", "near_threshold")]),
        ({"median_ms": None, "p95_ms": 4.1}, [("p95_ms", "WARN", "near_threshold")]),
        ({"ms_per_row": 0.1}, [("median_ms", "PASS", None), ("ms_per_row", "FAIL", "too_slow")]),
        ({"median_ms": None, "peak_memory_mib": 200.0}, [("peak_memory_mib", "PASS", None)]),
        ({"median_ms": None, "peak_memory_mib": 100.0}, [("peak_memory_mib", "WARN", "near_threshold")]),
        ({"median_ms": None, "peak_memory_mib": 99.0}, [("peak_memory_mib", "FAIL", "too_much_memory")]),
        ({"median_ms": None, "artifact_mib": 3.0}, [("artifact_mib", "PASS", None)]),
        ({"median_ms": None, "artifact_mib": 2.9}, [("artifact_mib", "FAIL", "too_large")]),
    ],
)
def test_verdict(parameters: dict[str, Any], verdicts: list[Any]) -> None:
    judged = KIND.judge(LatencyParameters(**parameters), {"observed": OBSERVED})
    assert [(record.slice, record.status, record.reason_code) for record in judged] == verdicts


def test_a_record_has_the_bound_and_no_duration() -> None:
    fast = KIND.judge(LatencyParameters(), {"observed": OBSERVED})
    slow = KIND.judge(LatencyParameters(), {"observed": {**OBSERVED, "one_row": {"median_ms": 99.0, "p95_ms": 100.0}}})
    assert fast == slow
    assert (fast[0].value, fast[0].threshold) == (None, 100.0)
    assert fast[0].parameters == {"factor": 2.0}


async def test_memory_and_size_are_observed_and_only_their_verdicts_are_in_the_result(tmp_path: Path) -> None:
    wide, narrow = ({"median_ms": None, "peak_memory_mib": bound, "artifact_mib": bound} for bound in (1e6, 1e-9))
    document = builders.plan(checks=[{**CHECK, **wide}, {**CHECK, **narrow, "id": "n"}])
    found = builders.measured_here(builders.trial(tmp_path, TRUE_MODEL, rows(), document))
    assert isinstance(found, Evaluation)
    assert found.observed["l"]["artifact_mib"] == len(TRUE_MODEL) / 1024**2
    assert 10 < found.observed["l"]["peak_memory_mib"] < 100_000
    result = conclude(document, {"plan_sha256": builders.SHA}, found)
    assert [(record["status"], record["value"]) for record in records(result, "l")] == [("PASS", None), ("PASS", None)]
    assert [record["reason_code"] for record in records(result, "n")] == ["too_much_memory", "too_large"]
    assert str(found.observed["l"]["peak_memory_mib"]) not in result.body.decode()


@pytest.mark.parametrize("model", [TRUE_MODEL, onnx_models.of_batches_of(N), onnx_models.of_batches_of(50)], ids=["any", "all", "of 50"])
async def test_bounds_that_any_machine_keeps_pass_and_those_that_none_keeps_fail(tmp_path: Path, model: bytes) -> None:
    wide, narrow = (dict.fromkeys(("median_ms", "p95_ms", "ms_per_row"), bound) for bound in (1e6, 1e-9))
    result = await tried(tmp_path, model, builders.plan(checks=[{**CHECK, **wide}, {**CHECK, **narrow, "id": "n"}]))
    assert [record["status"] for record in records(result, "l")] == ["PASS", "PASS", "PASS"]
    assert [record["status"] for record in records(result, "n")] == ["FAIL", "FAIL", "FAIL"]


async def test_a_number_takes_its_time_too(tmp_path: Path) -> None:
    result = await tried(tmp_path, onnx_models.linear([1.0, 2.0]), builders.regression({**CHECK, "median_ms": 1e6}), rows(FEATURES[:, 0]))
    assert result.outcome == "passed"


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({"median_ms": 0}, "checks.0.median_ms"),
        ({"median_ms": None}, "checks.0.median_ms: a bound for at least one"),
        ({"factor": 0.5}, "checks.0.factor"),
        ({"peak_memory_mib": 0}, "checks.0.peak_memory_mib"),
        ({"artifact_mib": -1}, "checks.0.artifact_mib"),
        ({"max_ms": 5}, "checks.0.max_ms"),
    ],
)
def test_a_wrong_plan_is_refused_by_its_field(parts: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        builders.plan(checks=[{**CHECK, **parts}])
