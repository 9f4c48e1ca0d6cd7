"""XGBoost files: what would lead the library's loader astray, or is no such file throughout, is refused before it is loaded."""

import json
from typing import Any

import pandas
import pytest
import xgboost

from placet_verification.adapters.evaluation.gates.ubjson import DEPTH, read_ubjson
from placet_verification.adapters.evaluation.gates.xgboost_file import refuse_unsafe
from placet_verification.adapters.evaluation.refused import Refused

from .. import builders
from ..tree_models import ROWS, Change, Document, changed_json, in_ubj, xgboost_json, xgboost_ubj

RULES = builders.plan()["artifact"]


def refused(raw: bytes, **rules: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        refuse_unsafe(raw, RULES | rules)
    return caught.value


def learner(document: Document) -> Document:
    found: Document = dict(document)["learner"]
    return found


def model(document: Document) -> Document:
    found: Document = learner(document)["gradient_booster"]["model"]
    return found


def tree(document: Document) -> Document:
    found: Document = model(document)["trees"][1]
    return found


def setting(part: Any, name: str, place: int, value: Any) -> Change:
    """Another value in an array of the second tree, or of the model."""
    return lambda document: part(document)[name].__setitem__(place, value)


def having(part: Any, **values: Any) -> Change:
    return lambda document: part(document).update(values)


def objective_is(name: str, **more: Any) -> Change:
    return lambda document: learner(document).update(objective={"name": name, **more})


LIES: dict[str, Change] = {
    "a left child out of range": setting(tree, "left_children", 0, 2**30),
    "a right child out of range": setting(tree, "right_children", 0, 10**9),
    "a negative child": setting(tree, "left_children", 0, -2),
    "one child": setting(tree, "left_children", 0, -1),
    "the root as a child": setting(tree, "left_children", 0, 0),
    "a child twice": lambda document: tree(document)["right_children"].__setitem__(0, tree(document)["left_children"][0]),
    "a way back": lambda document: tree(document)["left_children"].__setitem__(tree(document)["left_children"][0], 1),
    "no parent": setting(tree, "parents", 1, 2**31 - 1),
    "a feature out of range": setting(tree, "split_indices", 0, 2),
    "a negative feature": setting(tree, "split_indices", 0, -1),
    "a feature that overflows": setting(tree, "split_indices", 0, 2**31),
    "more nodes than arrays": lambda document: tree(document)["tree_param"].update(num_nodes="999999999"),
    "no nodes": lambda document: tree(document)["tree_param"].update(num_nodes="0"),
    "a shorter array": lambda document: tree(document)["sum_hessian"].pop(),
    "features of its own": lambda document: tree(document)["tree_param"].update(num_feature="7"),
    "another's id": having(tree, id=0),
    "a group that there is not": setting(model, "tree_info", 1, 1),
    "a negative group": setting(model, "tree_info", 1, -1),
    "fewer groups than trees": lambda document: model(document)["tree_info"].pop(),
    "more trees than there are": lambda document: model(document)["gbtree_model_param"].update(num_trees="4"),
    "more parallel trees than trees": lambda document: model(document)["gbtree_model_param"].update(num_parallel_tree="500000000"),
    "no iterations": having(model, iteration_indptr=[]),
    "iterations beyond the trees": having(model, iteration_indptr=[0, 1, 2, 10**6]),
    "iterations that go back": having(model, iteration_indptr=[0, 10**6, 2, 3]),
    "classes where the objective has none": lambda document: learner(document)["learner_model_param"].update(num_class="3"),
    "intercepts of other classes": lambda document: learner(document)["learner_model_param"].update(base_score="[1E0,2E0]"),
    "weights of other trees": having(model, weight_drop=[1.0]),
    "names of other features": lambda document: learner(document).update(feature_names=["a"]),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_tree_that_would_lead_the_loader_astray_is_refused(lie: Change) -> None:
    raw = changed_json(lie)
    assert refused(raw).reason_code == "tree_malformed"
    assert refused(in_ubj(json.loads(raw))).reason_code == "tree_malformed"


def test_weights_of_dart_are_as_many_as_trees() -> None:
    honest = xgboost_json(booster="dart")
    refuse_unsafe(honest, RULES)
    lie = changed_json(lambda document: learner(document)["gradient_booster"]["weight_drop"].pop(), honest)
    assert refused(lie).reason_code == "tree_malformed"


def test_an_objective_has_the_classes_of_the_learner() -> None:
    """It transforms margins into probabilities by rows of its own number of classes."""
    honest = xgboost_json("multi:softprob")
    for classes in ("2", "4", "1000000", ""):
        lie = changed_json(objective_is("multi:softprob", softmax_multiclass_param={"num_class": classes}), honest)
        assert refused(lie).reason_code == ("tree_malformed" if classes else "not_xgboost")
    assert refused(changed_json(objective_is("multi:softprob", softmax_multiclass_param={}), honest)).reason_code == "not_xgboost"
    assert (
        refused(changed_json(objective_is("multi:softprob", softmax_multiclass_param={"num_class": "1"}))).reason_code == "tree_malformed"
    )


@pytest.mark.parametrize("name", ["rank:pairwise", "survival:cox", "binary:logitraw", "binary:hinge", "multi:other", ""])
def test_an_objective_whose_output_has_no_meaning_here_is_refused(name: str) -> None:
    finding = refused(changed_json(objective_is(name)))
    assert (finding.reason_code, finding.facts) == ("objective_not_supported", {"objective": name})


def test_parts_that_are_not_evaluated_are_refused() -> None:
    categorical = pandas.DataFrame({"a": pandas.Categorical(["x", "y"] * 50), "b": range(100)})
    with_categories = xgboost.XGBClassifier(n_estimators=2, enable_categorical=True, n_jobs=1).fit(categorical, [0, 1] * 50)
    two_targets = xgboost.XGBRegressor(n_estimators=2, n_jobs=1).fit(ROWS, ROWS)
    vectors = xgboost.XGBRegressor(n_estimators=2, n_jobs=1, multi_strategy="multi_output_tree").fit(ROWS, ROWS)
    found = {
        "categorical splits": bytes(with_categories.get_booster().save_raw("json")),
        "several targets": bytes(two_targets.get_booster().save_raw("ubj")),
        "booster gblinear": changed_json(lambda document: learner(document)["gradient_booster"].update(name="gblinear")),
        "several values a leaf": changed_json(lambda document: tree(document)["tree_param"].update(size_leaf_vector="2")),
    }
    for part, raw in found.items():
        assert (refused(raw).reason_code, refused(raw).facts) == ("part_not_supported", {"part": part})
    assert refused(bytes(vectors.get_booster().save_raw("json"))).reason_code == "part_not_supported"
    assert refused(changed_json(setting(tree, "split_type", 0, 1))).reason_code == "part_not_supported"
    assert refused(changed_json(having(tree, categories=[1]))).reason_code == "part_not_supported"


@pytest.mark.parametrize("part", [dict, learner, model, tree], ids=["top", "learner", "model", "tree"])
def test_a_field_that_xgboost_does_not_write_is_refused(part: Any) -> None:
    def smuggle(document: Document) -> None:
        (document if part is dict else part(document))["smuggled"] = "content"

    assert refused(changed_json(smuggle)).reason_code == "unknown_fields"


def test_a_field_that_is_missing_or_of_another_type_is_refused() -> None:
    for change in (
        lambda document: document.pop("version"),
        lambda document: learner(document).pop("objective"),
        lambda document: tree(document).pop("parents"),
        having(tree, parents={"0": 1}),
        setting(tree, "split_conditions", 0, "1E0"),
        setting(tree, "left_children", 0, 1.0),
        setting(tree, "left_children", 0, 10**40),
        setting(tree, "split_conditions", 0, None),
        lambda document: learner(document)["learner_model_param"].update(num_feature="-2"),
        lambda document: learner(document)["learner_model_param"].update(base_score="[nan]"),
        lambda document: learner(document).update(attributes={"a": 1}),
    ):
        assert refused(changed_json(change)).reason_code == "not_xgboost"


HONEST = xgboost_json()
NO_JSON = {
    "nothing": b"",
    "words": b"not a model",
    "a picture": b"\x89PNG\r\n\x1a\n",
    "a list": b"[]",
    "no end": HONEST[:-1],
    "more after the end": HONEST + b" {}",
    "a name twice": HONEST[:-1] + b',"version":[1,0,0]}',
    "a mark in front": b"\xef\xbb\xbf" + HONEST,
    "another encoding": HONEST.decode().encode("utf-16"),
    "nested a million times": b'{"learner":' + b"[" * 10**6,
    "a number of a million digits": b'{"learner":' + b"1" * 10**6 + b"}",
    "objects without end": b'{"a":' * 10**5,
}


@pytest.mark.parametrize("raw", NO_JSON.values(), ids=NO_JSON.keys())
def test_what_is_no_json_throughout_is_refused(raw: bytes) -> None:
    assert refused(raw).reason_code == "not_xgboost"


def length(number: int) -> bytes:
    return b"L" + number.to_bytes(8, "big", signed=True)


NO_UBJ = {
    "a length beyond the end": b"{" + length(2**40) + b"learner}",
    "a negative length": b"{" + length(-1) + b"learner}",
    "a text beyond the end": b"{" + length(1) + b"aS" + length(100) + b"x}",
    "an array beyond the end": b"{" + length(1) + b"a[$l#" + length(2**62) + b"}",
    "an array of nothing without end": b"{" + length(1) + b"a[#" + length(2**40) + b"Z}",
    "an array of texts of one type": b"{" + length(1) + b"a[$S#" + length(1) + b"}",
    "a name twice": b"{" + (length(1) + b"aZ") * 2 + b"}",
    "a number of many digits": b"{" + length(1) + b"aH" + length(1) + b"1}",
    "a short length": b"{U\x01aZ}",
    "no end": b"{" + length(1) + b"aZ",
    "a number without its end": b"{" + length(1) + b"aL\x00",
    "more after the end": b"{}Z",
    "nested too deeply": (b"{" + length(1) + b"a") * (DEPTH + 1),
    "arrays without end": b"{" + length(1) + b"a" + b"[" * 10**6,
    "no text": b"{" + length(1) + b"\xff" + b"Z}",
}


@pytest.mark.parametrize("raw", NO_UBJ.values(), ids=NO_UBJ.keys())
def test_what_is_no_ubj_throughout_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        read_ubjson(raw)
    assert refused(raw).reason_code == "not_xgboost"


def test_every_cut_of_an_honest_file_is_refused() -> None:
    raw = xgboost_ubj(rounds=1)
    for end in range(0, len(raw), 7):
        assert refused(raw[:end]).reason_code in ("not_xgboost", "tree_malformed")


def test_limits_of_file_and_nodes_are_the_plans() -> None:
    assert refused(HONEST, max_bytes=len(HONEST) - 1).reason_code == "artifact_too_large"
    finding = refused(HONEST, max_nodes=20)
    assert (finding.reason_code, finding.facts["allowed"]) == ("too_many_nodes", 20)


def test_a_file_that_is_another_formats_too_is_refused() -> None:
    hdf5 = b"\x89HDF\r\n\x1a\n"
    padded = changed_json(lambda document: learner(document)["attributes"].update(note="x" * 600))
    assert refused(padded[:512] + hdf5 + padded[512:]).facts == {"other": "HDF5"}
    tar = in_ubj({"learner": "x" * 300})
    assert refused(tar[:257] + b"ustar" + tar[262:]).facts == {"other": "TAR"}
