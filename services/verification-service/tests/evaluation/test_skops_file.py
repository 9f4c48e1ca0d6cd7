"""skops files: honest ones predict as the estimator does, and nothing that a file names is imported, made or called beyond the list."""

import io
import json
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
import skops.io
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC, LinearSVC

from placet_verification.adapters.evaluation.gates.skops_file import refuse_unsafe
from placet_verification.adapters.evaluation.gates.skops_types import ALWAYS_ALLOWED
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.sessions.skops_session import open_session, preload

from .. import builders
from ..estimators import CLASSIFIERS, fitted, fitted_forest, fitted_regression
from ..tree_models import ROWS, YES

RULES = builders.plan()["artifact"]
MATRIX = ROWS.astype(np.float64)
FOREST = ["sklearn.ensemble._forest.RandomForestClassifier", "sklearn.tree._classes.DecisionTreeClassifier", "sklearn.tree._tree.Tree"]
HONEST = skops.io.dumps(fitted(CLASSIFIERS["scaled"]))


def refused(raw: bytes, **rules: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        refuse_unsafe(raw, RULES | rules)
    return caught.value


def opened(raw: bytes, plan: dict[str, Any] | None = None) -> Any:
    return open_session(raw, plan or builders.plan())


def files_of(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    """An honest file after one change of its description."""
    files = files_of(HONEST)
    schema = json.loads(files["schema.json"])
    change(schema)
    return zipped({**files, "schema.json": json.dumps(schema).encode()})


def holding(module: str, name: str, loader: str, **more: Any) -> bytes:
    """An honest file in which one attribute is something else."""
    node = {"__class__": name, "__module__": module, "__loader__": loader, **more}
    return changed(lambda schema: schema["content"]["content"].update(verbose=node))


NO_KEYS: dict[str, Any] = {"__class__": "list", "__module__": "builtins", "__loader__": "ListNode", "content": []}
NOTHING = {"__class__": "dict", "__module__": "builtins", "__loader__": "DictNode", "content": {}, "key_types": NO_KEYS}
COMMAND = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": '"true"'}
ARGUMENTS = {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": [COMMAND]}


@pytest.mark.parametrize("estimator", CLASSIFIERS.values(), ids=CLASSIFIERS.keys())
def test_an_estimator_predicts_as_it_does_itself(estimator: Any) -> None:
    raw = skops.io.dumps(fitted(estimator))
    refuse_unsafe(raw, RULES)
    assert np.array_equal(opened(raw).run([], {"X": MATRIX})[0], estimator.predict_proba(MATRIX))


def test_a_regression_predicts_its_value() -> None:
    estimator = fitted_regression()
    raw = skops.io.dumps(estimator)
    refuse_unsafe(raw, RULES)
    found = opened(raw, builders.regression(builders.check("mae"))).run([], {"X": MATRIX})[0]
    assert np.array_equal(found, estimator.predict(MATRIX))


def test_types_that_follow_indices_of_the_file_need_the_plan() -> None:
    forest = fitted_forest()
    raw = skops.io.dumps(forest)
    assert refused(raw).facts == {"types": FOREST}
    refuse_unsafe(raw, RULES | {"allow_types": FOREST})
    document = builders.plan(artifact={"allow_types": FOREST})
    assert np.array_equal(opened(raw, document).run([], {"X": MATRIX})[0], forest.predict_proba(MATRIX))
    assert refused(skops.io.dumps(fitted(SVC()))).reason_code == "type_not_allowed"


def test_each_type_of_the_list_is_one() -> None:
    preload(RULES)
    for name in ALWAYS_ALLOWED:
        module, _, attribute = name.rpartition(".")
        found = getattr(sys.modules[module], attribute)
        assert isinstance(found, type), name


ATTACKS = {
    "a function": (holding("os", "system", "FunctionNode", content={}), "part_not_supported"),
    "a function that is called": (holding("os", "system", "ConstructorFromReduceNode", content=ARGUMENTS), "part_not_supported"),
    "a partial function": (
        holding("functools", "partial", "PartialNode", content={"func": NOTHING, "args": ARGUMENTS, "kwds": NOTHING, "namespace": NOTHING}),
        "part_not_supported",
    ),
    "a method": (holding("os", "system", "MethodNode", content={"func": "system", "obj": NOTHING}), "part_not_supported"),
    "attributes by their names": (holding("operator", "attrgetter", "OperatorFuncNode", attrs=ARGUMENTS), "part_not_supported"),
    "a generator of a name": (holding("numpy.random", "seed", "RandomGeneratorNode", content={}), "part_not_supported"),
    "a node that there is not": (holding("os", "system", "NodeOfTheFuture"), "part_not_supported"),
    "an object": (holding("subprocess", "Popen", "ObjectNode", content=NOTHING), "type_not_allowed"),
    "an object of the builtins": (holding("builtins", "eval", "ObjectNode", content=NOTHING), "type_not_allowed"),
    "a type": (holding("os", "system", "TypeNode"), "type_not_allowed"),
    "a kind of list": (holding("os", "system", "ListNode", content=[COMMAND]), "type_not_allowed"),
    "a kind of dictionary": (holding("os", "getcwd", "DictNode", content={}, key_types=NOTHING), "type_not_allowed"),
    "a kind of array": (holding("os", "system", "NdArrayNode", type="numpy", file="a.npy"), "type_not_allowed"),
    "a kind of loss": (holding("os", "system", "LossNode", content=NOTHING, __reduce__={"args": ARGUMENTS}), "type_not_allowed"),
    "a name with dots": (holding("sklearn", "linear_model._logistic.os.system", "TypeNode"), "type_not_allowed"),
    "a reader of other files": (holding("numpy", "load", "TypeNode"), "type_not_allowed"),
    "a node without a type": (changed(lambda schema: schema["content"].pop("__class__")), "not_skops"),
    "a type that is no text": (changed(lambda schema: schema["content"].update(__module__=["os"])), "not_skops"),
}


@pytest.mark.parametrize(("raw", "reason_code"), ATTACKS.values(), ids=ATTACKS.keys())
def test_what_a_file_names_beyond_the_list_is_refused(raw: bytes, reason_code: str) -> None:
    assert refused(raw).reason_code == reason_code


def test_a_type_is_refused_even_where_the_gate_was_passed() -> None:
    """skops reads the file itself."""
    with pytest.raises(Refused) as caught:
        opened(holding("subprocess", "Popen", "ObjectNode", content=NOTHING))
    assert caught.value.facts == {"types": ["subprocess.Popen"]}


def npy_of_objects() -> bytes:
    out = io.BytesIO()
    np.save(out, np.array([print], dtype=object), allow_pickle=True)
    return out.getvalue()


def test_a_pickle_in_an_array_is_not_read() -> None:
    files = files_of(HONEST)
    name = next(name for name in files if name.endswith(".npy"))
    with pytest.raises(Refused) as caught:
        opened(zipped({**files, name: npy_of_objects()}))
    assert caught.value.reason_code == "not_runnable"
    assert "allow_pickle" in caught.value.facts["engine"]


BOMB = zipped({"schema.json": b" " * 10**8 + b"{}"}, zipfile.ZIP_DEFLATED)
NO_SKOPS = {
    "nothing": b"",
    "words": b"not a model",
    "no description": zipped({"a.npy": b""}),
    "a description that is no JSON": zipped({"schema.json": b"{"}),
    "a description that is a list": zipped({"schema.json": b"[]"}),
    "a description without end": zipped({"schema.json": b"[" * 10**6}),
    "a file above": zipped({**files_of(HONEST), "../a.npy": b""}),
    "a folder": zipped({**files_of(HONEST), "a/b.npy": b""}),
    "bytes in front": b"#!/bin/sh\n" + HONEST,
    "bytes behind": HONEST + b"more",
    "no end": HONEST[:-1],
    "the end alone": HONEST[-22:],
    "another way to pack": zipped(files_of(HONEST), zipfile.ZIP_LZMA),
    "a broken file": HONEST.replace(b"LogisticRegression", b"LogisticRegressioN"),
}


@pytest.mark.parametrize("raw", NO_SKOPS.values(), ids=NO_SKOPS.keys())
def test_what_is_no_such_zip_throughout_is_refused(raw: bytes) -> None:
    assert refused(raw).reason_code == "not_skops"


def test_a_name_twice_and_bytes_between_are_refused() -> None:
    out = io.BytesIO(HONEST)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(out, "a") as archive:
        archive.writestr("schema.json", b"{}")
    assert refused(out.getvalue()).reason_code == "not_skops"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.npy", b"hidden")
        archive.writestr("schema.json", b"{}")
        archive.filelist.pop(0)  # the directory does not name it
    assert refused(out.getvalue()).reason_code == "not_skops"


def test_limits_of_file_content_and_nodes_are_the_plans() -> None:
    assert refused(HONEST, max_bytes=len(HONEST) - 1).reason_code == "artifact_too_large"
    assert refused(HONEST, max_initializer_bytes=2000).reason_code == "initializers_too_large"
    assert refused(HONEST, max_nodes=5).reason_code == "too_many_nodes"
    assert len(BOMB) < 200_000
    assert refused(BOMB, max_initializer_bytes=10**7).reason_code == "initializers_too_large"


def test_a_function_in_a_pipeline_is_not_supported() -> None:
    for step in (FunctionTransformer(np.log1p), SelectKBest(k=1)):
        finding = refused(skops.io.dumps(make_pipeline(step, LogisticRegression())))
        assert (finding.reason_code, finding.facts) == ("part_not_supported", {"part": "FunctionNode"})


def test_what_does_not_fit_the_plan_is_refused() -> None:
    named = LogisticRegression().fit(pandas.DataFrame(MATRIX, columns=["b", "a"]), YES)
    words = LogisticRegression().fit(MATRIX, np.array(["no", "yes"])[YES])
    for estimator, what in ((named, "features"), (words, "classes")):
        with pytest.raises(Refused) as caught:
            opened(skops.io.dumps(estimator))
        assert (caught.value.reason_code, caught.value.facts["what"]) == ("signature_mismatch", what)
    unfit = (LogisticRegression(), fitted(LinearSVC()), {"a": 1})
    for one in unfit:
        with pytest.raises(Refused) as caught:
            opened(skops.io.dumps(one), builders.plan(artifact={"allow_types": ["sklearn.svm._classes.LinearSVC"]}))
        assert caught.value.reason_code == "not_runnable"


def test_a_type_of_the_plan_that_there_is_not_ends_the_run() -> None:
    with pytest.raises(Refused) as caught:
        preload(RULES | {"allow_types": ["library_of_nobody.Type"]})
    assert caught.value.reason_code == "format_not_installed"


@pytest.mark.parametrize("name", ["calibrated", "by column"])
async def test_an_estimator_is_tried_in_the_confined_child(tmp_path: Path, name: str) -> None:
    raw = skops.io.dumps(fitted(CLASSIFIERS[name]))
    one = builders.trial(tmp_path, raw, builders.labelled_rows(), builders.plan(), format_="skops")
    found = builders.evaluation_of(await builders.evaluated(one))
    assert found.measured["roc_auc"]["value"] > 0.8
    assert found.engine_versions["skops"] == skops.__version__
