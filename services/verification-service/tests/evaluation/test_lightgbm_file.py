"""LightGBM files: what the gate lets through predicts as the library does, and what would lead its loader astray is refused."""

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas
import pytest

from placet_verification.adapters.evaluation.gates.lightgbm_file import MULTICLASS, PROBABILITY, VALUE, refuse_unsafe
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.sessions.lightgbm_session import open_session

from .. import builders
from ..tree_models import ROWS, YES, changed_text, lightgbm_text, lightgbm_trained, of_categories

RULES = builders.plan()["artifact"]
OTHER_WAYS: list[dict[str, Any]] = [
    {"boosting": "dart"},
    {"boosting": "rf", "bagging_fraction": 0.5, "bagging_freq": 1},
    {"data_sample_strategy": "goss"},
    {"min_data_in_leaf": 500},
    {"monotone_constraints": [1, 0]},
    {"reg_sqrt": True, "objective": "regression"},
    {"categories": True},
]
HONEST = lightgbm_text()
CATEGORIES = lightgbm_text(categories=True)


def refused(raw: bytes, **rules: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        refuse_unsafe(raw, RULES | rules)
    return caught.value


def line_of(raw: bytes, name: str) -> list[str]:
    """The values of the first line of this name."""
    return next(line.removeprefix(f"{name}=") for line in raw.decode().split("\n") if line.startswith(f"{name}=")).split(" ")


def with_value(name: str, place: int, value: str, raw: bytes = HONEST) -> bytes:
    values = line_of(raw, name)
    values[place] = value
    return changed_text(raw, f"{name}=.*", f"{name}={' '.join(values)}")


@pytest.mark.parametrize("objective", sorted(PROBABILITY | MULTICLASS | VALUE))
def test_every_known_objective_predicts_as_the_library_does(objective: str) -> None:
    booster = lightgbm_trained(objective)
    raw = booster.model_to_string().encode()
    refuse_unsafe(raw, RULES)
    session = open_session(raw, builders.plan())
    assert np.array_equal(session.run([], {"X": ROWS})[0], booster.predict(ROWS))
    assert session.outputs[0].shape == ([None, 3] if objective in MULTICLASS else [None])


@pytest.mark.parametrize("parameters", OTHER_WAYS, ids=lambda given: next(iter(given)))
def test_other_ways_to_grow_trees_predict_as_the_library_does(parameters: dict[str, Any]) -> None:
    """Trees of one leaf, and splits by categories that stand as numbers in their column."""
    booster = lightgbm_trained(**parameters)
    rows = of_categories() if "categories" in parameters else ROWS
    raw = booster.model_to_string().encode()
    assert (b"num_cat=1" in raw or b"num_cat=2" in raw) == ("categories" in parameters)
    refuse_unsafe(raw, RULES)
    assert np.array_equal(open_session(raw, builders.plan()).run([], {"X": rows})[0], booster.predict(rows))


def test_what_the_estimator_writes_passes_and_predicts_the_same() -> None:
    frame = pandas.DataFrame(ROWS, columns=["a column", "b"])
    estimator = lightgbm.LGBMClassifier(n_estimators=2, n_jobs=1, verbose=-1).fit(frame, YES)
    raw = estimator.booster_.model_to_string().encode()
    refuse_unsafe(raw, RULES)
    session = open_session(raw, builders.plan(inputs=[{"name": "X", "columns": ["a column", "b"]}]))
    assert session.run([], {"X": ROWS})[0] == pytest.approx(np.asarray(estimator.predict_proba(frame))[:, 1])


INNER, LEAVES = 4, 5
SPLIT = line_of(CATEGORIES, "decision_type").index("1")
LIES = {
    "a left child out of range": with_value("left_child", 0, "1000000000"),
    "a right child out of range": with_value("right_child", 0, str(INNER)),
    "a leaf out of range": with_value("left_child", 1, f"-{LEAVES + 1}"),
    "a leaf far out of range": with_value("left_child", 1, "-2147483648"),
    "the root as a child": with_value("left_child", 0, "0"),
    "a leaf twice": changed_text(HONEST, "left_child=.*", "left_child=1 -1 -1 -1"),
    "a way back": changed_text(HONEST, "left_child=.*", "left_child=1 2 1 -1"),
    "a feature out of range": with_value("split_feature", 0, "2"),
    "a negative feature": with_value("split_feature", 0, "-1"),
    "a shorter array": changed_text(HONEST, "left_child=.*", "left_child=1"),
    "a longer array": with_value("threshold", 0, "1 2"),
    "no array": changed_text(HONEST, "right_child=.*", "right_child="),
    "more leaves than arrays": changed_text(HONEST, "num_leaves=5", "num_leaves=1000000000"),
    "no leaves": changed_text(HONEST, "num_leaves=5", "num_leaves=0"),
    "less than no leaves": changed_text(HONEST, "num_leaves=5", "num_leaves=-3"),
    "fewer leaves": with_value("leaf_value", 0, "1 2"),
    "counts of other leaves": changed_text(HONEST, "leaf_count=.*", "leaf_count=1"),
    "gains of other splits": changed_text(HONEST, "split_gain=.*", "split_gain=1"),
    "a split of no known kind": with_value("decision_type", 0, "16"),
    "a split by categories where there are none": with_value("decision_type", 0, "1"),
    "a set of categories that there is not": with_value("threshold", SPLIT, "7", CATEGORIES),
    "part of a set of categories": with_value("threshold", SPLIT, "0.5", CATEGORIES),
    "categories beyond the list": with_value("cat_boundaries", -1, "100", CATEGORIES),
    "categories before the list": with_value("cat_boundaries", 0, "-1", CATEGORIES),
    "more sets than boundaries": changed_text(CATEGORIES, "num_cat=[1-4]", "num_cat=900000000"),
    "a category that is too large": with_value("cat_threshold", 0, "9999999999", CATEGORIES),
    "more features than names": changed_text(HONEST, "max_feature_idx=1", "max_feature_idx=7"),
    "less than no features": changed_text(HONEST, "max_feature_idx=1", "max_feature_idx=-5"),
    "fewer descriptions": changed_text(HONEST, "feature_infos=.*", "feature_infos=none"),
    "classes where the objective has none": changed_text(HONEST, "num_class=1", "num_class=3"),
    "several trees an iteration": changed_text(HONEST, "num_tree_per_iteration=1", "num_tree_per_iteration=3"),
    "no trees an iteration": changed_text(HONEST, "num_tree_per_iteration=1", "num_tree_per_iteration=0"),
    "other classes in the objective": changed_text(lightgbm_text("multiclass"), "objective=.*", "objective=multiclass num_class:7"),
    "no classes in the objective": changed_text(lightgbm_text("multiclass"), "objective=.*", "objective=multiclass"),
}


@pytest.mark.parametrize("raw", LIES.values(), ids=LIES.keys())
def test_a_tree_that_would_lead_the_loader_astray_is_refused(raw: bytes) -> None:
    assert refused(raw).reason_code == "tree_malformed"


NO_TEXT = {
    "nothing": b"",
    "another first line": HONEST.replace(b"tree\n", b"forest\n", 1),
    "another encoding": HONEST.decode().encode("utf-16"),
    "a null": HONEST + b"\0",
    "other ends of lines": HONEST.replace(b"\n", b"\r\n"),
    "no trees": HONEST[: HONEST.index(b"Tree=0")],
    "no end of the trees": HONEST.replace(b"end of trees\n", b""),
    "no end of the parameters": HONEST.replace(b"end of parameters", b"[a: 1]"),
    "no sizes of the trees": HONEST.replace(b"tree_sizes=", b"tree_sizes=-"),
    "trees elsewhere": HONEST.replace(b"tree_sizes=", b"tree_sizes=1"),
    "another number of a tree": HONEST.replace(b"Tree=1", b"Tree=0"),
    "a field twice": changed_text(HONEST, "num_cat=0", "num_leaves=5"),
    "a field without a value": changed_text(HONEST, "num_cat=0", "num_cat"),
    "a number that is none": with_value("left_child", 0, "1e3"),
    "a number with a sign more": with_value("left_child", 0, "+1"),
    "two spaces": with_value("left_child", 0, " 1"),
    "a threshold that is none": with_value("threshold", 0, "0x10"),
    "digits of another script": changed_text(HONEST, "num_leaves=5", "num_leaves=٥"),
    "categories that are no JSON": HONEST.replace(b"pandas_categorical:null", b"pandas_categorical:{"),
    "categories without end": HONEST.replace(b"pandas_categorical:null", b"pandas_categorical:" + b"[" * 10**6),
}


@pytest.mark.parametrize("raw", NO_TEXT.values(), ids=NO_TEXT.keys())
def test_what_is_no_such_text_throughout_is_refused(raw: bytes) -> None:
    assert refused(raw).reason_code == "not_lightgbm"


@pytest.mark.parametrize(
    "raw",
    [
        changed_text(HONEST, "label_index=0", "smuggled=0"),
        changed_text(HONEST, "num_cat=0", "smuggled=0"),
        changed_text(HONEST, "num_class=1", "num_class=1=1"),
        HONEST.replace(b"end of trees\n", b"end of trees\nsmuggled\n"),
        HONEST.replace(b"feature_importances:\n", b"feature_importances:\nsmuggled\n"),
        HONEST.replace(b"parameters:\n", b"parameters:\nsmuggled\n", 1),
        HONEST + b"parser:\nsmuggled\nend of parser\n",
        HONEST + b"smuggled",
    ],
)
def test_a_field_that_lightgbm_does_not_write_is_refused(raw: bytes) -> None:
    assert refused(raw).reason_code == "unknown_fields"


@pytest.mark.parametrize("objective", ["lambdarank", "rank_xendcg", "cross_entropy_lambda", "custom", "binary /etc/passwd", ""])
def test_an_objective_whose_output_has_no_meaning_here_is_refused(objective: str) -> None:
    finding = refused(changed_text(HONEST, "objective=.*", f"objective={objective}"))
    assert (finding.reason_code, finding.facts) == ("objective_not_supported", {"objective": objective})


def test_parts_that_are_not_evaluated_are_refused() -> None:
    frame = pandas.DataFrame({"a": pandas.Categorical(["x", "y"] * 50), "b": range(100)})
    of_a_frame = lightgbm.LGBMClassifier(n_estimators=2, n_jobs=1, verbose=-1).fit(frame, [0, 1] * 50).booster_
    linear = lightgbm_text(linear_tree=True)
    found = {
        "categories of a data frame": of_a_frame.model_to_string().encode(),
        "linear trees": changed_text(HONEST, "is_linear=0", "is_linear=1"),
    }
    for part, raw in found.items():
        assert (refused(raw).reason_code, refused(raw).facts) == ("part_not_supported", {"part": part})
    assert refused(linear).reason_code in ("part_not_supported", "unknown_fields")
    assert refused(HONEST.replace(b"[linear_tree: 0]", b"[linear_tree: 1]")).reason_code == "part_not_supported"


def test_every_cut_of_an_honest_file_is_refused() -> None:
    for end in range(0, HONEST.index(b"end of trees"), 11):
        assert refused(HONEST[:end]).reason_code in ("not_lightgbm", "unknown_fields")


def test_limits_of_file_and_nodes_are_the_plans() -> None:
    assert refused(HONEST, max_bytes=len(HONEST) - 1).reason_code == "artifact_too_large"
    assert refused(HONEST, max_nodes=3 * (INNER + LEAVES) - 1).reason_code == "too_many_nodes"
    refuse_unsafe(HONEST, RULES | {"max_nodes": 3 * (INNER + LEAVES)})


def test_features_are_the_plans_columns_in_their_order() -> None:
    with pytest.raises(Refused) as caught:
        open_session(HONEST, builders.plan(inputs=[{"name": "X", "columns": ["b", "a"]}]))
    assert caught.value.reason_code == "signature_mismatch"
    unnamed = changed_text(HONEST, "feature_names=.*", "feature_names=Column_0 Column_1")
    assert open_session(unnamed, builders.plan()).inputs[0].shape == [None, 2]


async def test_a_model_is_tried_in_the_confined_child(tmp_path: Path) -> None:
    document = builders.plan(checks=[builders.check("roc_auc"), {"id": "latency", "check": "latency"}])
    one = builders.trial(tmp_path, lightgbm_text(), builders.labelled_rows(), document, format_="lightgbm")
    found = builders.evaluation_of(await builders.evaluated(one))
    assert found.measured["roc_auc"]["value"] > 0.8
    assert found.observed["latency"]["one_row"]["calls"] > 0
    assert found.engine_versions["lightgbm"] == lightgbm.__version__


def test_whole_numbers_are_not_rounded_on_their_way() -> None:
    booster = lightgbm_trained("regression")
    rows = np.array([[2**24 + 1, -(2**24) - 1]], dtype=np.int64)
    found = open_session(booster.model_to_string().encode(), builders.plan()).run([], {"X": rows})[0]
    assert np.array_equal(found, booster.predict(rows.astype(np.float64)))
