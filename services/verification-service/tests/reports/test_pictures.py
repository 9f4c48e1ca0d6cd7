"""What is drawn of records: by the names of their parameters, each with a sentence and a table, and nothing that would not fit."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

import pytest

from placet_verification.api.reports.drawn_parameters import drawn
from placet_verification.api.reports.picture import Picture
from placet_verification.api.reports.pictures import MOST_PICTURES, pictures_of

EVIL = '<script>alert(1)</script> & "quoted" \x07'
LONG = "n" * 80_000
EMPTY = {"n": 0, "mean_probability": None, "share": None, "ci": None}
CURVE = [{"n": 10, "mean_probability": 0.2, "share": 0.3, "ci": [0.1, 0.5]}, EMPTY]
SHARES = {"reference": [0.5, 0.3, 0.2], "current": [0.2, 0.3, 0.5]}


def record(**parts: Any) -> dict[str, Any]:
    """One that passed."""
    return {
        "check_id": "c", "check": "k", "status": "PASS", "metric": "m", "value": 0.5, "ci": None, "comparator": None, "threshold": None,
        "baseline_value": None, "slice": None, "n": 10, "reason_code": None, "counts": True, "parameters": {}, **parts,
    }  # fmt: skip


def parameters(name: str | None = None, **given: Any) -> Sequence[Picture]:
    """The pictures of one record with these."""
    return whole(list(drawn(record(slice=name, parameters=given))))


def whole(pictures: Sequence[Picture]) -> Sequence[Picture]:
    """Each well-formed, with a sentence and a table as wide as its head."""
    for picture in pictures:
        assert picture.sentence.endswith(".")
        assert picture.rows
        assert all(len(row) == len(picture.headings) for row in picture.rows)
        if picture.svg:
            ElementTree.fromstring(picture.svg)
        assert len(picture.sentence) < 600
    return pictures


def test_curves_of_both_models_name_this_version_first() -> None:
    both = {"champion": [[0, 0], [0.2, 0.7], [1, 1]], "challenger": [[0, 0], [1, 1]]}
    roc, precision, calibration = parameters(
        roc=both, precision_recall={"champion": None, "challenger": [[0, 1], [0.5, 0.8], [1, 0.4]]}, calibration={"champion": CURVE}
    )
    assert "0.500 of this version, 0.750 of deployed version" in roc.sentence
    assert "0.800 and 0.400 of this version" in precision.sentence
    assert "0.3 occurred where 0.2 was predicted, in 10 rows" in calibration.sentence


def test_curves_of_classes_are_drawn_together() -> None:
    curves = [{"class": name, "roc": [[0, 0], [1, 1]], "precision_recall": [[0, 1], [1, 0.4]]} for name in ("cat", "dog")]
    assert [picture.title for picture in parameters(curves=curves)] == ["ROC curve", "Precision and recall"]


def test_confusion_names_the_most_frequent_mistake() -> None:
    [picture] = parameters(matrix={"classes": ["0", "1"], "counts": [[7, 1], [2, 5]]})
    assert picture.sentence == "12 of 15 rows are on the diagonal: predicted as what they are. " + (
        "The most frequent mistake: 2 rows of 1 taken for 0."
    )


def test_several_classes_have_recall_and_precision_each() -> None:
    _, picture = parameters(matrix={"classes": ["cat", "dog", EVIL], "counts": [[7, 1, 0], [2, 5, 0], [0, 0, 0]]})
    assert picture.sentence == "Fewest are found of dog: 71.4% of its rows; 83.3% of what is taken for it is right."
    assert picture.rows == [("cat", "0.875", "0.778", "8", "9"), ("dog", "0.714", "0.833", "7", "6"), (EVIL, "0.000", "0.000", "0", "0")]
    assert len(parameters(matrix={"classes": ["a", "b", "c"], "counts": [[0, 0, 0]] * 3})) == 1


def test_distributions_say_what_moved_most() -> None:
    [numbers] = parameters("age", histogram={"edges": [1.0, 2.0], **SHARES, "missing": [0.0, 0.0]})
    assert (numbers.title, numbers.rows[0]) == ("Distribution of age", ("up to 1", "0.500", "0.200"))
    assert "from 50.0% of the rows to 20.0%" in numbers.sentence
    [missing] = parameters("age", histogram={"edges": [1.0, 2.0], **SHARES, "missing": [0.0, 0.9]})
    assert "missing moved most: from 0.0% of the rows to 90.0%" in missing.sentence
    [constant] = parameters("age", histogram={"edges": [], "reference": [1.0], "current": [1.0], "missing": [0, 0]})
    assert constant.rows == [("any number", "1.000", "1.000")]


def test_scores_by_class_and_by_model_are_drawn() -> None:
    edges = [0.0, 0.5, 1.0]
    [by_class] = parameters(histogram={"edges": edges, "of": [{"name": "0", "counts": [9, 1]}, {"name": "1", "counts": [0, 0]}]})
    assert by_class.sentence == "The most frequent scores are 0 at 0.25."
    [by_model] = parameters(
        scores={"edges": edges, "of": [{"name": "champion", "counts": [9, 1]}, {"name": "challenger", "counts": [1, 9]}]}
    )
    assert by_model.headings == ("score", "this version", "deployed version")


def test_a_regression_has_its_residuals_and_both_numbers_together() -> None:
    cells = {"x": [0.0, 1.0, 2.0], "y": [0.0, 1.0, 2.0], "counts": [[3, 0], [0, 0]]}
    titles = [
        picture.title
        for picture in parameters(
            predicted_and_true=cells,
            agreement=cells,
            residuals={"edges": [-1.0, 1.0], "of": [{"name": "this version", "counts": [3]}]},
            truth_by_prediction=[{"n": 1, "predicted": 1.0, "true": 2.0, "ci": [2.0, 2.0]}],
        )
    ]
    assert titles == ["Truth by prediction", "Prediction and truth", "Distribution of residuals", "Predictions of both"]


@pytest.mark.parametrize("name", ["a", EVIL, LONG], ids=["plain", "evil", "long"])
def test_importance_is_ranked_with_its_spread(name: str) -> None:
    found = [
        record(slice=of, metric="roc_auc_drop", value=drop, parameters={"deviation": 0.01, "share": share, "columns": [of]})
        for of, drop, share in (("b", 0.05, 0.2), (name, 0.2, 0.8))
    ]
    [picture] = whole(pictures_of(found))
    assert "has 80% of the importance of all columns: without it, roc_auc is worse by 0.2." in picture.sentence
    assert [row[0] for row in picture.rows] == [name, "b"]


def of_column(values: Sequence[Any], **more: Any) -> Mapping[str, Any]:
    n = len(values)
    mean = [place / 10 for place in range(n)]
    curves = {"values": list(values), "mean": mean, "low": [one - 0.1 for one in mean], "high": [one + 0.1 for one in mean]}
    return {**curves, "single": [mean], "of_class": None, **more}


@pytest.mark.parametrize("values", [[1.0], [1.0, 2.0], [1.0, 2.0, 5.0], ["x"], ["x", EVIL, LONG], [True, False], ["", "b"]])
def test_partial_dependence_is_drawn_over_numbers_and_over_categories(values: Sequence[Any]) -> None:
    [picture] = parameters("age", **of_column(values))
    assert picture.title == "Partial dependence on age"
    assert len(picture.rows) == len(values)
    assert ("grey lines are single ones" in picture.sentence) == (values in ([1.0, 2.0], [1.0, 2.0, 5.0]))


def test_partial_dependence_of_a_class_says_which_and_without_values_is_left_out() -> None:
    [picture] = parameters("age", **of_column([1.0, 2.0], of_class="cat"))
    assert "the score of cat goes from 0 (at 1) to 0.1 (at 2)" in picture.sentence
    assert parameters("age", **of_column([])) == []
    assert parameters("age", **of_column([1.0, 2.0], low=[0.1])) == []


def test_an_explanation_says_what_moves_the_prediction_most() -> None:
    found = record(
        slice="row 3", value=0.9, baseline_value=0.4, parameters={"contributions": [{"column": "a", "value": 0.5, "standard_error": 0.1}]}
    )
    [picture] = whole(list(drawn(found)))
    assert picture.sentence == "The prediction is 0.9, that of usual rows 0.4 on average; a moves it most, by +0.5."


def test_critical_rows_are_a_table_of_numbers() -> None:
    rows = {"rows": [{"row": 7, "flips": 3}], "corruptions": 4}
    [picture] = whole(list(drawn(record(metric="critical_samples", parameters=rows))))
    assert (picture.svg, picture.rows) == ("", [("7", "3 of 4")])
    assert list(drawn(record(parameters={"rows": 500}))) == []


def test_rates_of_groups_have_intervals_and_small_groups_are_marked() -> None:
    def group(name: str, value: float, *, judged: bool = True) -> dict[str, Any]:
        rate = {"value": value, "ci": [value - 0.1, value + 0.1], "n": 50, "judged": judged}
        return record(slice=name, value=None, parameters={"rates": {"tpr": rate, "fpr": {**rate, "value": None}}})

    [picture] = whole(pictures_of([group("north", 0.5), group("south", 0.7), group("west", 0.1, judged=False)]))
    assert picture.sentence == "It lies between 0.5 (north) and 0.7 (south); 1 groups are too small to be judged."
    assert picture.rows[-1] == ("west", "0.1", "0 to 0.2", "50", "no, too few")


def test_slices_are_drawn_with_their_threshold_and_the_worst_is_named() -> None:
    found = [record(slice=name, value=value, ci=[value - 0.1, value + 0.1], threshold=0.25, status=status) for name, value, status in (
        ("a", 0.3, "WARN"), (LONG, 0.5, "FAIL"), ("c", 0.1, "PASS"))]  # fmt: skip
    [picture] = whole(pictures_of(found))
    assert "…) ; " not in picture.sentence
    assert picture.sentence.endswith("is FAIL, with 1 more.")
    assert "must be 0.25" in picture.svg
    assert pictures_of([record(slice=name, value=0.0) for name in "ab"]) == []


def test_of_very_many_slices_and_columns_the_worst_are_drawn() -> None:
    found = [record(slice=f"s{number}", value=0.1, parameters={"histogram": {"edges": [1.0, 2.0], **SHARES}}) for number in range(1000)]
    found[990] = {**found[990], "status": "FAIL"}
    slices, *each = whole(pictures_of(found))
    assert slices.rows[0][0] == "s990"
    assert len(slices.rows) == 40
    assert (len(each), each[0].title) == (MOST_PICTURES, "Distribution of s990")


@pytest.mark.parametrize(
    "strange",
    [
        {"roc": 7}, {"matrix": {"classes": []}}, {"curves": [1]}, {"histogram": {"categories": ["a"], **SHARES}}, {"curve": "x"},
        {"mean": 0.5}, {"contributions": 3}, {"rows": [1]}, {"scores": 0.3}, {"residuals": []}, {"agreement": {"x": []}}, {"rest": 1},
    ],
)  # fmt: skip
def test_parameters_in_another_form_are_left_out(strange: dict[str, Any]) -> None:
    assert list(drawn(record(parameters=strange))) == []


def test_no_records_have_no_pictures() -> None:
    assert pictures_of([]) == []
