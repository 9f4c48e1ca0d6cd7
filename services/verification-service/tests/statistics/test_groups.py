"""Held against fairlearn, which knows no guards, and against scikit-learn."""

from typing import Any

import numpy as np
import pytest
from fairlearn import metrics as reference
from sklearn.metrics import roc_auc_score

from placet_verification.adapters.evaluation.statistics.gaps import Gap, equalised_odds, gap, gaps, ratio
from placet_verification.adapters.evaluation.statistics.groups import Group, Guards, RateName, groups, intersections
from placet_verification.adapters.evaluation.statistics.proportions import newcombe, two_proportions_test

RANDOM = np.random.default_rng(17)
N = 1200
ATTRIBUTE = RANDOM.choice(["a", "b", "c", "d"], N)
POSITIVE = RANDOM.random(N) < 0.4
SCORES = 0.3 * POSITIVE + 0.1 * (ATTRIBUTE == "c") + RANDOM.random(N)
SELECTED = SCORES > 0.7
NO_GUARDS = Guards(rows=0, positives=0, negatives=0, selected=0)


def found_gap(parts: tuple[Group, ...], rate: RateName) -> Gap:
    found = gap(parts, rate)
    assert found is not None
    return found


def test_rates_of_groups_agree_with_fairlearn() -> None:
    frame = reference.MetricFrame(
        metrics={
            "n": reference.count,
            "selection_rate": reference.selection_rate,
            "tpr": reference.true_positive_rate,
            "fpr": reference.false_positive_rate,
        },
        y_true=POSITIVE,
        y_pred=SELECTED,
        sensitive_features=ATTRIBUTE,
    ).by_group
    parts = groups(ATTRIBUTE, POSITIVE, SELECTED)
    assert [part.name for part in parts] == list(frame.index)
    assert [part.n for part in parts] == list(frame["n"])
    names: tuple[RateName, ...] = ("selection_rate", "tpr", "fpr")
    for name in names:
        assert [part.rates[name].value for part in parts] == pytest.approx(list(frame[name]))
    for part in parts:
        rows = np.equal(ATTRIBUTE, part.name)
        assert part.rates["ppv"].value == pytest.approx(POSITIVE[rows & SELECTED].mean())
        assert part.n_positive + part.n_negative == part.n


def test_gaps_agree_with_fairlearn() -> None:
    facts: dict[str, Any] = {"y_true": POSITIVE, "y_pred": SELECTED, "sensitive_features": ATTRIBUTE}
    parts = groups(ATTRIBUTE, POSITIVE, SELECTED, guards=NO_GUARDS)
    parity, odds = found_gap(parts, "selection_rate"), equalised_odds(parts)
    assert parity.value == pytest.approx(reference.demographic_parity_difference(**facts))
    assert ratio(parity) == pytest.approx(reference.demographic_parity_ratio(**facts))
    assert found_gap(parts, "tpr").value == pytest.approx(reference.equal_opportunity_difference(**facts))
    assert odds is not None
    assert odds.value == pytest.approx(reference.equalized_odds_difference(**facts))


def test_a_gap_has_the_interval_and_the_test_of_its_two_groups() -> None:
    parts = groups(ATTRIBUTE, POSITIVE, SELECTED)
    found = found_gap(parts, "selection_rate")
    high, low = (next(part.rates["selection_rate"] for part in parts if part.name == name) for name in (found.high, found.low))
    assert found.ci == newcombe(high.hits, high.n, low.hits, low.n)
    assert found.p == two_proportions_test(high.hits, high.n, low.hits, low.n)
    assert found.p <= found.p_adjusted <= 6 * found.p
    assert found.value == max(part.rates["selection_rate"].value or 0 for part in parts) - min(
        part.rates["selection_rate"].value or 0 for part in parts
    )


def test_a_small_group_is_listed_and_never_decides() -> None:
    attribute = np.append(ATTRIBUTE, np.repeat("tiny", 5))
    positive, selected = np.append(POSITIVE, [True] * 5), np.append(SELECTED, [False] * 5)
    with_tiny, without = groups(attribute, positive, selected), groups(ATTRIBUTE, POSITIVE, SELECTED)
    assert [part.name for part in with_tiny] == ["a", "b", "c", "d", "tiny"]
    assert with_tiny[-1].rates["selection_rate"].value == 0
    found = found_gap(with_tiny, "selection_rate")
    assert found.not_judged == ("tiny",)
    assert found.judged == ("a", "b", "c", "d")
    assert found.value == found_gap(without, "selection_rate").value


def test_each_rate_has_its_own_guard() -> None:
    attribute = np.repeat(["x", "y"], 200)
    positive = np.concatenate([np.arange(200) < 29, np.arange(200) < 171])
    parts = groups(attribute, positive, np.tile([True, False], 200))
    judged = {part.name: {rate for rate, facts in part.rates.items() if facts.judged} for part in parts}
    assert judged == {"x": {"selection_rate", "fpr", "ppv"}, "y": {"selection_rate", "tpr", "ppv"}}
    assert gap(parts, "tpr") is None
    assert equalised_odds(parts) is None


def test_metric_of_a_group_is_that_of_its_rows() -> None:
    def area(rows: Any) -> float:
        return float(roc_auc_score(POSITIVE[rows], SCORES[rows]))

    for part in groups(ATTRIBUTE, POSITIVE, SELECTED, area):
        rows = np.equal(ATTRIBUTE, part.name)
        assert part.metric == pytest.approx(roc_auc_score(POSITIVE[rows], SCORES[rows]))
    assert groups(ATTRIBUTE[:50], POSITIVE[:50], SELECTED[:50], area)[0].metric is None
    assert groups(ATTRIBUTE, POSITIVE, SELECTED, lambda rows: float("nan"))[0].metric is None


def test_intersections_are_columns_of_combined_names() -> None:
    sex, age = np.array(["f", "m", "f"]), np.array([1.0, 2.0, np.nan])
    found = intersections({"sex": sex, "age": age})
    assert {name: column.tolist() for name, column in found.items()} == {
        "sex": ["f", "m", "f"],
        "age": ["1.0", "2.0", "nan"],
        "sex, age": ["f, 1.0", "m, 2.0", "f, nan"],
    }
    assert list(intersections({"sex": sex, "age": age}, depth=1)) == ["sex", "age"]


def test_equal_groups_have_a_gap_of_zero_and_no_selection_no_ratio() -> None:
    attribute, positive = np.repeat(["x", "y"], 100), np.tile([True, False], 100)
    found = found_gap(groups(attribute, positive, np.zeros(200, dtype=bool)), "selection_rate")
    assert (found.value, found.p, found.p_adjusted, ratio(found)) == (0, 1, 1, None)
    assert found.ci is not None
    assert found.ci[0] < 0 < found.ci[1]


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_few_rows_have_groups_and_no_gap(rows: int) -> None:
    parts = groups(ATTRIBUTE[:rows], POSITIVE[:rows], SELECTED[:rows])
    assert sum(part.n for part in parts) == rows
    assert gap(parts, "selection_rate") is None
    assert equalised_odds(parts) is None


def test_missing_values_of_an_attribute_are_a_group() -> None:
    attribute = np.array([1.0, np.nan, np.nan, 2.0])
    assert [(part.name, part.n) for part in groups(attribute, POSITIVE[:4], SELECTED[:4])] == [("1.0", 1), ("2.0", 1), ("nan", 2)]


def test_gaps_of_all_pairs_come_largest_first_and_adjusted_together() -> None:
    parts = groups(ATTRIBUTE, POSITIVE, SELECTED, guards=NO_GUARDS)
    found = gaps(parts, "selection_rate")
    assert len(found) == 6
    assert [one.value for one in found] == sorted((one.value for one in found), reverse=True)
    assert found[0] == gap(parts, "selection_rate")
    assert all(one.p <= one.p_adjusted <= 1 for one in found)
    assert gaps(parts[:1], "selection_rate") == ()
