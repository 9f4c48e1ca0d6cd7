"""Small, unequal, repeated and contradictory data are named, and a target that shifted far fails."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.checks.kinds.data_quality import KIND, DataQualityParameters
from placet_verification.domain.records import Judgement

from .. import builders, onnx_models
from .tried import judged

TRAINING = {"sha256": builders.SHA}


def share(value: float) -> dict[str, Any]:
    return {"count": int(1000 * value), "n": 1000, "share": value, "ci": (0.0, 1.0), "first_row": 2}


def found(n: int = 1000, smallest: int | None = 400, **parts: Any) -> dict[str, Any]:
    data = [{"use": "evaluation", "n": n, "smallest_class": smallest}]
    facts = {"data": data, "constant_target": False, "duplicates": share(0.0), "conflicting_labels": share(0.0), "shift": None}
    return {**facts, **parts}


def shift(value: float | None, p: float | None = 0.001) -> dict[str, Any]:
    return {"metric": "target_cramers_v", "value": value, "p": p, "n": 1000, "training_rows": 5000}


SMALL_TRAINING = [{"use": "evaluation", "n": 1000, "smallest_class": 400}, {"use": "training", "n": 900, "smallest_class": 400}]


@pytest.mark.parametrize(
    ("measured", "status", "reason_code"),
    [
        (found(), "PASS", None),
        (found(999), "WARN", "too_few_rows"),
        (found(data=SMALL_TRAINING), "WARN", "too_few_rows"),
        (found(smallest=50), "PASS", None),
        (found(smallest=49), "WARN", "rare_class"),
        (found(smallest=None, conflicting_labels=None), "PASS", None),
        (found(duplicates=share(0.05)), "PASS", None),
        (found(duplicates=share(0.051)), "WARN", "many_duplicates"),
        (found(conflicting_labels=share(0.06)), "WARN", "many_conflicting_labels"),
        (found(constant_target=True), "FAIL", "constant_target"),
        (found(shift=shift(0.10)), "PASS", None),
        (found(shift=shift(0.11)), "WARN", "target_shift"),
        (found(shift=shift(0.26)), "FAIL", "target_shift"),
        (found(shift=shift(0.26, 0.06)), "PASS", None),
        (found(shift=shift(None, None)), "PASS", None),
    ],
)
def test_each_trait_is_held_against_its_threshold(measured: dict[str, Any], status: str, reason_code: Any) -> None:
    judgement = Judgement("a", "data_quality", 1, "blocking", tuple(KIND.judge(DataQualityParameters(), measured)))
    assert (judgement.status, judgement.worst.reason_code) == (status, reason_code)


def rows(n: int, positive: float, *, repeated: int = 0, regression: bool = False) -> bytes:
    """The first rows are repeated, with the other label."""
    random = np.random.default_rng(n)
    a = random.normal(0, 1, n).round(5)
    y = (a + 3 * positive).round(4) if regression else (random.random(n) < positive).astype(int)
    a, y = np.concatenate([a, a[:repeated]]), np.concatenate([y, 1 - y[:repeated]])
    return builders.csv({"a": a, "b": [0] * len(a), "y": y})


def plan(**parts: Any) -> dict[str, Any]:
    return builders.plan(training=TRAINING, checks=[{"id": "quality", "check": "data_quality", **parts}])


@pytest.mark.parametrize(
    ("raw", "status", "reason_code"),
    [
        (rows(1200, 0.4), "PASS", None),
        (rows(1200, 0.75), "FAIL", "target_shift"),
        (rows(900, 0.4), "WARN", "too_few_rows"),
        (rows(1200, 0.4, repeated=300), "WARN", "many_duplicates"),
    ],
    ids=["good", "shifted", "small", "repeated"],
)
async def test_data_unlike_the_training_data_fail_and_small_ones_are_named(
    tmp_path: Path, raw: bytes, status: str, reason_code: str | None
) -> None:
    judgement = await judged(tmp_path, onnx_models.logistic(), raw, plan(), {"training": rows(2000, 0.4)})
    assert (judgement.status, judgement.worst.reason_code) == (status, reason_code)


async def test_repeated_rows_are_counted_once_and_contradictory_ones_on_either_side(tmp_path: Path) -> None:
    judgement = await judged(tmp_path, onnx_models.logistic(), rows(1200, 0.4, repeated=300), plan(), {"training": rows(2000, 0.4)})
    counted = {record.metric: record.parameters for record in judgement.records if record.method == "row_hashes"}
    assert counted == {"duplicates": {"count": 300, "first_row": 1201}, "conflicting_labels": {"count": 600, "first_row": 1}}


@pytest.mark.parametrize(("moved", "status"), [(0.0, "PASS"), (1.0, "FAIL")])
async def test_the_target_of_a_regression_is_compared_by_its_distribution(tmp_path: Path, moved: float, status: str) -> None:
    document = builders.plan(
        task="regression", prediction={"scores": "P"}, training=TRAINING, checks=[{"id": "quality", "check": "data_quality"}]
    )
    raw, training = rows(1200, moved, regression=True), rows(2000, 0.0, regression=True)
    judgement = await judged(tmp_path, onnx_models.linear((1.0, 0.0)), raw, document, {"training": training})
    assert judgement.status == status
    assert judgement.records[-1].metric == "target_ks"


async def test_without_training_data_nothing_is_said_of_a_shift(tmp_path: Path) -> None:
    document = builders.plan(checks=[{"id": "quality", "check": "data_quality"}])
    judgement = await judged(tmp_path, onnx_models.logistic(), rows(1200, 0.4), document)
    assert judgement.status == "PASS"
    assert {record.metric for record in judgement.records} == {"rows", "smallest_class_share", "duplicates", "conflicting_labels"}


@pytest.mark.parametrize(("parts", "field"), [({"shift_warn": 0.3}, "shift_warn"), ({"duplicates": 2}, "duplicates")])
def test_a_plan_that_can_not_be_meant_is_refused_by_its_field(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        plan(**parts)
