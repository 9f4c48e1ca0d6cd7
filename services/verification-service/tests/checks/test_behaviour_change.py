"""`behaviour_change`: flips are evidence, and a verdict only against a threshold of the plan."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.checks.kinds.behaviour_change import KIND, BehaviourChangeParameters

from .. import builders, onnx_models
from .data import FEATURES, TRUE_MODEL, WRONG_MODEL, N, multiclass, records, rows, tried

CHECK = {"id": "b", "check": "behaviour_change"}
TEAM = ["north" if number % 4 else "south" for number in range(N)]


def share(value: float, low: float, high: float) -> dict[str, Any]:
    return {"count": 10, "share": value, "ci": [low, high]}


def found(n: int = 500, *groups: dict[str, Any], **parts: Any) -> dict[str, Any]:
    whole = {"n": n, "flips": share(0.1, 0.08, 0.13), "towards": share(0.07, 0.05, 0.1), "away": share(0.03, 0.02, 0.05)}
    return {"reason_code": None, "n_positive": 200, "all": whole, "groups": list(groups), "parameters": {"mcnemar": None}, **parts}


@pytest.mark.parametrize(
    ("parameters", "measured", "statuses"),
    [
        ({}, found(), [("PASS", None, True), ("PASS", None, False)]),
        ({"at_most": 0.1}, found(), [("PASS", None, True), ("PASS", None, False)]),
        ({"at_most": 0.08}, found(), [("WARN", "inconclusive", True), ("PASS", None, False)]),
        ({"at_most": 0.07}, found(), [("FAIL", "threshold_missed", True), ("PASS", None, False)]),
        ({"away_at_most": 0.01}, found(), [("PASS", None, True), ("FAIL", "threshold_missed", True)]),
        ({"away_at_most": 0.03}, found(), [("PASS", None, True), ("PASS", None, True)]),
        ({}, found(99), [("PASS", None, True), ("PASS", None, False)]),
        ({"at_most": 0.5}, found(99), [("INSUFFICIENT_DATA", "too_few_rows", True), ("PASS", None, False)]),
        ({"at_most": 0.5}, {"reason_code": "nothing_deployed"}, [("NOT_APPLICABLE", "nothing_deployed", True)]),
        ({"at_most": 0.5}, {"reason_code": "champion_not_runnable"}, [("ERROR", "champion_not_runnable", True)]),
    ],
)
def test_verdict(parameters: dict[str, Any], measured: dict[str, Any], statuses: list[Any]) -> None:
    judged = KIND.judge(BehaviourChangeParameters(**parameters), measured)
    assert [(record.status, record.reason_code, record.counts) for record in judged] == statuses


def test_a_group_is_listed_and_decides_nothing() -> None:
    large, small = ({**found(n)["all"], "name": f"team = {n}"} for n in (100, 99))
    judged = KIND.judge(BehaviourChangeParameters(at_most=0.05, group="team"), found(500, large, small))[2:]
    assert [(record.slice, record.status, record.counts) for record in judged] == [
        ("team = 100", "PASS", False),
        ("team = 99", "INSUFFICIENT_DATA", False),
    ]


async def test_the_same_model_passes_and_one_that_decides_otherwise_fails(tmp_path: Path) -> None:
    document = builders.plan(checks=[{**CHECK, "at_most": 0.05, "group": "team"}])
    same = await tried(tmp_path, TRUE_MODEL, document, rows(team=TEAM), champion=TRUE_MODEL)
    assert [(one["status"], one["value"]) for one in same.summaries()] == [("PASS", 0.0)]
    other = await tried(tmp_path, WRONG_MODEL, document, rows(team=TEAM), champion=TRUE_MODEL)
    flips, away, north, south = records(other, "b")
    expected = (FEATURES @ np.array([2.0, -1.0]) > 0) != (FEATURES @ np.array([-1.0, 2.0]) > 0)
    assert (flips["status"], flips["value"]) == ("FAIL", pytest.approx(expected.mean(), abs=2 / N))
    assert (north["slice"], north["n"], south["slice"], south["n"]) == ("team = north", 3 * N // 4, "team = south", N // 4)
    assert flips["value"] == pytest.approx((3 * north["value"] + south["value"]) / 4)
    assert away["value"] > flips["parameters"]["towards_truth"]["share"]
    assert flips["parameters"]["mcnemar"]["broken"] == flips["parameters"]["away_from_truth"]["count"]


async def test_an_input_is_a_group_by_its_quintiles(tmp_path: Path) -> None:
    document = builders.plan(checks=[{**CHECK, "group": "a"}])
    groups = records(await tried(tmp_path, TRUE_MODEL, document, champion=WRONG_MODEL), "b")[2:]
    assert len(groups) == 5
    assert sum(group["n"] for group in groups) == N
    assert {group["slice"].count("a") for group in groups} == {1}


async def test_very_many_groups_are_not_all_listed(tmp_path: Path) -> None:
    document = builders.plan(checks=[{**CHECK, "group": "team"}])
    flips, _, *groups = records(
        await tried(tmp_path, TRUE_MODEL, document, rows(team=[f"{number}" for number in range(N)]), champion=WRONG_MODEL), "b"
    )
    assert (len(groups), flips["parameters"]["groups_not_listed"]) == (50, N - 50)


async def test_several_classes_flip_also_between_wrong_ones(tmp_path: Path) -> None:
    weights = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]])
    classes = ["xyz"[number] for number in (FEATURES @ weights).argmax(axis=1)]
    plan = multiclass(CHECK)
    [flips, _] = records(
        await tried(tmp_path, onnx_models.softmax(-weights), plan, rows(classes), champion=onnx_models.softmax(weights[::-1])), "b"
    )
    counts = flips["parameters"]
    assert counts["towards_truth"]["count"] + counts["away_from_truth"]["count"] < round(flips["value"] * N)


async def test_a_number_flips_when_it_moves_by_more_than_the_tolerance(tmp_path: Path) -> None:
    document = builders.regression({**CHECK, "tolerance": 1.0, "at_most": 0.1})
    target = rows(FEATURES @ np.array([2.0, -3.0]))
    [flips, away] = records(
        await tried(tmp_path, onnx_models.linear([2.0, -3.0]), document, target, champion=onnx_models.linear([3.0, -3.0])), "b"
    )
    assert flips["status"] == "FAIL"
    assert flips["value"] == pytest.approx((abs(FEATURES[:, 0]) > 1).mean(), abs=2 / N)
    assert (away["value"], flips["parameters"]["towards_truth"]["share"]) == (0, flips["value"])


async def test_where_nothing_is_deployed_the_check_does_not_apply(tmp_path: Path) -> None:
    result = await tried(tmp_path, TRUE_MODEL, builders.plan(checks=[CHECK]))
    assert [(one["status"], one["reason_code"]) for one in result.summaries()] == [("NOT_APPLICABLE", "nothing_deployed")]


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({"at_most": 2}, "checks.0.at_most"),
        ({"tolerance": 0.1}, "checks.0.tolerance: given for a regression"),
        ({"group": "y"}, "checks.0.group: a column other than the label"),
        ({"groups": ["team"]}, "checks.0.groups"),
    ],
)
def test_a_wrong_plan_is_refused_by_its_field(parts: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        builders.plan(checks=[{**CHECK, **parts}])


def test_a_regression_needs_a_tolerance() -> None:
    with pytest.raises(Malformed, match=r"checks\.0\.tolerance: given for a regression"):
        builders.regression(CHECK)
