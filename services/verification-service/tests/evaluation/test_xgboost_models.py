"""XGBoost models that the gate lets through: they predict as the library does, under a plan that fits them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
import xgboost

from placet_verification.adapters.evaluation.gates.xgboost_file import MULTICLASS, PROBABILITY, VALUE, refuse_unsafe
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.sessions.xgboost_session import open_session

from .. import builders, onnx_models
from ..tree_models import NAMES, ROWS, THREE, YES, trained, xgboost_json, xgboost_ubj

RULES = builders.plan()["artifact"]
HONEST = xgboost_json()
SEVERAL = {"booster": "dart", "rate_drop": 0.5}, {"tree_method": "exact", "gamma": 3.0}, {"num_parallel_tree": 3, "subsample": 0.5}


@pytest.mark.parametrize("objective", sorted(PROBABILITY | MULTICLASS | VALUE))
@pytest.mark.parametrize("form", ["json", "ubj"])
def test_every_known_objective_predicts_as_the_library_does(objective: str, form: str) -> None:
    parameters: dict[str, Any] = {"quantile_alpha": 0.3} if objective == "reg:quantileerror" else {}
    booster = trained(objective, **parameters)
    raw = bytes(booster.save_raw(form))
    refuse_unsafe(raw, RULES)
    found = open_session(raw, builders.plan()).run([], {"X": ROWS})[0]
    expected = booster.predict(xgboost.DMatrix(ROWS, feature_names=NAMES))
    if objective == "multi:softmax":
        assert found.shape == (len(ROWS), 3)
        assert np.array_equal(found.argmax(axis=1), expected)
        assert found.sum(axis=1) == pytest.approx(np.ones(len(ROWS)), abs=1e-6)
    else:
        assert np.array_equal(found, expected)


@pytest.mark.parametrize("parameters", SEVERAL, ids=lambda given: next(iter(given)))
@pytest.mark.parametrize("objective", ["binary:logistic", "multi:softprob"])
def test_other_ways_to_grow_trees_predict_as_the_library_does(objective: str, parameters: dict[str, Any]) -> None:
    """Dropped trees, trees with nodes that pruning took out, forests."""
    booster = trained(objective, **parameters)
    for form in ("json", "ubj"):
        raw = bytes(booster.save_raw(form))
        refuse_unsafe(raw, RULES)
        found = open_session(raw, builders.plan()).run([], {"X": ROWS})[0]
        assert found == pytest.approx(booster.predict(xgboost.DMatrix(ROWS, feature_names=NAMES)), abs=1e-6)


def test_what_the_estimators_write_passes_and_predicts_the_same() -> None:
    frame = pandas.DataFrame(ROWS, columns=NAMES)
    for estimator, truth in ((xgboost.XGBClassifier(n_estimators=2), THREE), (xgboost.XGBRFClassifier(n_estimators=2), YES)):
        fitted = estimator.set_params(n_jobs=1).fit(frame, truth)
        expected = fitted.predict_proba(frame) if truth is THREE else fitted.predict_proba(frame)[:, 1]
        for form in ("json", "ubj"):
            raw = bytes(fitted.get_booster().save_raw(form))
            refuse_unsafe(raw, RULES)
            assert open_session(raw, builders.plan()).run([], {"X": ROWS})[0] == pytest.approx(expected, abs=1e-6)


def test_features_are_the_plans_columns_in_their_order() -> None:
    for names, place, found in ((["b", "a"], 1, "b, a"), (["a", "c"], 2, "c")):
        with pytest.raises(Refused) as caught:
            open_session(xgboost_json(names=names), builders.plan())
        assert caught.value.facts["place"] == place
        assert caught.value.facts["found"] == found
    assert open_session(xgboost_json(names=None), builders.plan()).inputs[0].shape == [None, 2]


async def test_a_model_is_tried_in_the_confined_child_whatever_the_plan_calls_its_output(tmp_path: Path) -> None:
    document = builders.plan(
        checks=[builders.check("roc_auc"), {"id": "champion", "check": "champion"}, {"id": "r", "check": "reproducible"}]
    )
    one = builders.trial(tmp_path, xgboost_ubj(), builders.labelled_rows(), document, format_="xgboost")
    report = await builders.evaluated(builders.with_champion(one, tmp_path, onnx_models.logistic()))
    found = builders.evaluation_of(report)
    assert found.measured["roc_auc"]["value"] > 0.8
    assert found.measured["champion"]["reason_code"] is None
    assert found.measured["r"]["again"]["rows"] == 0
    assert found.engine_versions["xgboost"] == xgboost.__version__
    assert "onnxruntime" in found.engine_versions


def test_what_does_not_fit_the_plan_is_refused(tmp_path: Path) -> None:
    labels = builders.plan(prediction={"scores": "P", "labels": "L", "classes": ["0", "1"], "positive": "1"})
    texts = builders.plan(inputs=[{"name": "X", "columns": ["a", "b"], "type": "string"}])
    two = builders.plan(inputs=[{"name": "X", "columns": ["a"]}, {"name": "Z", "columns": ["b"]}])
    three = xgboost_json("multi:softprob")
    wide = bytes(xgboost.train({"nthread": 1, "objective": "binary:logistic"}, xgboost.DMatrix(np.c_[ROWS, ROWS], YES), 1).save_raw("json"))
    binary = builders.plan()
    for document, raw in ((labels, HONEST), (texts, HONEST), (two, HONEST), (binary, three), (binary, wide)):
        found = builders.measured_here(builders.trial(tmp_path, raw, builders.labelled_rows(), document, format_="xgboost"))
        assert getattr(found, "reason_code", None) == "signature_mismatch"


def test_a_registered_signature_names_what_the_file_does_not(tmp_path: Path) -> None:
    def declared(type_: str, shape: list[Any], names: tuple[str, ...] = ("rows",)) -> Any:
        signature = {"inputs": [{"name": name, "type": type_, "shape": shape} for name in names], "outputs": []}
        one = builders.trial(tmp_path, HONEST, builders.labelled_rows(), builders.plan(), signature, format_="xgboost")
        return getattr(builders.measured_here(one), "reason_code", None)

    assert declared("float32", [None, 2]) is declared("double", []) is None
    assert {declared("float32", [None, 3]), declared("string", [None, 2]), declared("float", [None, 2], ("a", "b"))} == {
        "signature_mismatch"
    }
