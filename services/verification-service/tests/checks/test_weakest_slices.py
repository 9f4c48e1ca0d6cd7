"""A slice where the model is much worse is found, confirmed and fails; small ones and chance do not."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.checks.kinds.weakest_slices import KIND, WeakestSlicesParameters

from .. import builders, onnx_models
from .tried import judged

N = 4000


def part(shortfall: float = 0.2, ci: Any = (0.1, 0.3)) -> dict[str, Any]:
    return {"name": "a > 1", "n": 150, "score": 0.6, "shortfall": shortfall, "ci": ci, "p_adjusted": 0.001}


def found(*slices: dict[str, Any], absolute: bool = True, overall: float | None = 0.8, candidates: int = 30) -> dict[str, Any]:
    facts = {"n": 1000, "seed": 7, "rows": 1000, "left_out": [], "tested": 3, "metric": "accuracy_shortfall", "overall": overall}
    return {**facts, "absolute": absolute, "candidates": candidates, "slices": list(slices)}


@pytest.mark.parametrize(
    ("measured", "status", "value"),
    [
        (found(), "PASS", 0.0),
        (found(part(0.05)), "PASS", 0.05),
        (found(part(0.1)), "PASS", 0.1),
        (found(part(0.2)), "FAIL", 0.2),
        (found(part(0.2, ci=(0.0, 0.4))), "PASS", 0.2),
        (found(part(0.05), part(0.2)), "FAIL", 0.2),
        (found(candidates=0, overall=None), "INSUFFICIENT_DATA", None),
        (found(part(0.3), absolute=False, overall=1.0), "PASS", 0.3),
        (found(part(0.3), absolute=False, overall=0.5), "FAIL", 0.6),
        (found(part(0.0), absolute=False, overall=0.0), "PASS", 0.0),
    ],
)
def test_a_slice_fails_beyond_its_threshold_and_beyond_chance(measured: dict[str, Any], status: str, value: float | None) -> None:
    head, *slices = KIND.judge(WeakestSlicesParameters.model_validate({}), measured)
    assert head.status == status
    assert head.value == pytest.approx(value)
    assert [record.counts for record in slices] == [record.status == "FAIL" for record in slices]


def rows(*, weak: bool, regression: bool = False) -> bytes:
    """The model goes by `a`; where `b` is high and the region is south the truth does not, if `weak`."""
    random = np.random.default_rng(9)
    a, b = random.normal(0, 1, N), random.normal(0, 1, N)
    region = random.choice(["north", "south", "west"], N)
    lost = weak & (b > 0.5) & (region == "south")
    truth = np.where(lost, random.normal(0, 1, N), a + random.normal(0, 0.2, N))
    y = truth.round(4) if regression else (truth > 0).astype(int)
    return builders.csv({"a": a.round(4), "b": b.round(4), "y": y, "region": region, "key": range(N)})


CHECK = {"id": "slices", "check": "weakest_slices", "columns": ["b", "region", "key"]}


@pytest.mark.parametrize(("weak", "status"), [(False, "PASS"), (True, "FAIL")])
async def test_a_slice_of_two_columns_where_the_model_is_lost_fails(tmp_path: Path, weak: bool, status: str) -> None:
    judgement = await judged(tmp_path, onnx_models.logistic((3.0, 0.0), 0.0), rows(weak=weak), builders.plan(checks=[CHECK]))
    assert judgement.status == status
    assert judgement.records[0].parameters["left_out"] == ["key"]
    if weak:
        weakest = judgement.records[1].slice or ""
        assert "region = south" in weakest
        assert "b > " in weakest


@pytest.mark.parametrize(("weak", "status"), [(False, "PASS"), (True, "FAIL")])
async def test_a_slice_where_a_regression_errs_much_more_fails(tmp_path: Path, weak: bool, status: str) -> None:
    document = builders.regression({"id": "slices", "check": "weakest_slices", "columns": ["b", "region"]})
    judgement = await judged(tmp_path, onnx_models.linear((1.0, 0.0)), rows(weak=weak, regression=True), document)
    assert (judgement.status, judgement.records[0].metric) == (status, "mae_excess")


async def test_a_column_with_one_value_has_no_slices(tmp_path: Path) -> None:
    data = rows(weak=True).replace(b"north", b"south").replace(b"west", b"south")
    check = {"id": "slices", "check": "weakest_slices", "columns": ["region"]}
    judgement = await judged(tmp_path, onnx_models.logistic((3.0, 0.0), 0.0), data, builders.plan(checks=[check]))
    assert (judgement.status, judgement.worst.reason_code) == ("INSUFFICIENT_DATA", "no_slice_is_large_enough")


async def test_too_few_rows_have_no_slices(tmp_path: Path) -> None:
    checks = [{"id": "slices", "check": "weakest_slices"}]
    judgement = await judged(tmp_path, onnx_models.logistic(), builders.labelled_rows(), builders.plan(checks=checks))
    assert (judgement.status, judgement.worst.reason_code) == ("INSUFFICIENT_DATA", "no_slice_is_large_enough")


@pytest.mark.parametrize(
    ("parts", "field"),
    [({"columns": ["a", "a"]}, "columns"), ({"columns": ["y"]}, "columns"), ({"shortfall": 0}, "shortfall"), ({"excess": -1}, "excess")],
)
def test_a_plan_that_can_not_be_meant_is_refused_by_its_field(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        builders.plan(checks=[{**CHECK, **parts}])
