"""The tree finds where a model errs; it judges only against a threshold, and by the leaf's interval."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.checks.kinds.error_tree import KIND, ErrorTreeParameters

from .. import builders, onnx_models
from .tried import judged

N = 2000


def leaf(errors: int = 30, n: int = 100, ci: Any = (0.22, 0.40)) -> dict[str, Any]:
    return {"path": ["a > 1", "b = x"], "n": n, "errors": errors, "ci": ci, "share_of_errors": 0.5}


def found(*leaves: dict[str, Any], n: int = 1000) -> dict[str, Any]:
    return {"n": n, "errors": 60, "seed": 7, "left_out": [], "large_error": None, "leaves": list(leaves)}


@pytest.mark.parametrize(
    ("parameters", "measured", "status", "value"),
    [
        ({}, found(leaf(), leaf(10)), "PASS", 0.3),
        ({}, found(), "PASS", 0.0),
        ({"worst_leaf": 0.5}, found(leaf()), "PASS", 0.3),
        ({"worst_leaf": 0.4}, found(leaf()), "PASS", 0.3),
        ({"worst_leaf": 0.35}, found(leaf()), "WARN", 0.3),
        ({"worst_leaf": 0.22}, found(leaf()), "WARN", 0.3),
        ({"worst_leaf": 0.2}, found(leaf()), "FAIL", 0.3),
        ({"worst_leaf": 0.2}, found(leaf(4, 10, (0.1, 0.7)), leaf()), "FAIL", 0.3),
        ({"worst_leaf": 0.2}, found(), "PASS", 0.0),
        ({"worst_leaf": 0.2}, found(leaf(), n=99), "INSUFFICIENT_DATA", None),
    ],
)
def test_only_a_threshold_makes_a_verdict(parameters: dict[str, Any], measured: dict[str, Any], status: str, value: float | None) -> None:
    head, *leaves = KIND.judge(ErrorTreeParameters.model_validate(parameters), measured)
    assert head.status == status
    assert head.value == pytest.approx(value)
    assert not any(record.counts for record in leaves)


def test_a_leaf_is_named_by_its_path() -> None:
    assert [record.slice for record in KIND.judge(ErrorTreeParameters.model_validate({}), found(leaf(), {**leaf(), "path": []}))] == [
        None,
        "a > 1, b = x",
        "all rows",
    ]


def rows(*, weak: bool, regression: bool = False) -> bytes:
    """The truth is what `a` says, but not in the south, if `weak`."""
    random = np.random.default_rng(9)
    a, region = random.normal(0, 1, N), random.choice(["north", "south", "west"], N)
    truth = np.where(weak & (region == "south"), random.normal(0, 1, N), a)
    y = truth.round(4) if regression else (truth > 0).astype(int)
    return builders.csv({"a": a.round(4), "b": [0] * N, "y": y, "region": region})


CHECK = {"id": "tree", "check": "error_tree", "columns": ["a", "region"], "worst_leaf": 0.3}


@pytest.mark.parametrize(("weak", "status"), [(False, "PASS"), (True, "FAIL")])
async def test_the_leaf_where_the_model_errs_fails(tmp_path: Path, weak: bool, status: str) -> None:
    judgement = await judged(tmp_path, onnx_models.logistic((3.0, 0.0), 0.0), rows(weak=weak), builders.plan(checks=[CHECK]))
    assert judgement.status == status
    assert bool(judgement.records[1:]) == weak
    if weak:
        assert "region = south" in (judgement.records[1].slice or "")
        assert judgement.records[0].baseline_value == pytest.approx(1 / 6, abs=0.03)


async def test_of_a_regression_the_largest_tenth_of_errors_is_wrong_or_what_the_plan_says(tmp_path: Path) -> None:
    raw, tree = rows(weak=True, regression=True), {**CHECK, "columns": ["region"]}
    judgement = await judged(tmp_path, onnx_models.linear((1.0, 0.0)), raw, builders.regression({**tree, "worst_leaf": 0.2}))
    assert judgement.status == "FAIL"
    assert judgement.worst.parameters["errors"] == N // 10
    judgement = await judged(tmp_path, onnx_models.linear((1.0, 0.0)), raw, builders.regression({**tree, "large_error": 100}))
    assert (judgement.status, judgement.worst.parameters["errors"], judgement.worst.parameters["large_error"]) == ("PASS", 0, 100.0)


@pytest.mark.parametrize(
    ("parts", "field"),
    [({"columns": ["a", "a"]}, "columns"), ({"columns": ["y"]}, "columns"), ({"large_error": 1}, "large_error"), ({"depth": 9}, "depth")],
)
def test_a_plan_that_can_not_be_meant_is_refused_by_its_field(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        builders.plan(checks=[{**CHECK, **parts}])
