"""Groups that a model treats unequally fail, those that may differ by chance do not, and small ones are listed and decide nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placet_shared.errors import Malformed
from placet_verification.checks import further_columns
from placet_verification.checks.kinds.subgroups import KIND, SubgroupsParameters
from placet_verification.domain.records import Judgement, Record

from .. import builders, onnx_models
from .tried import judged, of_slice

RANDOM = np.random.default_rng(5)
N = 1500


def wanted(**parts: Any) -> SubgroupsParameters:
    return SubgroupsParameters.model_validate({"columns": ["sex"], "parities": ["demographic_parity_difference"], **parts})


def pair(high: float, low: float, ci: Any = (0.05, 0.3), p: float | None = 0.001) -> dict[str, Any]:
    return {"high": "f", "low": "m", "high_value": high, "low_value": low, "ci": ci, "p": p, "p_adjusted": p}


def group(name: str, n: int = 200) -> dict[str, Any]:
    return {"name": name, "n": n, "n_positive": n // 2, "metric": 0.8, "rates": {}}


def found(*pairs: dict[str, Any], task: str = "binary", **parts: Any) -> dict[str, Any]:
    gaps = {rate: list(pairs) for rate in ("selection_rate", "tpr", "fpr", "ppv")}
    part = {"name": "sex", "too_many": None, "count": 2, "groups": [group("f"), group("m")], "gaps": gaps, "metric_gaps": [], **parts}
    return {"task": task, "metric": "roc_auc", "seed": 7, "n": 400, "n_positive": 200, "attributes": [part]}


def first(parameters: SubgroupsParameters, measured: dict[str, Any]) -> Record:
    return KIND.judge(parameters, measured)[0]


@pytest.mark.parametrize(
    ("pairs", "status", "reason_code", "value"),
    [
        ([pair(0.6, 0.55)], "PASS", None, 0.05),
        ([pair(0.6, 0.5)], "PASS", None, 0.1),
        ([pair(0.6, 0.58), pair(0.6, 0.55)], "PASS", None, 0.05),
        ([pair(0.6, 0.45)], "FAIL", "gap_too_large", 0.15),
        ([pair(0.6, 0.45, ci=(0.0, 0.3))], "WARN", "inconclusive", 0.15),
        ([pair(0.6, 0.45, ci=(-0.1, 0.3))], "WARN", "inconclusive", 0.15),
        ([pair(0.6, 0.45, ci=None)], "WARN", "inconclusive", 0.15),
        ([pair(0.6, 0.45, p=0.06)], "WARN", "inconclusive", 0.15),
        ([pair(0.9, 0.5, ci=(-0.1, 0.7)), pair(0.6, 0.45)], "FAIL", "gap_too_large", 0.15),
        ([], "INSUFFICIENT_DATA", "too_few_groups_to_judge", None),
    ],
    ids=["small", "at it", "two small", "large", "touches 0", "covers 0", "no interval", "chance", "a surer pair", "none"],
)
def test_a_gap_fails_only_beyond_its_threshold_and_beyond_chance(pairs: Any, status: str, reason_code: Any, value: Any) -> None:
    record = first(wanted(), found(*pairs))
    assert (record.status, record.reason_code) == (status, reason_code)
    assert record.value == pytest.approx(value)


@pytest.mark.parametrize(
    ("one", "status"),
    [
        (pair(0.5, 0.4), "PASS"),
        (pair(0.5, 0.39), "FAIL"),
        (pair(0.5, 0.39, ci=(-0.01, 0.2)), "WARN"),
        (pair(0.5, 0.0), "FAIL"),
        (pair(0.0, 0.0), "INSUFFICIENT_DATA"),
    ],
)
def test_the_ratio_is_held_against_four_fifths(one: dict[str, Any], status: str) -> None:
    record = first(wanted(parities=["demographic_parity_ratio"]), found(one))
    assert (record.status, record.comparator, record.threshold, record.ci) == (status, ">=", 0.8, None)


def test_equalised_odds_is_the_worse_of_two_rates() -> None:
    measured = found()
    measured["attributes"][0]["gaps"] = {"tpr": [pair(0.6, 0.55)], "fpr": [pair(0.6, 0.4)], "selection_rate": [], "ppv": []}
    record = first(wanted(parities=["equalised_odds"]), measured)
    assert (record.status, record.parameters["rate"]) == ("FAIL", "fpr")
    assert first(wanted(parities=["equal_opportunity"]), measured).status == "PASS"


def test_one_group_has_nothing_to_compare_and_too_many_are_no_groups() -> None:
    def status(**parts: Any) -> str:
        return Judgement("a", "subgroups", 1, "blocking", tuple(KIND.judge(wanted(), found(**parts)))).status

    assert status(groups=[group("f")]) == "NOT_APPLICABLE"
    assert status(groups=[], too_many=5000) == "INSUFFICIENT_DATA"
    assert status() == "INSUFFICIENT_DATA"


def test_one_column_with_one_group_does_not_excuse_another_that_can_not_be_judged() -> None:
    measured = found()
    measured["attributes"] += found(groups=[group("x")])["attributes"]
    assert Judgement("a", "subgroups", 1, "blocking", tuple(KIND.judge(wanted(), measured))).status == "INSUFFICIENT_DATA"


@pytest.mark.parametrize(
    ("pairs", "status"),
    [
        ([pair(0.9, 0.7)], "FAIL"),
        ([pair(0.9, 0.85)], "PASS"),
        ([pair(0.9, 0.7, ci=(-0.1, 0.5))], "WARN"),
        ([pair(0.9, 0.7, p=0.2)], "WARN"),
        ([pair(0.9, 0.7, ci=None, p=None)], "INSUFFICIENT_DATA"),
        ([pair(0.9, 0.5, ci=(-0.1, 0.5)), pair(0.9, 0.7)], "FAIL"),
        ([pair(0.9, 0.5, ci=None, p=None), pair(0.9, 0.7)], "FAIL"),
        ([pair(0.9, 0.5, ci=(-0.1, 0.5)), pair(0.9, 0.85)], "WARN"),
        ([], "INSUFFICIENT_DATA"),
    ],
)
def test_other_tasks_are_judged_by_the_gap_of_their_metric(pairs: Any, status: str) -> None:
    gaps = [{**one, "rows": {}} for one in pairs]
    assert first(wanted(parities=None), found(task="multiclass", metric_gaps=gaps)).status == status


def test_groups_are_listed_and_never_decide() -> None:
    records = KIND.judge(wanted(), found(pair(0.6, 0.55), groups=[group("f"), group("m"), group("x", 3)]))[1:]
    assert [(record.slice, record.status, record.counts) for record in records] == [
        ("f", "PASS", False),
        ("m", "PASS", False),
        ("x", "INSUFFICIENT_DATA", False),
    ]


def rows(*, unfair: bool) -> bytes:
    """The model selects by `a`, which lies higher in one group where it is unfair; 40 rows are of a third group, all selected."""
    sex = np.array(["f", "m"])[np.arange(N) % 2].astype(object)
    a = RANDOM.normal(0, 1, N) + unfair * np.where(sex == "f", 0.5, -0.5)
    y = (a + RANDOM.normal(0, 1, N) > 0).astype(int)
    sex[:40], a[:40] = "x", 5.0
    return builders.csv({"a": a.round(4), "b": [0] * N, "y": y, "sex": sex, "region": np.arange(N) % 5})


MODEL = onnx_models.logistic((3.0, 0.0), 0.0)


def plan(**parts: Any) -> dict[str, Any]:
    return builders.plan(checks=[{"id": "fair", "check": "subgroups", "columns": ["sex"], **parts}])


@pytest.mark.parametrize(("unfair", "status"), [(False, "PASS"), (True, "FAIL")])
async def test_a_model_that_prefers_one_group_fails_and_a_small_group_decides_nothing(tmp_path: Path, unfair: bool, status: str) -> None:
    judgement = await judged(tmp_path, MODEL, rows(unfair=unfair), plan())
    assert judgement.status == status
    small = of_slice(judgement, "sex = x")
    assert (small.status, small.n, small.counts) == ("INSUFFICIENT_DATA", 40, False)
    assert small.parameters["rates"]["selection_rate"]["value"] == 1.0
    assert of_slice(judgement, "sex = f").parameters["rates"]["tpr"]["judged"]
    parity = of_slice(judgement, "sex", "demographic_parity_difference")
    assert parity.ci is not None
    assert parity.value is not None
    assert parity.ci[0] < parity.value < parity.ci[1]


async def test_a_gap_is_adjusted_for_all_pairs_of_all_columns(tmp_path: Path) -> None:
    """One pair of two sexes, the third being too small, and ten of five regions."""
    document = plan(columns=["sex", "region"], parities=["demographic_parity_difference"])
    judgement = await judged(tmp_path, MODEL, rows(unfair=True), document)
    found = of_slice(judgement, "sex", "demographic_parity_difference").parameters
    assert found["p_adjusted"] == pytest.approx(11 * found["p"])


async def test_a_sure_gap_of_a_metric_is_not_hidden_by_wider_ones_of_small_groups(tmp_path: Path) -> None:
    names = ["f"] * 4000 + ["m"] * 4000 + [f"region {number}" for number in range(5) for _ in range(100)]
    errors = [1.0] * 4000 + [1.5] * 4000 + [0.0 if row else 100.0 + number for number in range(5) for row in range(100)]
    data = builders.csv({"a": [0] * len(names), "b": [0] * len(names), "sex": names, "y": [float(error) for error in errors]})
    document = builders.regression({"id": "fair", "check": "subgroups", "columns": ["sex"], "metric": "mae", "metric_gap": 0.4})
    record = of_slice(await judged(tmp_path, onnx_models.linear([1.0, 0.0]), data, document), "sex", "mae_gap")
    assert (record.status, record.parameters["high"], record.parameters["low"]) == ("FAIL", "sex = m", "sex = f")


@pytest.mark.parametrize("parity", ["demographic_parity_difference", "demographic_parity_ratio"])
async def test_a_sure_gap_is_not_hidden_by_many_wider_ones_of_small_groups(tmp_path: Path, parity: str) -> None:
    selected = {"f": (4000, 0.5), "m": (4000, 0.385), **{f"region {number}": (100, 0.37 + 0.005 * number) for number in range(30)}}
    names = [name for name, (n, _) in selected.items() for _ in range(n)]
    a = [1 if row < n * share else -1 for n, share in selected.values() for row in range(n)]
    data = builders.csv({"a": a, "b": [0] * len(a), "sex": names, "y": [int(value > 0) for value in a]})
    record = of_slice(await judged(tmp_path, MODEL, data, plan(parities=[parity])), "sex", parity)
    assert (record.status, record.parameters["high"], record.parameters["low"]) == ("FAIL", "sex = f", "sex = m")


async def test_an_input_is_cut_at_its_quintiles_and_crossed_with_a_further_column(tmp_path: Path) -> None:
    judgement = await judged(tmp_path, MODEL, rows(unfair=False), plan(columns=["sex", "a"], depth=2, parities=["equal_opportunity"]))
    slices = [record.slice for record in judgement.records]
    assert {"sex", "a", "sex, a"} <= set(slices)
    crossed = [name for name in slices if name and name.startswith("sex = f, ")]
    assert len(crossed) == 5
    assert of_slice(judgement, "a").status == "FAIL"  # it selects by `a`


async def test_a_regression_that_is_worse_for_one_group_fails(tmp_path: Path) -> None:
    sex = np.array(["f", "m"])[np.arange(N) % 2]
    a = RANDOM.normal(0, 1, N)
    y = a + RANDOM.normal(0, 1, N) * np.where(sex == "f", 0.2, 1.0)
    raw = builders.csv({"a": a.round(4), "b": [0] * N, "y": y.round(4), "sex": sex})
    fair = {"id": "fair", "check": "subgroups", "columns": ["sex"]}
    judgement = await judged(tmp_path, onnx_models.linear((1.0, 0.0)), raw, builders.regression({**fair, "metric_gap": 0.5}))
    gap = of_slice(judgement, "sex")
    assert (judgement.status, gap.metric, gap.parameters["high"], gap.parameters["low"]) == ("FAIL", "rmse_gap", "sex = m", "sex = f")
    judgement = await judged(tmp_path, onnx_models.linear((1.0, 0.0)), raw, builders.regression({**fair, "metric_gap": 1.0}))
    assert judgement.status == "PASS"


@pytest.mark.parametrize(("noise", "status"), [(0.2, "PASS"), (2.0, "FAIL")])
async def test_several_classes_that_are_told_worse_in_one_group_fail(tmp_path: Path, noise: float, status: str) -> None:
    sex = np.array(["f", "m"])[np.arange(N) % 2]
    a = RANDOM.normal(0, 1, N)
    y = np.digitize(a + RANDOM.normal(0, 1, N) * np.where(sex == "m", noise, 0.2), [-0.5, 0.5])
    document = builders.plan(
        task="multiclass",
        prediction={"scores": "P", "classes": ["0", "1", "2"]},
        checks=[{"id": "fair", "check": "subgroups", "columns": ["sex"]}],
    )
    # the middle class has the highest score where |a| < 0.5
    model = onnx_models.softmax(np.array([[-2.0, 0.0, 2.0], [0.0, 1.0, 0.0]]))
    judgement = await judged(tmp_path, model, builders.csv({"a": a.round(4), "b": [1] * N, "y": y, "sex": sex}), document)
    gap = of_slice(judgement, "sex")
    assert (judgement.status, gap.metric, gap.threshold) == (status, "balanced_accuracy_gap", 0.1)
    assert of_slice(judgement, "sex = f").parameters == {"rates": {}}


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"columns": []}, "columns"),
        ({"columns": ["sex", "sex"]}, "columns"),
        ({"columns": ["y"]}, "columns"),
        ({"parities": ["fair"]}, "parities"),
        ({"metric": "rmse"}, "metric"),
        ({"metric": "top_k_accuracy"}, "metric"),
        ({"depth": 4}, "depth"),
    ],
)
def test_a_plan_that_can_not_be_meant_is_refused_by_its_field(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed, match=rf"checks\.0\.{field}"):
        plan(**parts)


def test_a_regression_names_the_largest_gap_and_no_parities() -> None:
    fair = {"id": "fair", "check": "subgroups", "columns": ["sex"]}
    with pytest.raises(Malformed, match=r"checks\.0\.metric_gap"):
        builders.regression(fair)
    with pytest.raises(Malformed, match=r"checks\.0\.parities"):
        builders.regression({**fair, "metric_gap": 1, "parities": ["equal_opportunity"]})


def test_columns_that_inputs_take_are_not_read_again_as_texts() -> None:
    assert further_columns(plan(columns=["sex", "a"])) == ["sex"]
