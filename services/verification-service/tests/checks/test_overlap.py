"""Evaluation rows that are in the training data too are counted, whatever their label, and fail above a share."""

from pathlib import Path
from typing import Any

import pytest

from placet_shared.errors import Malformed
from placet_verification.checks.kinds.overlap import KIND, OverlapParameters

from .. import builders, onnx_models
from .tried import judged

TRAINING = {"sha256": builders.SHA}


def found(share: float, *, same_data: bool = False) -> dict[str, Any]:
    facts = {"n": 1000, "ci": (0.0, 1.0), "shared_rows": int(1000 * share), "first_row": 3, "training_rows": 5000}
    return {**facts, "share": share, "same_data": same_data}


@pytest.mark.parametrize(
    ("measured", "status", "reason_code"),
    [
        (found(0.0), "PASS", None),
        (found(0.01), "PASS", None),
        (found(0.011), "WARN", "rows_shared_with_training"),
        (found(0.05), "WARN", "rows_shared_with_training"),
        (found(0.051), "FAIL", "rows_shared_with_training"),
        (found(0.0, same_data=True), "FAIL", "evaluated_on_training_data"),
    ],
)
def test_the_share_of_shared_rows_is_held_against_two_thresholds(measured: dict[str, Any], status: str, reason_code: Any) -> None:
    [record] = KIND.judge(OverlapParameters(), measured)
    assert (record.status, record.reason_code) == (status, reason_code)


def rows(first: int, n: int = 200, label: int = 0) -> bytes:
    numbers = range(first, first + n)
    return builders.csv({"a": [number / 7 for number in numbers], "b": [1] * n, "y": [(number + label) % 2 for number in numbers]})


@pytest.mark.parametrize(("first", "status", "shared"), [(200, "PASS", 0), (196, "WARN", 4), (150, "FAIL", 50)])
async def test_rows_of_the_training_data_are_found_whatever_their_label(tmp_path: Path, first: int, status: str, shared: int) -> None:
    document = builders.plan(training=TRAINING, checks=[{"id": "overlap", "check": "overlap"}])
    judgement = await judged(tmp_path, onnx_models.logistic(), rows(0), document, {"training": rows(first, label=1)})
    assert (judgement.status, judgement.worst.parameters["shared_rows"]) == (status, shared)
    assert judgement.worst.parameters["first_row"] == (first + 1 if shared else None)


async def test_the_training_data_themselves_are_no_evaluation_data(tmp_path: Path) -> None:
    document = builders.plan(training=TRAINING, checks=[{"id": "overlap", "check": "overlap", "warn": 1, "fail": 1}])
    judgement = await judged(tmp_path, onnx_models.logistic(), rows(0), document, {"training": rows(0)})
    assert (judgement.status, judgement.worst.reason_code) == ("FAIL", "evaluated_on_training_data")


@pytest.mark.parametrize(("parts", "field"), [({"warn": 0.2}, "warn"), ({"fail": 2}, "fail")])
def test_a_plan_that_can_not_be_meant_is_refused_by_its_field(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        builders.plan(training=TRAINING, checks=[{"id": "overlap", "check": "overlap", **parts}])
